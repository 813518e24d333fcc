/** The serial console over the network, against the BMC of the tests. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as rest } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startRelay } from '../../support/bmc/start.ts'
import { aBmc, aDriver, aTarget, closeAfter, faultOf, someTools } from './systems.ts'

/** A console, what it has said so far, and how to end it. */
async function open(bmc: { readonly address: string }, options = '') {
  const end = new AbortController()
  const stream: Duplex = await aDriver().console(aTarget(bmc, { options }), someTools(end.signal))
  let text = ''
  stream.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  return { stream, end, said: () => text, closed: once(stream, 'close') }
}

describe('the console', () => {
  test('says what the machine says, and tells it what is typed', async () => {
    const bmc = await aBmc({ banner: 'login: ' })
    const console = await open(bmc)
    console.stream.write('root\r')
    await expect.poll(console.said).toContain('root\r')
    expect(console.said()).toContain('login: ')
    expect(bmc.serial.typed()).toBe('root\r')
  })

  test('takes a long text in the order it was typed, though little fits in a packet', async () => {
    const bmc = await aBmc({ serialRoom: 13 })
    const console = await open(bmc)
    const text = Array.from({ length: 100 }, (_, i) => `line ${i}\r\n`).join('')
    console.stream.write(text)
    await expect.poll(console.said, { timeout: 10_000 }).toBe(text)
    expect(bmc.serial.typed()).toBe(text)
  })

  test('loses nothing where every sixth packet is lost', { timeout: 60_000 }, async () => {
    const bmc = await aBmc()
    const relay = closeAfter(await startRelay(bmc.port, 6, 7))
    const console = await open(relay)
    const text = Array.from({ length: 20 }, (_, i) => `line ${i}\r\n`).join('')
    console.stream.write(text)
    await expect.poll(console.said, { timeout: 50_000 }).toBe(text)
    expect(bmc.serial.typed()).toBe(text)
    expect(relay.lost()).toBeGreaterThan(0)
    relay.isLossy = false
  })

  test('ends with the signal, and is free for others then', async () => {
    const bmc = await aBmc()
    const console = await open(bmc)
    expect(bmc.serial.isOpen()).toBe(true)
    console.end.abort()
    await console.closed
    expect(bmc.serial.isOpen()).toBe(false)
    expect(bmc.sessions()).toBe(0)
    await open(bmc)
  })

  test('ends with the driver', async () => {
    const bmc = await aBmc()
    const driver = aDriver()
    const stream = await driver.console(aTarget(bmc), someTools())
    const closed = once(stream, 'close')
    await driver.close()
    await closed
    expect(bmc.sessions()).toBe(0)
  })

  test('that somebody else has open is not taken away', async () => {
    const bmc = await aBmc()
    await open(bmc)
    const error = await faultOf(aDriver().console(aTarget(bmc), someTools()))
    expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('somebody else has it open') })
    expect(bmc.sessions()).toBe(1)
  })

  test('comes back after the BMC was restarted, with what was typed meanwhile', { timeout: 60_000 }, async () => {
    const bmc = await aBmc({ banner: 'login: ' })
    const driver = aDriver({ keepAlive: 200 })
    const stream = await driver.console(aTarget(bmc), someTools())
    let text = ''
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    await expect.poll(() => text).toBe('login: ')
    bmc.forget()
    stream.write('still here\r')
    await expect.poll(() => text, { timeout: 40_000 }).toContain('still here\r')
    // It is the machine's greeting once more: a console of its own.
    await expect.poll(() => text.split('login: ')).toHaveLength(3)
    expect(stream.destroyed).toBe(false)
  })

  test('waits with what nobody reads, and loses none of it', { timeout: 30_000 }, async () => {
    const bmc = await aBmc()
    const end = new AbortController()
    const stream = await aDriver().console(aTarget(bmc), someTools(end.signal))
    const text = 'x'.repeat(100_000)
    bmc.serial.print(text)
    await rest(300)
    // A stream holds 64 KiB (highWaterMark) and what came with the last packet.
    expect(stream.readableLength).toBeLessThan(70_000)
    let length = 0
    stream.on('data', (bytes: Buffer) => {
      length += bytes.length
    })
    await expect.poll(() => length, { timeout: 20_000 }).toBe(text.length)
  })

  test('needs the privilege, and asks for more by itself', async () => {
    const bmc = await aBmc({ users: [{ name: 'admin', password: 'other', privilege: 4 }] })
    const error = await faultOf(aDriver().console(aTarget(bmc), someTools()))
    expect(error.fault).toBe('wrong-password')
  })
})

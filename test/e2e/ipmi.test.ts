/**
 * IPMI between programs that did not see each other's sources: Debian's ipmitool asks the BMC of these tests, which shows
 * that it is one, and the driver asks Debian's ipmi_sim; both over a way that loses packets, too.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { aBmc, aDriver, aTarget, closeAfter, faultOf, someTools } from '../power/ipmi/systems.ts'
import type { BmcOptions } from '../support/bmc/bmc.ts'
import { startRelay, startSimulator } from '../support/bmc/start.ts'
import { needPackages } from '../support/debian.ts'

beforeAll(() => needPackages('ipmitool', 'openipmi'))

const tools = someTools(AbortSignal.timeout(170_000))

/** The password by the environment, as it should be. */
function ipmitool(port: number, suite: string, words: string, password = 'secret'): Promise<string> {
  return exec('ipmitool', argumentsOf(port, suite, words), { env: { IPMI_PASSWORD: password }, timeout: 60_000 })
}

function argumentsOf(port: number, suite: string, words: string): string[] {
  const choice = suite === '' ? [] : ['-C', suite]
  return ['-I', 'lanplus', '-H', '127.0.0.1', '-p', `${port}`, '-U', 'admin', '-E', ...choice, ...words.split(' ')]
}

describe.each([
  ['3', { suites: [0, 3, 17] }],
  ['17', { suites: [0, 3, 17] }],
  ['', { suites: [3, 17] }],
] as const)('ipmitool with cipher suite "%s" takes the BMC of the tests for one', (suite, options: BmcOptions) => {
  test('for power', async () => {
    const bmc = await aBmc(options)
    const ask = (words: string) => ipmitool(bmc.port, suite, words)
    expect(await ask('chassis power status')).toBe('Chassis Power is off\n')
    expect(await ask('chassis power on')).toContain('Up/On')
    expect(await ask('chassis power status')).toBe('Chassis Power is on\n')
    expect(await ask('chassis power cycle')).toContain('Cycle')
    expect(await ask('chassis power off')).toContain('Down/Off')
    expect(await ask('chassis power status')).toBe('Chassis Power is off\n')
    expect(bmc.chassis.orders).toEqual(['on', 'cycle', 'off'])
    expect(bmc.sessions()).toBe(0)
  })

  test('for the next boot and the lamp', async () => {
    const bmc = await aBmc(options)
    expect(await ipmitool(bmc.port, suite, 'chassis bootdev pxe')).toBe('Set Boot Device to pxe\n')
    const flags = await ipmitool(bmc.port, suite, 'chassis bootparam get 5')
    for (const line of ['Boot Flag Valid', 'only next boot', 'Force PXE']) expect(flags).toContain(line)
    await ipmitool(bmc.port, suite, 'chassis identify 10')
    expect(bmc.chassis.orders).toEqual(['identify 10'])
  })

  test('and is refused with a wrong password', async () => {
    const bmc = await aBmc(options)
    await expect(ipmitool(bmc.port, suite, 'chassis power on', 'guess')).rejects.toThrow('Unable to establish')
    expect(bmc.chassis.orders).toEqual([])
  })
})

test('ipmitool reads the order for the next boot that the driver gave', async () => {
  const [driver, bmc] = [aDriver(), await aBmc()]
  await driver.bootOnce(aTarget(bmc, { options: 'efi' }), tools)
  const flags = await ipmitool(bmc.port, '17', 'chassis bootparam get 5')
  for (const line of ['Boot Flag Valid', 'only next boot', 'EFI boot', 'Force PXE']) expect(flags).toContain(line)
})

test('ipmitool has a console on the BMC of the tests', async () => {
  const bmc = await aBmc({ banner: 'login: ' })
  const command = ['ipmitool', ...argumentsOf(bmc.port, '17', 'sol activate')].join(' ')
  const env = { PATH: process.env['PATH'], IPMI_PASSWORD: 'secret', TERM: 'vt100' }
  // It wants a terminal: script is one.
  const child = spawn('script', ['-qfc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  await expect.poll(() => said, { timeout: 10_000 }).toContain('login: ')
  child.stdin.write('root\r')
  await expect.poll(() => said, { timeout: 10_000 }).toContain('root')
  child.stdin.write('~.')
  await once(child, 'close')
  expect(bmc.serial.typed()).toBe('root\r')
  expect([bmc.serial.isOpen(), bmc.sessions()]).toEqual([false, 0])
})

describe("Debian's ipmi_sim", () => {
  test('is turned on, off and around by the driver, with suite 3', async () => {
    const [driver, simulator] = [aDriver(), closeAfter(await startSimulator())]
    const target = aTarget(simulator)
    expect(await driver.state(target, tools)).toBe('off')
    await driver.act(target, 'on', tools)
    expect(await driver.state(target, tools)).toBe('on')
    await driver.act(target, 'reboot', tools)
    // It goes off, and a second later on.
    await expect.poll(() => driver.state(target, tools), { timeout: 10_000, interval: 200 }).toBe('on')
    await driver.act(target, 'off', tools)
    expect(await driver.state(target, tools)).toBe('off')
    const orders = ['set power 1', 'set power 0', 'set power 1', 'set power 0']
    expect(simulator.orders()).toEqual(orders)
  })

  test('says what is wrong: password, user, suite, or nobody there', async () => {
    const [driver, simulator] = [aDriver(), closeAfter(await startSimulator())]
    const fault = async (more: Parameters<typeof aTarget>[1]) =>
      (await faultOf(driver.state(aTarget(simulator, more), tools))).fault
    const [nobody, bmc] = [fault({ address: '127.0.0.1:9' }), await aBmc({ isOld: true })]
    expect(await fault({ pass: 'Secret' })).toBe('wrong-password')
    expect(await fault({ user: 'root' })).toBe('wrong-password')
    expect(await fault({ options: 'cipher=17' })).toBe('cipher-refused')
    expect(await fault({ options: 'cipher=0' })).toBe('cipher-refused')
    expect(await fault({ address: bmc.address })).toBe('cipher-refused')
    expect(await driver.state(aTarget(simulator, { options: 'cipher=3' }), tools)).toBe('off')
    expect(await nobody).toBe('no-answer')
  })

  test('does not obey an order for the next boot, and that is told', async () => {
    const [driver, simulator] = [aDriver(), closeAfter(await startSimulator())]
    expect(await driver.bootOnce(aTarget(simulator), tools)).toMatchObject({ obeyed: 'no' })
  })

  test('carries a serial port', async () => {
    let typed = ''
    const sockets: Socket[] = []
    const machine = createServer((socket) => {
      sockets.push(socket)
      socket.on('data', (bytes) => {
        typed += bytes.toString()
        socket.write(bytes)
      })
    }).listen(0, '127.0.0.1')
    await once(machine, 'listening')
    const simulator = closeAfter(await startSimulator((machine.address() as AddressInfo).port))
    const console = await aDriver().console(aTarget(simulator), tools)
    let said = ''
    console.on('data', (bytes: Buffer) => {
      said += bytes.toString()
    })
    const text = Array.from({ length: 50 }, (_, i) => `line ${i}\r\n`).join('')
    console.write(text)
    await expect.poll(() => said, { timeout: 20_000 }).toBe(text)
    expect(typed).toBe(text)
    console.destroy()
    await once(console, 'close')
    for (const socket of sockets) socket.destroy()
    machine.close()
  })
})

describe('a way that loses one packet in five, both ways', () => {
  const seeds = [1, 2, 3]

  test('to ipmi_sim only takes longer', async () => {
    await Promise.all(
      seeds.map(async (seed) => {
        const [driver, simulator] = [aDriver(), closeAfter(await startSimulator())]
        const relay = closeAfter(await startRelay(simulator.port, 5, seed))
        await turn(driver, aTarget(relay))
        expect(simulator.orders()).toContain('set power 1')
        expect(relay.lost()).toBeGreaterThan(0)
        relay.isLossy = false
      }),
    )
  })

  test('to the BMC of the tests, with suite 17, too: and each order is done once', async () => {
    await Promise.all(
      seeds.map(async (seed) => {
        const [driver, bmc] = [aDriver(), await aBmc({ suites: [17] })]
        const relay = closeAfter(await startRelay(bmc.port, 5, seed))
        await turn(driver, aTarget(relay))
        expect(bmc.chassis.orders).toEqual(['on', 'cycle', 'off'])
        expect(relay.lost()).toBeGreaterThan(0)
        relay.isLossy = false
      }),
    )
  })

  test('still tells a wrong password from silence', async () => {
    const [driver, simulator] = [aDriver(), closeAfter(await startSimulator())]
    const relay = closeAfter(await startRelay(simulator.port, 5, 4))
    expect((await faultOf(driver.state(aTarget(relay, { pass: 'x' }), tools))).fault).toBe('wrong-password')
    relay.isLossy = false
  })
})

/** On, around and off, with looks between. */
async function turn(driver: ReturnType<typeof aDriver>, target: ReturnType<typeof aTarget>): Promise<void> {
  expect(await driver.state(target, tools)).toBe('off')
  await driver.act(target, 'on', tools)
  expect(await driver.state(target, tools)).toBe('on')
  await driver.act(target, 'reboot', tools)
  await driver.act(target, 'off', tools)
  for (let i = 0; i < 5; i++) await driver.state(target, tools)
}

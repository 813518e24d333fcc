/** The daemon under bad luck and bad manners: killed while it saves, and spoken to in no protocol at all. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const json = { 'content-type': 'application/json' }

async function rest(daemon: Daemon, token: string, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { ...json, authorization: `Bearer ${token}` }
  const answer = await fetch(daemon.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** A Cobbler call whose arguments and answer are strings. */
async function call(daemon: Daemon, method: string, ...params: string[]): Promise<string> {
  const values = params.map((value) => `<param><value><string>${value}</string></value></param>`)
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values.join('')}</params></methodCall>`
  const answer = await fetch(`${daemon.url}/cobbler_api`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body,
  })
  const text = await answer.text()
  if (text.includes('<fault>')) throw new Error(`${method}: ${text}`)
  return /<(?:string|boolean)>([^<]*)</.exec(text)?.[1] ?? ''
}

async function prepare(daemon: Daemon): Promise<void> {
  const token = await daemon.token()
  await rest(daemon, token, 'POST', '/api/distros', { name: 'd', kernel: '/srv/d/linux', initrd: '/srv/d/initrd.gz' })
  await rest(daemon, token, 'POST', '/api/profiles', { name: 'p', distro: 'd' })
}

describe('killed at any moment', () => {
  const WRITERS = 4
  const ROUNDS = 6

  test('it has every change that it acknowledged when it is back', async () => {
    const daemon = await startDaemon()
    await prepare(daemon)
    /** The last comment of each system that the daemon said it had saved. */
    const acknowledged = new Map<string, number>()
    let changes = 0

    for (let round = 0; round < ROUNDS; round++) {
      const token = await daemon.token()
      const enough = acknowledged.size === 0 ? 5 : randomInt(1, 60)
      let [acks, isDead] = [0, false]
      let killed: Promise<void> | undefined
      const saved = (name: string, comment: number) => {
        // What is answered after the kill was written before it, and counts as well.
        acknowledged.set(name, comment)
        acks++
        if (acks === enough) {
          isDead = true
          killed = daemon.kill9()
        }
      }
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let n = 0; !isDead; n++) {
          const comment = ++changes
          const name = `node-${writer}-${n % 5}`
          try {
            if (writer % 2 === 0) await saveByRest(daemon, token, name, comment, acknowledged.has(name))
            else await saveByXmlRpc(daemon, token, name, comment, acknowledged.has(name))
            saved(name, comment)
          } catch (error) {
            if (!isDead) throw error
          }
        }
      })
      await Promise.all(writers)
      await killed
      await daemon.restart()

      const systems = (await rest(daemon, await daemon.token(), 'GET', '/api/systems')) as {
        name: string
        comment: string
      }[]
      const kept = new Map(systems.map(({ name, comment }) => [name, Number(comment)]))
      // A change that was under way when the kill came may have been written without its answer: then it is newer.
      const lost = [...acknowledged].filter(([name, comment]) => (kept.get(name) ?? -1) < comment)
      expect(lost).toEqual([])
      for (const [name, comment] of kept) acknowledged.set(name, comment)
    }
    expect(acknowledged.size).toBeGreaterThan(WRITERS)
    expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

async function saveByRest(daemon: Daemon, token: string, name: string, comment: number, isThere: boolean) {
  if (isThere) await rest(daemon, token, 'PATCH', `/api/systems/${name}`, { comment: `${comment}` })
  else await rest(daemon, token, 'POST', '/api/systems?replace=true', { name, profile: 'p', comment: `${comment}` })
}

async function saveByXmlRpc(daemon: Daemon, token: string, name: string, comment: number, isThere: boolean) {
  // A kill may have kept a system whose answer never came: then it is there though we were not told.
  const known = isThere || (await call(daemon, 'has_item', 'system', name, token)) === '1'
  const handle = known ? await call(daemon, 'get_system_handle', name, token) : await call(daemon, 'new_system', token)
  if (!known) {
    await call(daemon, 'modify_system', handle, 'name', name, token)
    await call(daemon, 'modify_system', handle, 'profile', 'p', token)
  }
  await call(daemon, 'modify_system', handle, 'comment', `${comment}`, token)
  await call(daemon, 'save_system', handle, token)
}

describe('spoken to badly', () => {
  test('it lives, answers others meanwhile, and logs no error of its own', async () => {
    const daemon = await startDaemon()
    const { pid } = daemon
    const junk = Buffer.alloc(10_000_000, 'x')
    const before = residentMegabytes(pid)
    const { hostname, port } = new URL(daemon.url)

    for (const bytes of [
      '\r\n\r\n',
      'GET\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
      junk.subarray(0, 1_000_000),
    ]) {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {}) // refused in the middle of our talk: that is an answer
      socket.end(bytes)
      socket.resume()
      await new Promise((closed) => socket.once('close', closed))
    }

    const status = async (path: string, init?: RequestInit) => {
      try {
        const answer = await fetch(daemon.url + path, init)
        await answer.arrayBuffer()
        return answer.status
      } catch {
        return 'cut off' // it need not listen to ten megabytes before it says no
      }
    }
    for (const path of [
      '/nothing',
      '/api/nothing',
      '/%',
      '/%00',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/boot/..%2f..%2fetc%2fpasswd',
      '/api/systems/%ff',
      '//',
      '/cblr/svc/op/',
    ]) {
      expect(await status(path)).toBeOneOf([400, 401, 404, 414])
    }
    for (const path of ['/api/login', '/nothing', '/api/systems', '/', '/cobbler_api', '/RPC2']) {
      // XML-RPC says with a 200 that it understood nothing: faults are answers there.
      const refusals = [400, 401, 404, 405, 413, 415, 'cut off', ...(/^\/(cobbler_api|RPC2)$/.test(path) ? [200] : [])]
      for (const type of ['application/json', 'text/xml', 'application/octet-stream']) {
        const headers = { 'content-type': type }
        expect(await status(path, { method: 'POST', headers, body: junk })).toBeOneOf(refusals)
        expect(await status(path, { method: 'POST', headers, body: '{"user":' })).toBeOneOf(refusals)
      }
      expect(await status(path, { method: 'BREW' })).toBeOneOf([400, 404, 405])
    }

    const udp = createSocket('udp4')
    const [address, tftpPort] = daemon.tftp.split(':')
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0]),
      Buffer.from([0, 1]),
      Buffer.from([0, 9, 1]),
      junk.subarray(0, 60_000),
      Buffer.from('\0\x01../../etc/passwd\0octet\0'),
      Buffer.from('\0\x02x\0octet\0'),
    ]) {
      await new Promise((done) => udp.send(bytes, Number(tftpPort), address, done))
    }
    udp.close()

    expect(await status('/healthz')).toBe(200)
    expect(await daemon.token()).toMatch(/\S/)
    expect(daemon.pid).toBe(pid)
    expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
    // Junk is not kept: far below what it was sent (190 MB).
    expect(residentMegabytes(pid) - before).toBeLessThan(150)
    expect(await daemon.stop()).toBe(0)
  })
})

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

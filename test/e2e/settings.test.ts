/** Settings of the real daemon: changed over REST and by command, served anew in the same process, and the old ones when that fails. */
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { RecordedEvent } from '../../src/model/event.ts'
import { type Daemon, runOrchestra, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

/** One call by curl, inside when the daemon is in a namespace. */
function caller(daemon: Daemon, token: string, namespace: Namespace) {
  return async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => {
    const headers = ['-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/json']
    const data = body === undefined ? [] : ['--data-binary', '@-']
    const answer = await namespace.exec(
      'curl',
      ['-sS', '-w', '\n%{http_code}', '-X', method, ...headers, ...data, `${daemon.url}${path}`],
      { ...(body !== undefined && { stdin: JSON.stringify(body) }) },
    )
    const [, text = '', status] = /^([\s\S]*)\n(\d+)$/.exec(answer) ?? []
    return { status: Number(status), json: text === '' ? undefined : JSON.parse(text) }
  }
}

const SUBNET = { subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.120', gateway: '10.77.0.1' }

describe('the first run, over REST', () => {
  let server: Namespace
  let daemon: Daemon
  let call: ReturnType<typeof caller>
  beforeAll(async () => {
    await needPackages('iproute2', 'busybox', 'curl')
    server = await makeNamespace()
    await server.bridge('br0', '10.77.0.1/24')
    daemon = await startDaemon({ namespace: server, config: 'none' })
    call = caller(daemon, await daemon.token(), server)
  })

  /** Answers what was said of it, and how many milliseconds it took. */
  async function restart(): Promise<{ because: string | null; took: number }> {
    const asked = await call('POST', '/api/restart')
    expect(asked).toMatchObject({ status: 202, json: { moves: false, url: null } })
    const { at } = asked.json
    const over = async () => (await call('GET', '/api/setup').catch(() => undefined))?.json?.restarted
    await expect.poll(async () => (await over())?.at ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(at)
    const restarted = await over()
    return { because: restarted.because, took: restarted.at - at }
  }

  test('a daemon that serves nothing serves a machine after a subnet is set; who is logged in stays so', async () => {
    expect((await call('GET', '/api/setup')).json).toMatchObject({
      needed: true,
      steps: { interface: false, dhcp: false, distro: false, machine: false },
    })
    await call('POST', '/api/distros', { name: 'debian', kernel: '/srv/linux', initrd: '/srv/initrd.gz' })
    const lastEvent = async () =>
      ((await call('GET', '/api/events.json?limit=1000')).json as RecordedEvent[]).at(-1)?.id
    const before = await lastEvent()
    const [pid, url] = [daemon.pid, daemon.url]

    const place = join(daemon.data, 'orchestra.yaml')
    expect((await call('GET', '/api/settings')).json).toMatchObject({ file: null, place, writable: true })
    const changed = await call('PATCH', '/api/settings', { changes: { 'dhcp.subnets': [SUBNET] } })
    expect(changed).toEqual({ status: 200, json: { restart: true, file: place } })
    expect(statSync(place).mode & 0o777).toBe(0o600)
    expect((await call('GET', '/api/settings')).json).toMatchObject({ file: place, pending: true })

    const { because, took } = await restart()
    expect(because).toBe(null)
    // Two seconds, and as much again for a machine that is busy with other tests.
    expect(took).toBeLessThan(4000)
    expect([daemon.pid, daemon.url]).toEqual([pid, url])
    expect(await lastEvent()).toBe(before)
    expect((await call('GET', '/api/settings')).json).toMatchObject({ pending: false })

    const machine = await clientMachine(server, 'br0', '52:54:00:77:02:01')
    const told = (await machine.udhcpc()).at(-1)
    expect(told).toMatchObject({ event: 'bound', serverid: '10.77.0.1', router: '10.77.0.1' })
    expect((await call('GET', '/api/leases')).json).toMatchObject([{ ip: told?.['ip'], mac: '52:54:00:77:02:01' }])
    const { interfaces, subnets, dhcp } = (await call('GET', '/api/networks')).json
    expect(interfaces).toContainEqual(
      expect.objectContaining({ name: 'br0', addresses: ['10.77.0.1/24'], up: true, served: true }),
    )
    expect(dhcp).toMatchObject({ enabled: true, mode: 'authoritative' })
    expect(subnets).toMatchObject([{ size: 21, used: 1, free: 20, reserved: 0 }])
    const { steps } = (await call('GET', '/api/setup')).json
    expect(steps).toEqual({ interface: true, dhcp: true, distro: true, machine: false })
  })

  test('what cannot be served is told, and the old settings go on', async () => {
    const squatter = server.spawn(process.execPath, [
      ...['-e', "require('net').createServer().listen(8099, '127.0.0.1', () => console.log('here'))"],
    ])
    await once(squatter.stdout ?? squatter, 'data')
    const changes = { 'proxy.enabled': true, 'proxy.listen': '127.0.0.1:8099' }
    expect((await call('PATCH', '/api/settings', { changes })).status).toBe(200)
    const { because } = await restart()
    expect(because).toMatch(/proxy\.listen: 127\.0\.0\.1:8099 is in use by another program/)
    expect((await call('GET', '/api/settings')).json).toMatchObject({ pending: true, restarted: { because } })
    expect(daemon.log()).toContain('the old ones are')
    const machine = await clientMachine(server, 'br0', '52:54:00:77:02:02')
    expect((await machine.udhcpc()).at(-1)).toMatchObject({ event: 'bound' })

    squatter.kill('SIGKILL')
    await once(squatter, 'close')
    expect(await restart()).toMatchObject({ because: null })
    expect(daemon.records().findLast(({ msg }) => String(msg).startsWith('ready:'))).toMatchObject({
      listening: { proxy: '127.0.0.1:8099' },
    })
  })

  test('what is overridden or wrong is refused, and a file that somebody broke stops nothing', async () => {
    const overridden = await call('PATCH', '/api/settings', { changes: { 'http.listen': ':8080' } })
    expect([overridden.status, overridden.json.field]).toEqual([422, 'http.listen'])
    expect(overridden.json.detail).toContain('ORCHESTRA_HTTP__LISTEN in the environment')
    const wrong = { 'dhcp.subnets': [{ subnet: '10.77.0.1/24' }, SUBNET, SUBNET], 'log.level': 'loud' }
    const refused = await call('PATCH', '/api/settings', { changes: wrong })
    expect(refused.status).toBe(422)
    for (const path of ['dhcp.subnets.0.subnet', 'log.level']) expect(refused.json.detail).toContain(`${path}: `)

    const place = join(daemon.data, 'orchestra.yaml')
    const good = readFileSync(place, 'utf8')
    writeFileSync(place, `${good}\nhttp: [`)
    const stopped = await call('POST', '/api/restart')
    expect([stopped.status, stopped.json.detail]).toEqual([422, expect.stringContaining(place)])
    expect((await call('GET', '/api/setup')).status).toBe(200)
    writeFileSync(place, good)
    expect(await daemon.stop()).toBe(0)
    expect((await server.exec('ss', ['-Hlntu'])).trim()).toBe('')
  })
})

test('by command, the daemon moves to another port, and its command line finds it there', async () => {
  const daemon = await startDaemon({
    config: { http: { listen: '127.0.0.1:0' } },
    env: { ORCHESTRA_HTTP__LISTEN: undefined },
  })
  const orchestra = (...args: string[]) => runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })
  const port = await freePort()
  expect(await orchestra('config', 'set', `http.listen=127.0.0.1:${port}`, 'dhcp.interfaces=br0,br1')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('orchestra restart'),
  })
  const token = await daemon.token()
  expect(await orchestra('restart')).toMatchObject({ code: 0, stderr: 'Serving anew.\n' })
  await expect(fetch(daemon.url)).rejects.toThrow()
  const answer = await fetch(`http://127.0.0.1:${port}/api/account`, { headers: { authorization: `Bearer ${token}` } })
  expect(await answer.json()).toMatchObject({ user: 'admin' })
  const shown = await orchestra('config', 'show')
  expect(shown.stdout).toMatch(new RegExp(`^http\\.listen +127\\.0\\.0\\.1:${port} +file$`, 'm'))
  expect(shown.stdout).toMatch(/^dhcp\.interfaces +br0, br1 +file$/m)
  expect(shown.stdout).toMatch(/^tftp\.listen +127\.0\.0\.1:0 +environment$/m)
  expect(shown.stdout).toMatch(/^admin\.password +\*{8} +environment$/m)
  const [, file = ''] = /The file is (.*)\./.exec(shown.stderr) ?? []
  expect(parse(readFileSync(file, 'utf8'))).toEqual({
    http: { listen: `127.0.0.1:${port}` },
    dhcp: { interfaces: ['br0', 'br1'] },
  })
  expect(await orchestra('config', 'set', 'tftp.listen=:69', 'admin.password=x')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('standard input'),
  })
  expect(await daemon.stop()).toBe(0)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  return typeof address === 'object' && address ? address.port : 0
}

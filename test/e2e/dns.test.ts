/** The DNS server as dig sees it, by UDP and TCP; and datagrams that dig would never send. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRateLimit } from '../../src/dns/rate-limit.ts'
import { type DnsServer, startDns } from '../../src/dns/server.ts'
import { exec } from '../../src/lib/exec.ts'
import { parseIpv4 } from '../../src/model/address.ts'
import { runOrchestra, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { DNS_NAMES } from '../support/dns-names.ts'

const warnings: string[] = []
let server: DnsServer

beforeAll(async () => {
  await needPackages('bind9-dnsutils')
  server = await startDns({
    listen: { address: '127.0.0.1', port: 0 },
    domain: 'lab.example',
    lookUp: DNS_NAMES,
    log: pino({ level: 'warn' }, { write: (line) => void warnings.push(line) }),
  })
})
afterAll(() => server?.close())

const digAt = (port: number | string, ...args: string[]) =>
  exec('dig', ['@127.0.0.1', '-p', `${port}`, '+tries=1', '+time=3', ...args])
const dig = (...args: string[]) => digAt(server.port, ...args)

describe('dig', () => {
  test.each([
    ['by UDP', '+notcp'],
    ['by TCP', '+tcp'],
    ['without EDNS', '+noedns'],
    ['with letters of any size', '+notcp'],
  ])('finds an address %s', async (way, option) => {
    const name = way.includes('letters') ? 'NodE01.LAB.example' : 'node01.lab.example'
    const answer = await dig(option, name)
    expect(answer).toMatch(/status: NOERROR/)
    expect(answer).toMatch(/flags: qr aa rd;/)
    expect(answer).toMatch(/^node01\.lab\.example\.\s+60\s+IN\s+A\s+10\.77\.0\.11$/im)
    expect(answer).not.toMatch(/WARNING: Message|malformed/i)
  })

  test('finds the name of an address', async () => {
    expect(await dig('+short', '-x', '10.77.0.11')).toBe('node01.lab.example.\n')
  })

  test('sees the zone', async () => {
    expect(await dig('+short', 'lab.example', 'SOA')).toMatch(/^ns\.lab\.example\. hostmaster\.lab\.example\. 1 /)
    expect(await dig('+short', 'lab.example', 'NS')).toBe('ns.lab.example.\n')
    expect(await dig('+short', 'ns.lab.example')).toBe('127.0.0.1\n')
  })

  test.each([
    ['NXDOMAIN', ['nobody.lab.example']],
    ['NOERROR', ['node01.lab.example', 'AAAA']],
    ['NOERROR', ['node01.lab.example', 'HTTPS']],
    ['REFUSED', ['www.debian.org']],
    ['REFUSED', ['-x', '10.77.0.99']],
    ['REFUSED', ['version.bind', 'CH', 'TXT']],
    ['BADVERS', ['+edns=1', '+noednsnegotiation', 'node01.lab.example']],
    ['NOTIMP', ['+opcode=UPDATE', 'node01.lab.example']],
  ])('is told %s for %s', async (status, args) => {
    expect(await dig(...args)).toMatch(new RegExp(`status: ${status},`))
  })

  test('gets no copy of the zone', async () => {
    expect(await dig('lab.example', 'AXFR')).toMatch(/Transfer failed/)
  })

  test('asks again by TCP when the answer is too long, and has all of it', async () => {
    const lines = (await dig('+short', 'many.lab.example')).trim().split('\n')
    expect(lines.sort()).toEqual([...DNS_NAMES.addresses('many.lab.example')].sort())
    const cut = await dig('+ignore', 'many.lab.example')
    expect(cut).toMatch(/flags: qr aa tc rd;/)
    expect(cut).toMatch(/ANSWER: 0,/)
  })

  test('may ask many things on one connection', async () => {
    const names = Array.from({ length: 20 }, () => 'node01.lab.example')
    const answers = await dig('+tcp', '+keepopen', '+short', ...names)
    expect(answers).toBe('10.77.0.11\n'.repeat(20))
  })
})

describe('what is no question', () => {
  test('gets FORMERR when it begins like one, and silence when it does not', async () => {
    const socket = createSocket('udp4')
    socket.connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    const answers: string[] = []
    socket.on('message', (bytes) => answers.push(bytes.toString('hex')))
    for (const hex of ['', '00', '1234810000000000000000', '123481000001000000000000', 'abcd01000001000000000000'])
      socket.send(Buffer.from(hex, 'hex'))
    await once(socket, 'message')
    expect(answers).toEqual(['abcd81010000000000000000'])
    socket.close()
  })

  test('by TCP ends the conversation, and others go on', async () => {
    for (const bytes of [Buffer.from([0, 1, 0]), Buffer.from([255, 255, 1]), Buffer.from([0, 0])]) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => {}) // a reset is an end too
      socket.write(bytes)
      await once(socket, 'close')
    }
    expect(await dig('+short', 'node01.lab.example')).toBe('10.77.0.11\n')
  })
})

test('a network that asks too much is answered by TCP alone, until a second has passed', async () => {
  let now = 0
  const limited = await startDns({
    ...{ listen: { address: '127.0.0.1', port: 0 }, domain: 'lab.example' },
    lookUp: { addresses: () => [parseIpv4('10.77.0.11')], names: () => [], alias: () => undefined },
    limit: createRateLimit({ perSecond: 1, burst: 2 }, { now: () => now }),
    log: pino({ level: 'silent' }),
  })
  const ask = (...args: string[]) => digAt(limited.port, '+ignore', ...args, 'node01.lab.example')
  for (let times = 0; times < 2; times++) expect(await ask()).toMatch(/flags: qr aa rd;.*ANSWER: 1/)
  expect(await ask()).toMatch(/flags: qr aa tc rd;.*ANSWER: 0/)
  await expect(ask('+time=1')).rejects.toThrow()
  // What dig does when it is told so.
  expect(await digAt(limited.port, '+short', 'node01.lab.example')).toBe('10.77.0.11\n')
  now += 1000
  expect(await ask()).toMatch(/flags: qr aa rd;.*ANSWER: 1/)
  await limited.close()
})

test('none of it was worth a warning', () => {
  expect(warnings).toEqual([])
})

test('the daemon answers for its systems', async () => {
  const daemon = await startDaemon({
    config: {
      dns: { enabled: true, listen: '127.0.0.1:0' },
      dhcp: { enabled: false, subnets: [{ subnet: '10.77.0.0/24', domain: 'lab.example' }] },
    },
  })
  const lines = [
    'distro add --name=d --kernel=/srv/d/linux --initrd=/srv/d/initrd.gz',
    'profile add --name=d --distro=d',
    'system add --name=node7 --hostname=web --profile=d --mac=52:54:00:77:00:07 --ip-address=10.77.0.17 --cnames=mirror',
  ]
  for (const line of lines) {
    const ended = await runOrchestra(line.split(' '), { env: { ORCHESTRA_DATA: daemon.data } })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
  }
  const port = daemon.listening().dns?.split(':')[1] ?? ''
  for (const name of ['node7', 'node7.lab.example', 'web.lab.example'])
    expect(await digAt(port, '+short', name)).toBe('10.77.0.17\n')
  expect(await digAt(port, '+short', '-x', '10.77.0.17')).toMatch(/^node7\.lab\.example\.$/m)
  expect(await digAt(port, '+short', 'mirror.lab.example')).toBe('node7.lab.example.\n10.77.0.17\n')
  expect(await digAt(port, '+short', '-x', '10.77.0.99')).toBe('')
  expect(await digAt(port, 'other.lab.example')).toMatch(/status: NXDOMAIN/)
})

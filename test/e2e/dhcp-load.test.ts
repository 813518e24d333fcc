/** Many clients at once, and a daemon that is killed among them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { decode } from '../../src/dhcp/codec.ts'
import { MESSAGE, OPTION, readU8 } from '../../src/dhcp/options.ts'
import { macOfBytes } from '../../src/model/address.ts'
import type { Lease } from '../../src/model/lease.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { perfdhcpMachine } from '../support/perfdhcp.ts'

const SERVER = '10.80.0.1'
let server: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages('iproute2', 'kea-admin', 'tcpdump', 'curl')
  server = await makeNamespace()
  await server.bridge('br0', `${SERVER}/16`)
  const subnets = [{ subnet: '10.80.0.0/16', pool: '10.80.1.0-10.80.200.255' }]
  daemon = await startDaemon({ namespace: server, config: { dhcp: { enabled: true, interfaces: ['br0'], subnets } } })
})

async function leases(): Promise<Lease[]> {
  const authorization = `Authorization: Bearer ${await daemon.token()}`
  return JSON.parse(await server.exec('curl', ['-sS', '-f', '-H', authorization, `${daemon.url}/api/leases`]))
}

async function metrics(): Promise<Map<string, number>> {
  const authorization = `Authorization: Bearer ${await daemon.token()}`
  const text = await server.exec('curl', ['-sS', '-f', '-H', authorization, `${daemon.url}/metrics`])
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('200 clients all get their address at the first try', async () => {
  const { run } = await perfdhcpMachine(server, 'br0', '10.80.0.2/16')
  const { offers, acks } = await run(SERVER, '-r', '100', '-n', '200', '-R', '200', '-W', '1000000')
  expect([offers, acks]).toEqual(Array(2).fill({ sent: 200, received: 200 }))
})

test('5,000 clients that come at once share commits, and the metrics tell', async () => {
  const [before, { run }] = [await metrics(), await perfdhcpMachine(server, 'br0', '10.80.0.4/16')]
  const { acks } = await run(
    SERVER,
    '-r',
    '2500',
    '-n',
    '5000',
    '-R',
    '5000',
    '-W',
    '2000000',
    '-b',
    'mac=00:0c:03:00:00:00',
  )
  // perfdhcp asks once; what a busy machine drops is no fault of ours.
  expect(acks.received).toBeGreaterThan(4000)
  const after = await metrics()
  const more = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
  expect(more('orchestra_dhcp_lease_changes_total')).toBeGreaterThanOrEqual(acks.received)
  expect(more('orchestra_dhcp_lease_commits_total')).toBeLessThan(acks.received / 2)
  const pool = (state: string) => more(`orchestra_dhcp_addresses{subnet="10.80.0.0/16",state="${state}"}`)
  expect(pool('used')).toBeGreaterThanOrEqual(acks.received)
  expect(pool('free')).toBe(-pool('used'))
}, 60_000)

test('every lease that a client was told of is there after kill -9', async () => {
  const { run, namespace } = await perfdhcpMachine(server, 'br0', '10.80.0.3/16')
  const capture = join(temporaryFolder(), 'replies.pcap')
  const filter = `udp src port 67 and src host ${SERVER}`
  const tcpdump = namespace.spawn('tcpdump', ['-i', 'eth0', '-U', '-B', '16384', '-w', capture, filter], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise((listening) => tcpdump.stderr?.once('data', listening))

  // It asks for 4 s; the daemon dies in the middle of that.
  const asking = run(SERVER, '-r', '500', '-R', '60000', '-p', '4', '-b', 'mac=00:0c:02:00:00:00')
  await expect.poll(() => acknowledged(capture).size, { timeout: 20_000, interval: 50 }).toBeGreaterThan(400)
  await daemon.kill9()
  const report = await asking
  const ended = new Promise((end) => tcpdump.once('close', end))
  tcpdump.kill('SIGINT')
  await ended

  await daemon.restart()
  const acks = acknowledged(capture)
  expect(acks.size).toBeGreaterThanOrEqual(report.acks.received)
  // Killed while it was asking: from then on nothing was answered.
  expect(report.offers.sent).toBeGreaterThan(report.offers.received)
  const kept = new Map((await leases()).map(({ ip, mac, state }) => [ip as string, `${mac} ${state}`]))
  expect([...acks].filter(([ip, mac]) => kept.get(ip) !== `${mac} leased`)).toEqual([])
})

/** The ACKs in a capture file (libpcap's format, Ethernet): MAC by address. */
function acknowledged(path: string): Map<string, string> {
  const file = readFileSync(path)
  const found = new Map<string, string>()
  const [FILE_HEADER, RECORD_HEADER, TO_DHCP] = [24, 16, 14 + 20 + 8]
  let at = FILE_HEADER
  while (at + RECORD_HEADER <= file.length) {
    const end = at + RECORD_HEADER + file.readUInt32LE(at + 8)
    if (end > file.length) break
    const { options, yiaddr, chaddr } = decode(file.subarray(at + RECORD_HEADER + TO_DHCP, end))
    if (readU8(options, OPTION.messageType) === MESSAGE.ack) found.set(yiaddr, macOfBytes(chaddr))
    at = end
  }
  return found
}

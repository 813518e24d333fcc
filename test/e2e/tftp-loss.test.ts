/**
 * TFTP by the real daemon over a network that loses one packet in twenty, both ways: every file still arrives as it is.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const SERVER = '10.77.0.1'
const content = randomBytes(400_000)
const MINUTES = { timeout: 170_000 }
const folder = temporaryFolder()
let daemon: Daemon
let client: Namespace
let port: string

beforeAll(async () => {
  await needPackages('curl', 'atftp', 'tftp-hpa', 'nftables', 'iproute2')
  const network = await makeNamespace()
  client = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  await network.link(client, 'br0', 'eth0')
  await client.exec('ip', ['address', 'add', '10.77.0.2/24', 'dev', 'eth0'])

  daemon = await startDaemon({ namespace: network, env: { ORCHESTRA_TFTP__LISTEN: `${SERVER}:0` } })
  port = daemon.tftp.slice(daemon.tftp.lastIndexOf(':') + 1)
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  writeFileSync(join(daemon.data, 'boot/initrd.bin'), content)
  for (const side of [network, client]) {
    await side.exec('nft', ['add', 'table', 'ip', 'loss'])
    await side.exec('nft', ['add', 'chain', 'ip', 'loss', 'in', '{ type filter hook input priority 0; }'])
    // All but ACK 0: when that is lost the server repeats its OACK, which atftp takes for an error.
    const one = 'meta l4proto udp @th,64,32 != 0x00040000 numgen random mod 100 < 5 counter drop'
    await side.exec('nft', ['add', 'rule', 'ip', 'loss', 'in', ...one.split(' ')])
  }
})

const atftpGet = (to: string) => ['-g', '-r', 'initrd.bin', '-l', to, SERVER, port]
const CLIENTS: readonly [string, (to: string) => [string, string[]]][] = [
  ['atftp, block by block', (to) => ['atftp', ['--option', 'blksize 1024', ...atftpGet(to)]]],
  ['atftp in windows', (to) => ['atftp', ['--option', 'blksize 1428', '--option', 'windowsize 8', ...atftpGet(to)]]],
  [
    'curl without options',
    (to) => ['curl', ['-sS', '--tftp-no-options', '-o', to, `tftp://${SERVER}:${port}/initrd.bin`]],
  ],
  ['tftp-hpa', (to) => ['tftp', ['-m', 'octet', SERVER, port, '-c', 'get', 'initrd.bin', to]]],
]

describe.each(CLIENTS)('%s', (name, command) => {
  test('has the whole file', async () => {
    const to = join(folder, name.replaceAll(' ', '-'))
    await client.exec(...command(to), MINUTES)
    expect(sha256(readFileSync(to))).toBe(sha256(content))
    expect(await lost()).toBeGreaterThan(0)
  })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Packets that the client's side has lost so far: without a loss the test would prove nothing. */
async function lost(): Promise<number> {
  const rules = await client.exec('nft', ['list', 'table', 'ip', 'loss'])
  return Number(/counter packets (\d+)/.exec(rules)?.[1])
}

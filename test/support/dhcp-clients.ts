/** Real DHCP clients, each on an interface `eth0` in a network namespace of its own. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './daemon.ts'
import { makeNamespace, type Namespace } from './namespace.ts'

/** What a client was told, under the names that it hands to its script; `event` is what has happened. */
export type Told = Readonly<Record<string, string>>

export interface ClientMachine {
  readonly namespace: Namespace
  /** Debian's dhclient, once: answers what it was told. Rejects when nobody answers. `conf` is its dhclient.conf. */
  dhclient(conf?: string): Promise<Told>
  /** The same by DHCPv6; with `-S` it wants no address. */
  dhclient6(args?: readonly string[], conf?: string): Promise<Told>
  /** dhclient gives its lease back and ends. */
  release(): Promise<void>
  /** What dhclient remembers as leases, for its next start. */
  remember(leases: string): void
  /** busybox's udhcpc, once. Rejects when nobody answers within `tries` seconds. */
  udhcpc(args?: readonly string[], tries?: number): Promise<Told[]>
}

/** Configures the interface as a distribution's script does, and writes down what it was told. */
const SCRIPT = `#!/bin/sh
event="\${reason:-$1}"
address="\${new_ip_address:-$ip}" mask="\${new_subnet_mask:-$subnet}"
case "$event" in
  PREINIT|deconfig) ip address flush dev "$interface"; ip link set "$interface" up ;;
  BOUND|REBOOT|bound) ip address replace "$address/\${mask:-24}" dev "$interface" ;;
esac
{ echo "event=$event"; env; echo; } >> "$TOLD"
`

/** A machine with its own MAC on a bridge of the server. */
export async function clientMachine(server: Namespace, bridge: string, mac: string): Promise<ClientMachine> {
  const namespace = await makeNamespace()
  await server.link(namespace, bridge, 'eth0', mac)
  const folder = temporaryFolder()
  const [script, told] = [join(folder, 'script'), join(folder, 'told')]
  const [conf, leases, pid] = ['conf', 'leases', 'pid'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(script, SCRIPT, { mode: 0o755 })
  writeFileSync(leases, '')
  const files = ['-cf', conf, '-lf', leases, '-pf', pid, '-sf', script]
  const env = { TOLD: told }
  const heard = () => (existsSync(told) ? readTold(readFileSync(told, 'utf8')) : [])

  return {
    namespace,
    remember: (text) => writeFileSync(leases, text),

    async dhclient(text = '') {
      writeFileSync(conf, `timeout 20; initial-interval 1; reboot 5;\n${text}\n`)
      rmSync(told, { force: true })
      await namespace.exec('dhclient', ['-4', '-1', '-v', ...files, '-e', `TOLD=${told}`, 'eth0'], { env })
      const last = heard().at(-1)
      if (!last) throw new Error('dhclient told its script nothing')
      return last
    },

    async dhclient6(args = [], text = 'request dhcp6.name-servers, dhcp6.domain-search;') {
      writeFileSync(conf, `${text}\n`)
      rmSync(told, { force: true })
      await namespace.exec('dhclient', ['-6', ...args, '-1', '-v', ...files, '-e', `TOLD=${told}`, 'eth0'], { env })
      const last = heard().at(-1)
      if (!last) throw new Error('dhclient told its script nothing')
      return last
    },

    async release() {
      await namespace.exec('dhclient', ['-4', '-r', '-v', ...files, '-e', `TOLD=${told}`, 'eth0'], { env })
    },

    async udhcpc(args = [], tries = 10) {
      rmSync(told, { force: true })
      const fixed = ['udhcpc', '-f', '-n', '-q', '-i', 'eth0', '-s', script, '-t', String(tries), '-T', '1']
      await namespace.exec('busybox', [...fixed, ...args], { env, timeout: 60_000 })
      return heard()
    },
  }
}

function readTold(text: string): Told[] {
  return text
    .split('\n\n')
    .filter((part) => part.trim() !== '')
    .map((part) =>
      Object.fromEntries(
        part.split('\n').map((line) => {
          const at = line.indexOf('=')
          return [line.slice(0, at), line.slice(at + 1)]
        }),
      ),
    )
}

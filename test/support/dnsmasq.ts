/** Debian's dnsmasq as the DHCP server of a network: its address is 10.77.0.53, and it gives 10.77.0.200 to 210. */
import { join } from 'node:path'
import { temporaryFolder } from './daemon.ts'
import { makeNamespace, type Namespace } from './namespace.ts'

/**
 * Answers when it serves the bridge of this namespace, from one of its own; it ends with that.
 * @param config a file of its settings
 */
export async function startDnsmasq(
  site: Namespace,
  bridge: string,
  config = '/dev/null',
  args: readonly string[] = [],
): Promise<void> {
  const own = await makeNamespace()
  await site.link(own, bridge, 'eth0')
  await own.exec('ip', ['address', 'add', '10.77.0.53/24', 'dev', 'eth0'])
  const dnsmasq = own.spawn('dnsmasq', [
    ...['--keep-in-foreground', `--conf-file=${config}`, '--port=0', '--log-facility=-', '--user=root', ...args],
    ...['--interface=eth0', '--dhcp-range=10.77.0.200,10.77.0.210,1h', '--dhcp-authoritative'],
    ...[`--dhcp-leasefile=${join(temporaryFolder(), 'leases')}`, '--pid-file='],
  ])
  for await (const line of dnsmasq.stderr ?? []) if (String(line).includes('DHCP, IP range')) return
  throw new Error('dnsmasq did not start')
}

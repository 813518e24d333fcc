/** A pool that has run out: said once, with what to do, and once more when it has something again. */
import type { Log } from '../lib/log.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import type { DhcpState } from './answer.ts'

export function exhaustion(log: Log): (state: Pick<DhcpState, 'subnet' | 'choice'>) => void {
  const empty = new Set<ServedSubnet>()
  return ({ subnet, choice }) => {
    if (!subnet || subnet.pools.length === 0 || subnet.mode === 'proxy' || subnet.mode === 'off') return
    const { network, prefix } = subnet.subnet
    const where = `${network}/${prefix}`
    if (choice.ip === undefined && !empty.has(subnet)) {
      empty.add(subnet)
      log.warn(
        { subnet: where },
        `DHCP has no free address left in ${where}: machines there get none. Make its pool larger (dhcp.subnets[].pool), or its leases shorter (lease_seconds)`,
      )
    }
    // One that has its own again says nothing of the pool.
    if (choice.isFree && empty.delete(subnet)) {
      log.info({ subnet: where }, `DHCP has free addresses in ${where} again`)
    }
  }
}

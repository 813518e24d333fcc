/** The orchestra.yaml of the lab's daemon: as a site would write it, for the network that the lab's settings name. */
import { stringify } from 'yaml'
import { SERVER_V6 } from './nodes.ts'
import type { LabSettings } from './settings.ts'

/**
 * The lab adds the data directory, the administrator's password and the choice of loaders by environment.
 * @param ipv6 the server's interface has its address of IPv6
 */
export function daemonConfig({ network, server }: LabSettings, ipv6 = false): string {
  const { ip } = server
  return stringify({
    // At its own address alone: where the lab is a bridge of this host, nothing of the host is taken.
    http: { listen: `${ip}:80`, url: `http://${ip}` },
    tftp: { listen: `${ip}:69` },
    syslog: { listen: `${ip}:514` },
    dhcp: {
      interfaces: [network.bridge],
      // Nobody else is on the lab's network, and four seconds are long.
      probe: false,
      subnets: [
        {
          subnet: `${network.subnet.network}/${network.subnet.prefix}`,
          pool: `${network.pool.first}-${network.pool.last}`,
          gateway: ip,
          dns: [ip],
          domain: 'lab',
          lease_seconds: 3600,
          ...(ipv6 && { ipv6: `${SERVER_V6.replace(/1$/, '')}/64` }),
        },
      ],
    },
    dns: { enabled: true, listen: `${ip}:53` },
    // What orchestrators of 2011 need: they read without a token, and their machines without credentials.
    cobbler: { anonymous_reads: true },
    webdav: { anonymous_read: true },
  })
}

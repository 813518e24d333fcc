/** Explanations, tied to what only the daemon knows together: DHCP's own decision, its links, the traces and the leases. */
import { bootFile } from '../boot/bootfile.ts'
import type { Settings } from '../config-schema.ts'
import { addressNamed, type DhcpState } from '../dhcp/answer.ts'
import { askingRequest } from '../dhcp/asking.ts'
import { explainDhcp } from '../dhcp/explain.ts'
import { contains, type Ipv4, type Mac } from '../model/address.ts'
import type { Step } from '../model/explanation.ts'
import { interfaceByMac } from '../model/system.ts'
import { createExplain, type Explain, type ExplainOptions } from '../services/explain.ts'
import type { Leases } from '../services/leases.ts'
import type { Traces } from '../services/trace.ts'
import type { Link, NodeUrl } from './links.ts'

/** What is known before anybody listens. */
export type ExplainParts = Omit<ExplainOptions, 'ask' | 'urls' | 'seen' | 'addressOf'>

export interface ExplainNeeds {
  readonly parts: ExplainParts
  readonly settings: Pick<Settings, 'boot' | 'dhcp'>
  readonly leases: Pick<Leases, 'look' | 'byMac'>
  readonly traces: Pick<Traces, 'of'>
  /** The interfaces that DHCP serves; none: DHCP is off. */
  readonly links: () => readonly Link[]
  readonly url: NodeUrl
  /** Where TFTP listens, `0.0.0.0:69`; undefined: it is off. */
  readonly tftp: () => string | undefined
}

export function tieExplain({ parts, settings, leases, traces, links, url, tftp }: ExplainNeeds): Explain {
  const { loaders } = settings.boot

  const far = (ip: Ipv4) => settings.dhcp.subnets.find(({ subnet }) => contains(subnet, ip))

  /** Where the machine would be heard: on the link of its address; behind a relay, when that is of no link of ours. */
  function placeOf(mac: Mac): { readonly link: Link | undefined; readonly relay: Ipv4 | undefined } {
    const system = parts.systemByMac(mac)
    const ip = (system && interfaceByMac(system, mac)?.ipAddress) || leases.byMac(mac)?.ip
    const all = links()
    const direct = all.find(({ subnet }) => subnet && ip && contains(subnet.subnet, ip))
    return {
      link: direct ?? all.find(({ subnet }) => subnet) ?? all[0],
      relay: direct || !ip ? undefined : far(ip)?.gateway,
    }
  }

  return createExplain({
    ...parts,
    seen: async (machine) => {
      const boots = await traces.of(machine, { limit: 5 })
      return boots.flatMap(({ entries }) => entries).find(({ firmware }) => firmware !== undefined)?.firmware
    },
    addressOf: (mac) => leases.byMac(mac)?.ip,
    urls: (at) => ({ http: url(at), tftp: tftpUrl(url(at), tftp()), loaders }),
    ask(mac, as) {
      const { link, relay } = placeOf(mac)
      const request = askingRequest(mac, as, relay)
      if (!request) return undefined
      const subnet = relay === undefined ? link?.subnet : far(relay)
      return {
        firmware: request.boot?.firmware,
        isProxied: subnet?.mode === 'proxy',
        at: subnet?.subnet.network,
        answer(system, policy, sourcesOf) {
          if (!link) return dhcpIsOff
          const { ciaddr, clientId, uuid } = request
          const question = { mac, named: addressNamed(request), ciaddr, clientId, uuid, relay, link: link.address }
          const state: DhcpState = {
            ...leases.look(question, system),
            policy,
            bootFile: (decision, machine) =>
              bootFile(decision, machine, { http: url(subnet?.subnet.network), loaders }),
          }
          return explainDhcp(request, state, sourcesOf)
        },
      }
    },
  })
}

const dhcpIsOff: Step = {
  ...{ id: 'dhcp', title: 'DHCP reply', outcome: 'none', url: null, lines: [] },
  because: 'DHCP is off here (dhcp.enabled, dhcp.subnets): another server has to answer',
}

/** The name that nodes are told, with TFTP's own port. */
function tftpUrl(http: string, listening: string | undefined): string | undefined {
  if (listening === undefined) return undefined
  const port = /:(\d+)$/.exec(listening)?.[1] ?? '69'
  const { hostname } = new URL(http)
  return port === '69' ? `tftp://${hostname}` : `tftp://${hostname}:${port}`
}

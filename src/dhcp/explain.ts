/** What a request would be answered, every field and option for people: the bytes are decide.ts's and codec.ts's. */
import { loaderFacts } from '../boot/bootfile.ts'
import type { Ipv4 } from '../model/address.ts'
import type { ExplainedLine, ExplainedOption, SourcesOf, Step } from '../model/explanation.ts'
import type { DhcpState } from './answer.ts'
import { type DhcpPacket, decode, encode } from './codec.ts'
import { decideDhcp } from './decide.ts'
import { networkValues, nicOf } from './network.ts'
import { hexOf, optionName, optionValue } from './option-words.ts'
import { OPTION } from './options.ts'
import type { DhcpRequest } from './request.ts'

const NONE = '0.0.0.0'

export function explainDhcp(request: DhcpRequest, state: DhcpState, sourcesOf: SourcesOf): Step {
  const { kind, reply, because } = decideDhcp(request, state)
  const step = { id: 'dhcp', title: 'DHCP reply', url: null, because } as const
  if (!reply) return { ...step, outcome: 'none', lines: [] }
  // As they come through the wire: cut where a field ends, whole where they were split.
  const seen = decode(encode(reply))
  const facts = factsOf(request, state)
  const options = [...seen.options].map(
    ([code, value]): ExplainedOption => ({
      code,
      name: optionName(code),
      value: optionValue(code, value),
      hex: hexOf(value),
      from: (facts.get(code) ?? [`request.option ${code}`]).flatMap(sourcesOf),
    }),
  )
  const title = `DHCP ${kind.toUpperCase()}`
  return {
    ...step,
    title,
    outcome: kind === 'nak' ? 'error' : 'ok',
    lines: fields(seen, request, state, sourcesOf),
    options,
  }
}

function fields(seen: DhcpPacket, request: DhcpRequest, state: DhcpState, sourcesOf: SourcesOf): ExplainedLine[] {
  const shown: [text: string, facts: readonly string[]][] = [
    [`ciaddr: ${seen.ciaddr}`, ['request.ciaddr']],
    [`yiaddr: ${seen.yiaddr}`, [addressFact(seen.yiaddr, request, state)]],
    [`siaddr: ${seen.siaddr}`, ['computed.server']],
    [`giaddr: ${seen.giaddr}`, ['request.giaddr']],
    [`sname: ${seen.sname}`, ['computed.server']],
    [`file: ${seen.file}`, loaderOf(state)],
  ]
  return shown.flatMap(([text, from]) =>
    text.endsWith(`: ${NONE}`) || text.endsWith(': ') ? [] : [{ text, from: from.flatMap(sourcesOf) }],
  )
}

function loaderOf({ known, policy }: DhcpState): readonly string[] {
  const blend = known ? known.blend : policy.enlist
  return [...loaderFacts(blend?.ok ? blend : undefined), 'request.option 93']
}

function addressFact(ip: Ipv4, request: DhcpRequest, { known, held }: DhcpState): string {
  const [name, nic] = nicOf(known, request.mac)
  if (nic?.ipAddress === ip) return `system.interfaces.${name}.ipAddress`
  if (held?.ip === ip) return `lease.${ip}`
  return request.asked === ip ? 'request.option 50' : 'setting.dhcp.subnets'
}

/** By option; what is not here was in the request, and is sent back. */
function factsOf(request: DhcpRequest, state: DhcpState): Map<number, readonly string[]> {
  const { server, subnet, known } = state
  const network = subnet ? networkValues({ request, server, subnet, known }) : new Map()
  return new Map<number, readonly string[]>([
    [OPTION.messageType, ['computed.DHCP']],
    [OPTION.serverId, ['computed.server']],
    [OPTION.message, ['computed.DHCP']],
    ...[OPTION.leaseTime, OPTION.renewalTime, OPTION.rebindingTime].map(
      (code) => [code, ['setting.dhcp.subnets']] as const,
    ),
    [OPTION.vendorClass, ['request.option 60']],
    [OPTION.vendorSpecific, ['computed.DHCP']],
    [OPTION.ipxe, ['computed.DHCP']],
    [OPTION.tftpServer, ['computed.server']],
    [OPTION.bootFile, loaderOf(state)],
    ...[...network].map(([code, { fact }]) => [code, [fact]] as const),
  ])
}

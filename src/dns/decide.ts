/**
 * What a DNS question is answered with: the names and addresses of our own machines. Of others another resolver is asked, for
 * those who may; there is no zone transfer. Pure: who knows the names is handed in.
 */
import type { Ipv4 } from '../model/address.ts'
import { type Ipv6, isIpv6 } from '../model/address6.ts'
import { type DnsAnswer, type DnsQuery, type DnsQuestion, type DnsRecord, OPCODE_QUERY, RCODE } from './codec.ts'
import { addressOfReverse, isPartOfReverse, type ReverseZones, reverseApex } from './reverse.ts'

/** What is known: addresses by name and names by address. Names without the last dot, in small letters. */
export interface DnsLookUp {
  /** With or without our domain. */
  addresses(name: string): readonly (Ipv4 | Ipv6)[]
  /** Whole names, the machine's own first. */
  names(ip: Ipv4 | Ipv6): readonly string[]
  /** The whole name that this one is another word for; with or without our domain. */
  alias(name: string): string | undefined
}

export interface DnsZone extends ReverseZones {
  /** `lab.example`; empty: none, and only names that are known are answered. */
  readonly domain: string
  /** The addresses of this server, as `ns.<domain>`. */
  readonly self: readonly (Ipv4 | Ipv6)[]
}

/** Or another resolver is to be asked. */
export type DnsDecision = DnsAnswer | 'forward'

/** Seconds. Short: a machine may have another address, or be there at all, from one minute to the next. */
const TTL = 60
const NEGATIVE_TTL = 15
/** A day for what never changes. */
const ZONE_TTL = 86_400

/** @param mayForward other resolvers are asked for this client */
export function decideDns(query: DnsQuery, lookUp: DnsLookUp, zone: DnsZone, mayForward = false): DnsDecision {
  const decided = decideOwn(query, lookUp, zone)
  if (!mayForward) return decided ?? without(RCODE.refused)
  return decided ? { ...decided, recursionAvailable: true } : elsewhere(query)
}

/** What another resolver is asked: not without being told to, and not for all that it knows (RFC 8482). */
function elsewhere({ recursionDesired, questions: [question] }: DnsQuery): DnsDecision {
  const isAsked = recursionDesired && question?.class === 'IN' && question.type !== 'ANY'
  if (!isAsked) return { ...without(RCODE.refused), recursionAvailable: true }
  // A word without a dot is a machine that we do not know, and nobody else's matter.
  if (/^[^.]+$/.test(question.name) && (question.type === 'A' || question.type === 'AAAA'))
    return { ...without(RCODE.nxDomain), recursionAvailable: true }
  return 'forward'
}

/** Undefined: it is about a name of somebody else. */
function decideOwn(query: DnsQuery, lookUp: DnsLookUp, zone: DnsZone): DnsAnswer | undefined {
  if (query.edns && query.edns.version > 0) return without(RCODE.badVers)
  if (query.opcode !== OPCODE_QUERY) return without(RCODE.notImp)
  const [question, ...more] = query.questions
  if (!question || more.length > 0) return without(RCODE.formErr)
  if (question.class !== 'IN' && question.class !== 'ANY') return without(RCODE.refused)
  if (question.type === 'AXFR' || question.type === 'IXFR') return without(RCODE.refused)

  const domain = zone.domain.toLowerCase()
  const name = question.name.toLowerCase()
  const apex = isInside(name, domain) ? domain : reverseApex(name, zone)
  const owned = recordsOf(question.name, lookUp, { ...zone, domain }, apex)
  if (owned.length > 0) return known(question, owned, apex ?? question.name, domain)
  if (apex === undefined) return undefined
  // RFC 8020: of a name that is said not to be there nobody asks for what is below it.
  const rcode = isPartOfReverse(name) ? RCODE.noError : RCODE.nxDomain
  return { rcode, authoritative: true, answers: [], authorities: [soaOf(apex, domain)] }
}

/** The name is ours: the records of the type that was asked, or the word that there are none of it. */
function known({ type }: DnsQuestion, owned: readonly DnsRecord[], apex: string, domain: string): DnsAnswer {
  // RFC 1034, 3.6.2: a name that is another word for one stands for all of its records.
  const [first] = owned
  const answers = owned.filter((record) => type === 'ANY' || record.type === type || record === alias(first))
  const authorities = answers.length > 0 ? [] : [soaOf(apex, domain)]
  return { rcode: RCODE.noError, authoritative: true, answers, authorities }
}

function alias(record: DnsRecord | undefined): DnsRecord | undefined {
  return record?.type === 'CNAME' ? record : undefined
}

/** All records of a name, with the letters as they were asked. */
function recordsOf(asked: string, lookUp: DnsLookUp, zone: DnsZone, apex: string | undefined): DnsRecord[] {
  const name = asked.toLowerCase()
  if (!isHostName(name)) return []
  const ip = addressOfReverse(name)
  const hosts = ip ? pointers(asked, ip, lookUp, zone) : addressesOf(asked, lookUp, zone)
  if (name !== apex) return hosts
  const server = serverName(zone.domain === '' ? apex : zone.domain)
  return [soaOf(asked, zone.domain), { type: 'NS', name: asked, ttl: ZONE_TTL, data: server }, ...hosts]
}

function pointers(asked: string, ip: Ipv4 | Ipv6, lookUp: DnsLookUp, { domain, self }: DnsZone): DnsRecord[] {
  const found = lookUp.names(ip).filter(isHostName)
  const names = found.length === 0 && domain !== '' && self.includes(ip) ? [serverName(domain)] : found
  return names.map((data) => ({ type: 'PTR', name: asked, ttl: TTL, data }))
}

/** Behind another word for a name comes what that name has, so that nobody must ask twice. */
function addressesOf(asked: string, lookUp: DnsLookUp, { domain, self }: DnsZone): DnsRecord[] {
  const name = asked.toLowerCase()
  const found = lookUp.addresses(name)
  const target = found.length === 0 && name !== domain ? lookUp.alias(name) : undefined
  if (target !== undefined && isHostName(target) && target !== name) {
    const hosts = hostRecords(target, lookUp.addresses(target))
    return [{ type: 'CNAME', name: asked, ttl: TTL, data: target }, ...hosts]
  }
  const isServer = found.length === 0 && domain !== '' && name === serverName(domain)
  return hostRecords(asked, isServer ? self : found)
}

function hostRecords(name: string, addresses: readonly (Ipv4 | Ipv6)[]): DnsRecord[] {
  return [...new Set(addresses)].map((data) => ({ type: isIpv6(data) ? 'AAAA' : 'A', name, ttl: TTL, data }))
}

/** Outside of our domain every name that we know is a little zone of its own. */
function soaOf(apex: string, domain: string): DnsRecord {
  const within = domain === '' ? apex : domain
  const data = {
    mname: serverName(within),
    rname: `hostmaster.${within}`,
    // Nobody copies the zone, so nobody compares serials.
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: ZONE_TTL,
    minimum: NEGATIVE_TTL,
  }
  return { type: 'SOA', name: apex, ttl: NEGATIVE_TTL, data }
}

function serverName(domain: string): string {
  return `ns.${domain}`
}

function isInside(name: string, domain: string): boolean {
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`))
}

/** Only what can be a host's name is looked up or told; an underscore is let through, since people use it. */
function isHostName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/i.test(label))
}

function without(rcode: number): DnsAnswer {
  return { rcode, authoritative: false, answers: [], authorities: [] }
}

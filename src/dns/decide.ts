/**
 * What a DNS question is answered with: the names and addresses of our own machines, and of nothing else. There is no
 * recursion, no forwarding and no zone transfer. Pure: who knows the names is handed in.
 */
import { asIpv4, type Ipv4 } from '../model/address.ts'
import { type DnsAnswer, type DnsQuery, type DnsQuestion, type DnsRecord, OPCODE_QUERY, RCODE } from './codec.ts'

/** What is known: addresses by name and names by address. Names without the last dot, in small letters. */
export interface DnsLookUp {
  /** With or without our domain. */
  addresses(name: string): readonly Ipv4[]
  /** Whole names, the machine's own first. */
  names(ip: Ipv4): readonly string[]
}

export interface DnsZone {
  /** `lab.example`; empty: none, and only names that are known are answered. */
  readonly domain: string
  /** The addresses of this server, as `ns.<domain>`. */
  readonly self: readonly Ipv4[]
}

/** Seconds. Short: a machine may have another address, or be there at all, from one minute to the next. */
const TTL = 60
const NEGATIVE_TTL = 15
/** A day for what never changes. */
const ZONE_TTL = 86_400

export function decideDns(query: DnsQuery, lookUp: DnsLookUp, zone: DnsZone): DnsAnswer {
  if (query.edns && query.edns.version > 0) return without(RCODE.badVers)
  if (query.opcode !== OPCODE_QUERY) return without(RCODE.notImp)
  const [question, ...more] = query.questions
  if (!question || more.length > 0) return without(RCODE.formErr)
  if (question.class !== 'IN' && question.class !== 'ANY') return without(RCODE.refused)
  if (question.type === 'AXFR' || question.type === 'IXFR') return without(RCODE.refused)

  const domain = zone.domain.toLowerCase()
  const name = question.name.toLowerCase()
  const owned = recordsOf(question.name, lookUp, { ...zone, domain })
  if (owned.length > 0) return known(question, owned, isInside(name, domain) ? domain : question.name, domain)
  if (!isInside(name, domain)) return without(RCODE.refused)
  return { rcode: RCODE.nxDomain, authoritative: true, answers: [], authorities: [soaOf(domain, domain)] }
}

/** The name is ours: the records of the type that was asked, or the word that there are none of it. */
function known({ type }: DnsQuestion, owned: readonly DnsRecord[], apex: string, domain: string): DnsAnswer {
  const answers = owned.filter((record) => type === 'ANY' || record.type === type)
  const authorities = answers.length > 0 ? [] : [soaOf(apex, domain)]
  return { rcode: RCODE.noError, authoritative: true, answers, authorities }
}

/** All records of a name, with the letters as they were asked. */
function recordsOf(asked: string, lookUp: DnsLookUp, { domain, self }: DnsZone): DnsRecord[] {
  const name = asked.toLowerCase()
  if (!isHostName(name)) return []
  const ip = addressOfReverse(name)
  if (ip) {
    const names = lookUp.names(ip).filter(isHostName)
    return names.map((data) => ({ type: 'PTR', name: asked, ttl: TTL, data }))
  }
  const found = lookUp.addresses(name)
  const addresses = found.length === 0 && domain !== '' && name === serverName(domain) ? self : found
  const hosts = [...new Set(addresses)].map((data): DnsRecord => ({ type: 'A', name: asked, ttl: TTL, data }))
  if (domain === '' || name !== domain) return hosts
  return [soaOf(asked, domain), { type: 'NS', name: asked, ttl: ZONE_TTL, data: serverName(domain) }, ...hosts]
}

/** `11.0.77.10.in-addr.arpa` is 10.77.0.11. */
function addressOfReverse(name: string): Ipv4 | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)
  return match ? asIpv4(match.slice(1).reverse().join('.')) : undefined
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

/**
 * What the proxy may fetch, from where, and how long it trusts what it has. Pure.
 *
 * A proxy can reach what its clients cannot: this server's own loopback, its neighbors, the metadata service of a cloud.
 * So it fetches from the mirrors that are listed, and a name among them may not lead just anywhere.
 */
import type { Facts, Target } from './codec.ts'

/**
 * Where a mirror's name may lead: `public`, to the internet; `site`, also to private networks; `any`, also to this host
 * and what is local to its links.
 */
export type Trust = 'public' | 'site' | 'any'

/**
 * Undefined: it is no mirror of ours. The more exactly it was listed, the further it is trusted: all below a domain, one
 * name, an address or a name with its port.
 * @param mirrors as in the settings: `host`, `host:port`, `*.domain`
 */
export function trustOf({ host, port }: Pick<Target, 'host' | 'port'>, mirrors: readonly string[]): Trust | undefined {
  const isAddress = isIpv4(host)
  const found = mirrors.flatMap((mirror): Trust[] => {
    const [name = '', itsPort] = mirror.toLowerCase().split(':')
    if (port !== Number(itsPort ?? 80)) return []
    // `*.0.0.1` is no domain.
    if (name.startsWith('*.')) return !isAddress && host.endsWith(name.slice(1)) ? ['public'] : []
    if (host !== name) return []
    return [isAddress || itsPort !== undefined ? 'any' : 'site']
  })
  return (['any', 'site', 'public'] as const).find((trust) => found.includes(trust))
}

/** @param isOwn whether an address is one of this host's */
export function mayConnect(address: string, trust: Trust, isOwn: (address: string) => boolean): boolean {
  if (trust === 'any') return true
  if (isOwn(address)) return false
  const reach = address.includes(':') ? reachOfIpv6(address) : reachOfIpv4(address)
  return reach === 'public' || (reach === 'private' && trust === 'site')
}

export function isIpv4(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
}

export function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === '::1'
}

type Reach = 'public' | 'private' | 'local'

/** IANA's registry of special addresses (RFC 6890), as networks and what they are. */
const SPECIAL: readonly (readonly [network: string, prefix: number, reach: Reach])[] = [
  ['0.0.0.0', 8, 'local'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'local'],
  ['169.254.0.0', 16, 'local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'local'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['224.0.0.0', 3, 'local'],
]

function reachOfIpv4(address: string): Reach {
  if (!isIpv4(address)) return 'local'
  const number = numberOf(address)
  const found = SPECIAL.find(([network, prefix]) => (number ^ numberOf(network)) >>> (32 - prefix) === 0)
  return found?.[2] ?? 'public'
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
}

/** Global unicast but for what carries an IPv4 address inside (6to4, Teredo); unique local; all the rest is local. */
function reachOfIpv6(address: string): Reach {
  const first = Number.parseInt(address.split(':', 1)[0] ?? '', 16)
  if (first >= 0xfc00 && first <= 0xfdff) return 'private'
  if (!(first >= 0x2000 && first <= 0x3fff) || first === 0x2002) return 'local'
  return /^2001:(:|0*:)/i.test(address) ? 'local' : 'public'
}

/**
 * Files that never change under their name: packages and sources of a pool, what is called by its hash, RPMs. All other
 * files (indexes, installers) are asked about each time.
 */
export function isImmutable({ path, hasQuery }: Pick<Target, 'path' | 'hasQuery'>): boolean {
  if (hasQuery) return false
  return (
    /\/pool\/.*\.(u?deb|ddeb|dsc|changes|buildinfo|tar(\.\w+)?|diff\.gz|asc)$/.test(path) ||
    /\/by-hash\/(MD5Sum|SHA1|SHA256|SHA512)\/[0-9a-f]{32,128}$/i.test(path) ||
    /\.d?rpm$/.test(path) ||
    /\/repodata\/[0-9a-f]{32,128}-[^/]+$/.test(path)
  )
}

type Headers = Readonly<Record<string, string | undefined>>

/** Kept with a file, and told to whoever gets it. */
const KEPT = ['content-type', 'content-encoding', 'last-modified', 'etag', 'cache-control', 'expires']
/** Passed on from a mirror when nothing is kept. */
const PASSED = [...KEPT, 'content-length', 'content-range', 'accept-ranges', 'location', 'retry-after', 'date', 'age']

export function keptHeaders(headers: Headers): Record<string, string> {
  return only(KEPT, headers)
}

export function passedHeaders(headers: Headers): Record<string, string> {
  return only(PASSED, headers)
}

function only(names: readonly string[], headers: Headers): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Undefined: it is not to be kept, because its end could not be told from a broken connection, or because it says so. */
export function factsOf({ url, hasQuery }: Pick<Target, 'url' | 'hasQuery'>, headers: Headers): Facts | undefined {
  const length = headers['content-length']
  const isFramed = length !== undefined || /chunked/i.test(headers['transfer-encoding'] ?? '')
  if (hasQuery || !isFramed || /\b(no-store|private)\b/i.test(headers['cache-control'] ?? '')) return undefined
  return { url, length: length === undefined ? undefined : Number(length), headers: keptHeaders(headers) }
}

/** What to ask a mirror so that it need not send again what we have. */
export function revalidation({ headers }: Facts): Record<string, string> {
  const { etag, 'last-modified': modified } = headers
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(modified !== undefined && { 'if-modified-since': modified }),
  }
}

/** Whether a client has the file as it is (RFC 9110, 13.2.2): a tag counts more than a time. */
export function isNotModified(request: Headers, { headers }: Facts): boolean {
  const tags = request['if-none-match']
  if (tags !== undefined) {
    const own = headers['etag']?.replace(/^W\//, '')
    return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === own)
  }
  const [since, modified] = [request['if-modified-since'], headers['last-modified']].map((text) =>
    Date.parse(text ?? ''),
  )
  return since !== undefined && modified !== undefined && modified <= since
}

/** Whether a part fits to what the client has of the file (RFC 9110, 13.1.5); else it gets the whole. */
export function mayHaveRange(request: Headers, { headers }: Facts): boolean {
  const condition = request['if-range']
  return condition === undefined || condition === headers['etag'] || condition === headers['last-modified']
}

/** Which of a service's systems is meant: the only one, or that with the id, name or UUID of `power_id`. */
import { PowerError } from '../driver.ts'
import { clean } from '../http/clean.ts'
import type { RedfishClient, Resource } from './client.ts'
import { type ComputerSystem, linkIn, linksIn, pathOf, systemOf, textIn } from './resources.ts'

const SYSTEMS = '/redfish/v1/Systems'
/** A chassis of blades has dozens; a collection without an end has none. */
const MOST_SYSTEMS = 256
const MOST_PAGES = 16
const TOLD = 12

/** A system with the ETag of its reading. */
export interface Found {
  readonly system: ComputerSystem
  readonly etag: string | undefined
}

/** @throws PowerError wrong-id: it names the systems that are there */
export async function findSystem(client: RedfishClient, id: string, signal: AbortSignal): Promise<Found> {
  const { host } = client
  if (id.startsWith('/redfish/')) return findByPath(client, id, signal)
  const paths = await listMembers(client, linkIn(await client.root(signal), 'Systems') ?? SYSTEMS, signal)
  if (paths.length === 0) throw new PowerError('wrong-id', `${host} has no computer system`)

  // The last part of the path is the Id, as good as always: one question instead of one for each.
  const exact = paths.find((path) => path.replace(/\/$/, '').split('/').at(-1) === id)
  const [only] = paths
  if (exact !== undefined || (id === '' && paths.length === 1 && only !== undefined)) {
    return foundOf(await client.get(exact ?? only ?? '', signal))
  }
  const found: Found[] = []
  for (const path of paths) {
    const one = foundOf(await client.get(path, signal))
    if (id !== '' && isCalled(one.system, id)) return one
    found.push(one)
  }
  const there = found.slice(0, TOLD).map(({ system }) => describe(system))
  const list = found.length > TOLD ? `${there.join(', ')} and ${found.length - TOLD} more` : there.join(', ')
  if (id === '') throw new PowerError('wrong-id', `${host} has several systems: set power_id to one of ${list}`)
  throw new PowerError('wrong-id', `${host} has no system "${clean(id, 80)}"; set power_id to one of ${list}`)
}

async function findByPath(client: RedfishClient, id: string, signal: AbortSignal): Promise<Found> {
  const path = pathOf(id)
  if (path === undefined) throw new PowerError('wrong-id', `power_id "${clean(id, 80)}" is no path of a system`)
  const { status, body } = await client.ask('GET', path, signal)
  if (status !== 404 && body !== undefined) return foundOf(await client.get(path, signal))
  throw new PowerError('wrong-id', `${client.host} has no system at ${clean(path, 80)}; check power_id`)
}

export function foundOf({ path, json, etag }: Resource): Found {
  return { system: systemOf(path, json), etag }
}

/** The members of a collection, with its further pages (DSP0266, "Collections"). */
export async function listMembers(client: RedfishClient, collection: string, signal: AbortSignal): Promise<string[]> {
  const members = new Set<string>()
  let next: string | undefined = collection
  for (let page = 0; next !== undefined && page < MOST_PAGES && members.size < MOST_SYSTEMS; page++) {
    const { json } = await client.get(next, signal)
    for (const path of linksIn(json, 'Members')) members.add(path)
    next = pathOf(textIn(json, 'Members@odata.nextLink') || undefined)
  }
  return [...members].slice(0, MOST_SYSTEMS)
}

function isCalled({ id, name, uuid }: ComputerSystem, wanted: string): boolean {
  return id === wanted || name === wanted || isSameUuid(uuid, wanted)
}

/**
 * Equal as UUIDs. The first three fields may be turned round: SMBIOS keeps them little-endian since 2.6, and firmware,
 * BMC and operating system do not agree on who turns them.
 */
export function isSameUuid(one: string, other: string): boolean {
  const [a, b] = [digitsOf(one), digitsOf(other)]
  return a !== undefined && b !== undefined && (a === b || turned(a) === b)
}

function digitsOf(uuid: string): string | undefined {
  const digits = uuid
    .replace(/^urn:uuid:/i, '')
    .replaceAll('-', '')
    .toLowerCase()
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined
}

function turned(digits: string): string {
  const [first, second, third, rest] = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16)]
  const turn = (part: string) => (part.match(/../g) ?? []).reverse().join('')
  return turn(first) + turn(second) + turn(third) + rest
}

function describe({ id, name, uuid }: ComputerSystem): string {
  const more = [name !== id ? clean(name, 40) : '', clean(uuid, 40)].filter((one) => one !== '').join(', ')
  return more === '' ? `"${clean(id, 60)}"` : `"${clean(id, 60)}" (${more})`
}

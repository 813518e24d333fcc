/**
 * Lists in pages: what a query asks of a list, and the part of it that is answered. A page begins after the last object of
 * the one before, by its name, so that pages stay whole while others add and remove.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { globMatcher } from '../lib/glob.ts'
import { OrchestraError } from '../model/errors.ts'
import { INHERIT, type Item } from '../model/item.ts'
import { STAGES } from '../model/standing.ts'
import type { System } from '../model/system.ts'

const SORTS = ['name', '-name', 'ctime', '-ctime', 'mtime', '-mtime'] as const

const pages = {
  limit: z.coerce.number().int().min(1).max(10_000).optional().describe('So many at most; unset: all of them.'),
  cursor: z.string().max(2000).optional().describe('From the Link header of the page before.'),
  sort: z.enum(SORTS).default('name').describe('With a minus: the other way round.'),
  name: z.string().max(255).optional().describe('A name, or a pattern of a shell: node*'),
}

export const listQuery = z.strictObject(pages)
export const systemsQuery = z.strictObject({
  ...pages,
  profile: z.string().optional(),
  mgmtClass: z.string().optional().describe('One of its own classes.'),
  netboot: z.stringbool().optional(),
  power: z.enum(['on', 'off', 'unknown']).optional().describe('As it was last seen.'),
  stage: z.enum(STAGES).optional(),
})
export type ListQuery = z.infer<typeof listQuery> & Partial<z.infer<typeof systemsQuery>>

/** What is known of a system beside what was saved. */
export interface SystemSights {
  powerOf(name: string): string
  stageOf(system: System): string
}

const DEFAULT_LIMIT = 100

/** Sets `Link` (RFC 8288) and `X-Total-Count`. @param items in order of name @throws OrchestraError item.invalid */
export function pageOf<Kind extends Item>(
  items: readonly Kind[],
  query: ListQuery,
  request: FastifyRequest,
  reply: FastifyReply,
  sights: SystemSights,
): readonly Kind[] {
  const filter = filterOf(query, sights)
  const wanted = filter ? items.filter(filter) : items
  reply.header('x-total-count', wanted.length)
  const { sort, cursor } = query
  const ordered = sort === 'name' ? wanted : [...wanted].sort(orderOf(sort))
  if (query.limit === undefined && cursor === undefined) return ordered
  const limit = query.limit ?? DEFAULT_LIMIT
  const start = cursor === undefined ? 0 : startAfter(ordered, sort, cursor)
  const page = ordered.slice(start, start + limit)
  const last = page.at(-1)
  if (last && start + limit < ordered.length)
    reply.header('link', `<${nextUrl(request, cursorOf(last, sort))}>; rel="next"`)
  return page
}

/** Undefined: all of them. */
function filterOf(query: ListQuery, { powerOf, stageOf }: SystemSights): ((item: Item) => boolean) | undefined {
  const { limit: _, cursor: __, sort: ___, ...filters } = query
  const { name, profile, mgmtClass, netboot, power, stage } = filters
  if (Object.values(filters).every((value) => value === undefined)) return undefined
  const isNamed = name === undefined ? undefined : globMatcher(name)
  return (item) => {
    if (isNamed && !isNamed(item.name)) return false
    const { mgmtClasses } = item
    if (mgmtClass !== undefined && (mgmtClasses === INHERIT || !mgmtClasses.includes(mgmtClass))) return false
    const system = item as System
    if (profile !== undefined && system.profile !== profile) return false
    if (netboot !== undefined && system.netbootEnabled !== netboot) return false
    if (power !== undefined && powerOf(system.name) !== power) return false
    return stage === undefined || stageOf(system) === stage
  }
}

type Sort = (typeof SORTS)[number]

function orderOf(sort: Sort): (a: Keyed, b: Keyed) => number {
  const key = sort.replace('-', '') as 'name' | 'ctime' | 'mtime'
  const sign = sort.startsWith('-') ? -1 : 1
  return (a, b) => {
    if (key !== 'name' && a[key] !== b[key]) return sign * (a[key] - b[key])
    return sign * (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  }
}

type Keyed = Pick<Item, 'name' | 'ctime' | 'mtime'>

/** The name of the last one; in another order its time before it. */
function cursorOf({ name, ctime, mtime }: Keyed, sort: Sort): string {
  if (sort.endsWith('name')) return name
  return `${sort.endsWith('ctime') ? ctime : mtime}/${name}`
}

function startAfter(ordered: readonly Keyed[], sort: Sort, cursor: string): number {
  const [, time = '', name = ''] = sort.endsWith('name') ? ['', '0', cursor] : (/^(\d{1,16})\/(.*)$/.exec(cursor) ?? [])
  if (time === '')
    throw new OrchestraError('item.invalid', 'the cursor is of a list in another order', { field: 'cursor' })
  const order = orderOf(sort)
  const last = { name, ctime: Number(time), mtime: Number(time) }
  let [low, high] = [0, ordered.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = ordered[middle]
    if (one && order(one, last) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The same query, from another place on. */
export function nextUrl(request: FastifyRequest, cursor: string): string {
  const [path = '', query = ''] = request.url.split('?', 2)
  const params = new URLSearchParams(query)
  params.set('cursor', cursor)
  return `${path}?${params}`
}

/** PROPFIND (RFC 4918 section 9.1): properties of a resource, of what is in it, or of all below it within a bound. */
import { setImmediate } from 'node:timers/promises'
import { readXml } from '../body.ts'
import { checkThere } from '../guard.ts'
import { multistatus, resourceResponse, XML_TYPE } from '../multistatus.ts'
import { hrefOf } from '../path.ts'
import { needsDead, resultsFor } from '../properties.ts'
import { Refusal } from '../refusal.ts'
import { type PropertyQuestion, readPropfind } from '../request-xml.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'
import type { Node } from '../tree.ts'

/** With Depth infinity; more has to be asked for folder by folder. */
const MOST_BELOW = 10_000
/** Characters of one answer. */
const MOST_TEXT = 64 * 1024 * 1024
/** Resources whose dead properties are fetched at once. */
const BATCH = 500

export async function propfind(store: Store, request: DavRequest): Promise<DavAnswer> {
  const question = await readXml(request.body, readPropfind)
  const depth = request.headers['depth']?.trim().toLowerCase() ?? 'infinity'
  if (depth !== '0' && depth !== '1' && depth !== 'infinity') throw new Refusal(400, 'Depth is 0, 1 or infinity')
  const { node } = await checkThere(store, request)
  const nodes = depth === '0' || node.kind === 'file' ? [node] : await nodesBelow(store, node, depth)
  const responses: string[] = []
  let length = 0
  for (let at = 0; at < nodes.length; at += BATCH) {
    for (const text of await responsesFor(store, nodes.slice(at, at + BATCH), question)) {
      length += text.length
      if (length > MOST_TEXT) throw new Refusal(507, 'the answer would be too long: ask for less')
      responses.push(text)
    }
    await setImmediate()
  }
  return { status: 207, headers: { 'content-type': XML_TYPE }, body: multistatus(responses) }
}

async function responsesFor(store: Store, nodes: readonly Node[], question: PropertyQuestion): Promise<string[]> {
  const dead = needsDead(question) ? await store.properties.find(nodes.map(({ path }) => path)) : new Map()
  const available = await store.quota.available()
  return nodes.map((node) => {
    const facts = {
      node,
      dead: dead.get(node.path) ?? [],
      locks: store.locks.covering(node.path),
      now: store.clock.now(),
      quota: { used: store.quota.used, available },
    }
    return resourceResponse({ href: hrefOf(node.path, node.kind === 'folder'), results: resultsFor(question, facts) })
  })
}

async function nodesBelow({ tree }: Store, folder: Node, depth: '1' | 'infinity'): Promise<Node[]> {
  const nodes = [folder]
  if (depth === '1') return [...nodes, ...(await tree.list(folder.path))]
  // The list grows while it is walked through: folders come before what is in them.
  for (const { kind, path } of nodes) {
    if (kind === 'folder') for (const inside of await tree.list(path)) nodes.push(inside)
    if (nodes.length > MOST_BELOW) {
      throw new Refusal(403, `more than ${MOST_BELOW} resources: ask with Depth 1`, {
        condition: 'propfind-finite-depth',
      })
    }
  }
  return nodes
}

/** PROPPATCH (RFC 4918 section 9.2): properties set and removed in their order, all of them or none. */
import { readXml } from '../body.ts'
import { checkThere, requireOurs, requireUnlocked } from '../guard.ts'
import { emptyElement, multistatus, type PropertyResult, resourceResponse, XML_TYPE } from '../multistatus.ts'
import { hrefOf } from '../path.ts'
import { isProtected } from '../properties.ts'
import { type PropertyChange, readPropertyUpdate } from '../request-xml.ts'
import type { DavAnswer, DavRequest, DeadProperty, Store } from '../store.ts'

/** Of one resource together: its names, and the characters of its values. */
const MOST_PROPERTIES = 250
const MOST_TEXT = 256 * 1024

export async function proppatch(store: Store, request: DavRequest): Promise<DavAnswer> {
  const changes = await readXml(request.body, readPropertyUpdate)
  const { path } = request.place
  return await store.oneAtATime(async () => {
    await requireOurs(store, path)
    const { node, tokens } = await checkThere(store, request)
    requireUnlocked(store, request, tokens, [path])
    const results = judge(changes, (await store.properties.find([path])).get(path) ?? [])
    if (results.every(({ status }) => status === 200)) await store.properties.change(path, changes)
    const response = resourceResponse({ href: hrefOf(path, node.kind === 'folder'), results })
    return { status: 207, headers: { 'content-type': XML_TYPE }, body: multistatus([response]) }
  })
}

function judge(changes: readonly PropertyChange[], before: readonly DeadProperty[]): PropertyResult[] {
  const refused = changes.filter(isProtected)
  if (refused.length > 0) {
    return [
      { status: 403, properties: names(refused), condition: 'cannot-modify-protected-property' },
      { status: 424, properties: names(changes.filter((change) => !refused.includes(change))) },
    ]
  }
  const after = new Map(before.map((property) => [keyOf(property), property.xml]))
  for (const change of changes) {
    if (change.xml === undefined) after.delete(keyOf(change))
    else after.set(keyOf(change), change.xml)
  }
  const length = [...after.values()].reduce((sum, xml) => sum + xml.length, 0)
  const tooMuch = after.size > MOST_PROPERTIES || length > MOST_TEXT
  return [{ status: tooMuch ? 507 : 200, properties: names(changes) }]
}

function keyOf({ namespace, name }: PropertyChange | DeadProperty): string {
  return `${namespace} ${name}`
}

function names(changes: readonly PropertyChange[]): string[] {
  return [...new Set(changes.map(emptyElement))]
}

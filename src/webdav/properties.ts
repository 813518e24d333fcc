/** The properties of a resource (RFC 4918 section 15, RFC 4331): those that we know, and those that clients keep. Pure. */
import type { Lock } from './locks.ts'
import { emptyElement, type PropertyResult } from './multistatus.ts'
import { hrefOf } from './path.ts'
import type { PropertyName, PropertyQuestion } from './request-xml.ts'
import type { DeadProperty } from './store.ts'
import type { Node } from './tree.ts'
import { escapeXml } from './xml.ts'

export interface ResourceFacts {
  readonly node: Node
  readonly dead: readonly DeadProperty[]
  readonly locks: readonly Lock[]
  readonly now: number
  readonly quota: { readonly used: number; readonly available: number }
}

/** What is inside the element; undefined: this resource has no such property. */
const LIVE: Readonly<Record<string, (facts: ResourceFacts) => string | undefined>> = {
  creationdate: ({ node }) => new Date(node.made || node.mtime).toISOString().replace(/\.\d+Z$/, 'Z'),
  getcontentlength: ({ node }) => (node.kind === 'file' ? String(node.size) : undefined),
  getetag: ({ node }) => node.etag && escapeXml(node.etag),
  getlastmodified: ({ node }) => new Date(node.mtime).toUTCString(),
  lockdiscovery: ({ locks, now }) => activeLocks(locks, now),
  resourcetype: ({ node }) => (node.kind === 'folder' ? '<D:collection/>' : ''),
  supportedlock: () =>
    ['exclusive', 'shared']
      .map((scope) => `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope>${WRITE}</D:lockentry>`)
      .join(''),
}

/** RFC 4331 section 3: only for those who ask by name. */
const ON_REQUEST: typeof LIVE = {
  'quota-available-bytes': ({ node, quota }) => (node.kind === 'folder' ? String(quota.available) : undefined),
  'quota-used-bytes': ({ node, quota }) => (node.kind === 'folder' ? String(quota.used) : undefined),
}

const WRITE = '<D:locktype><D:write/></D:locktype>'

/** Names of DAV: that mean nothing to us and are the client's to set. */
const CLIENTS_OWN = new Set(['displayname', 'getcontentlanguage'])

/** All others in the namespace of WebDAV are ours, or nobody's. */
export function isProtected({ namespace, name }: PropertyName): boolean {
  return namespace === 'DAV:' && !CLIENTS_OWN.has(name)
}

export function needsDead(question: PropertyQuestion): boolean {
  return question.ask !== 'these' || question.names.some((name) => !isProtected(name))
}

export function resultsFor(question: PropertyQuestion, facts: ResourceFacts): PropertyResult[] {
  const live = Object.keys(LIVE).filter((name) => LIVE[name]?.(facts) !== undefined)
  if (question.ask === 'names') {
    const names = [...live.map((name) => ({ namespace: 'DAV:', name })), ...facts.dead]
    return [{ status: 200, properties: names.map(emptyElement) }]
  }
  const properties: string[] = []
  const missing: string[] = []
  if (question.ask === 'all') {
    properties.push(
      ...live.map((name) => element(name, LIVE[name]?.(facts) ?? '')),
      ...facts.dead.map(({ xml }) => xml),
    )
  }
  for (const name of question.ask === 'all' ? question.include : question.names) {
    const found = find(name, facts)
    if (found === undefined) missing.push(emptyElement(name))
    else if (!properties.includes(found)) properties.push(found)
  }
  return [
    { status: 200, properties },
    { status: 404, properties: missing },
  ]
}

function find({ namespace, name }: PropertyName, facts: ResourceFacts): string | undefined {
  if (isProtected({ namespace, name })) {
    const table = [LIVE, ON_REQUEST].find((one) => Object.hasOwn(one, name))
    const value = table?.[name]?.(facts)
    return value === undefined ? undefined : element(name, value)
  }
  return facts.dead.find((one) => one.namespace === namespace && one.name === name)?.xml
}

function element(name: string, inside: string): string {
  return inside === '' ? `<D:${name}/>` : `<D:${name}>${inside}</D:${name}>`
}

export function lockDiscovery(locks: readonly Lock[], now: number): string {
  return element('lockdiscovery', activeLocks(locks, now))
}

function activeLocks(locks: readonly Lock[], now: number): string {
  return locks.map((lock) => activeLock(lock, now)).join('')
}

function activeLock({ token, path, depth, scope, owner, expires }: Lock, now: number): string {
  return [
    `<D:activelock>${WRITE}<D:lockscope><D:${scope}/></D:lockscope><D:depth>${depth}</D:depth>`,
    owner,
    `<D:timeout>Second-${Math.max(0, Math.round((expires - now) / 1000))}</D:timeout>`,
    `<D:locktoken><D:href>${escapeXml(token)}</D:href></D:locktoken>`,
    `<D:lockroot><D:href>${escapeXml(hrefOf(path, false))}</D:href></D:lockroot></D:activelock>`,
  ].join('')
}

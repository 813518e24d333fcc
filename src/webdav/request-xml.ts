/** The bodies of PROPFIND, PROPPATCH and LOCK (RFC 4918 section 14): bytes to values. Pure. */
import { DecodeError } from '../lib/bytes.ts'
import { type Element, parseXml, writeXml } from './xml.ts'

export interface PropertyName {
  readonly namespace: string
  readonly name: string
}

export type PropertyQuestion =
  | { readonly ask: 'names' }
  /** All, and these besides. */
  | { readonly ask: 'all'; readonly include: readonly PropertyName[] }
  | { readonly ask: 'these'; readonly names: readonly PropertyName[] }

/** One step of a PROPPATCH: `xml` is the whole element; undefined: it goes. */
export interface PropertyChange extends PropertyName {
  readonly xml: string | undefined
}

export interface LockWish {
  readonly scope: 'exclusive' | 'shared'
  /** The whole `owner` element, or nothing. */
  readonly owner: string
}

const DAV = 'DAV:'
const XML = 'http://www.w3.org/XML/1998/namespace'
/** Of one property, in characters. */
const MAX_VALUE = 64 * 1024
const MAX_OWNER = 8 * 1024
/** Each is answered for each resource. */
const MAX_NAMES = 1000

/** No body at all asks for all (RFC 4918 section 9.1). @throws DecodeError */
export function readPropfind(body: Uint8Array): PropertyQuestion {
  if (body.length === 0) return { ask: 'all', include: [] }
  const root = rootOf(body, 'propfind')
  const [all, names, these] = ['allprop', 'propname', 'prop'].map((name) => child(root, name))
  // Elements that nobody knows are passed over (section 17); two questions at once are none.
  if ([all, names, these].filter((one) => one !== undefined).length !== 1) {
    throw new DecodeError('propfind asks for one of prop, allprop and propname')
  }
  if (these) return { ask: 'these', names: namesIn(these) }
  const include = child(root, 'include')
  return names ? { ask: 'names' } : { ask: 'all', include: include ? namesIn(include) : [] }
}

/** In the order of the document, in which they are to be done (RFC 4918 section 9.2). @throws DecodeError */
export function readPropertyUpdate(body: Uint8Array): PropertyChange[] {
  const root = rootOf(body, 'propertyupdate')
  const changes = elements(root).flatMap((step) => {
    if (step.namespace !== DAV || (step.name !== 'set' && step.name !== 'remove')) return []
    return elements(step)
      .filter(({ namespace, name }) => namespace === DAV && name === 'prop')
      .flatMap((prop) =>
        elements(prop).map((property) => ({
          namespace: property.namespace,
          name: property.name,
          xml: step.name === 'set' ? writeXml(inLanguage(property, [prop, step, root]), MAX_VALUE) : undefined,
        })),
      )
  })
  if (changes.length === 0) throw new DecodeError('propertyupdate without a property')
  if (changes.length > MAX_NAMES) throw new DecodeError(`more than ${MAX_NAMES} properties at once`)
  return changes
}

/** @throws DecodeError */
export function readLockInfo(body: Uint8Array): LockWish {
  const root = rootOf(body, 'lockinfo')
  const scopeElement = child(root, 'lockscope')
  const type = child(root, 'locktype')
  if (!scopeElement || !type || !child(type, 'write')) throw new DecodeError('lockinfo needs lockscope and locktype')
  const scopes = (['exclusive', 'shared'] as const).filter((name) => child(scopeElement, name))
  const [scope] = scopes
  if (scope === undefined || scopes.length > 1) throw new DecodeError('a lock is exclusive or shared')
  const owner = child(root, 'owner')
  return { scope, owner: owner ? writeXml(inLanguage(owner, [root]), MAX_OWNER) : '' }
}

function rootOf(body: Uint8Array, name: string): Element {
  const root = parseXml(body)
  if (root.namespace !== DAV || root.name !== name) throw new DecodeError(`the body is no {DAV:}${name}`)
  return root
}

function elements({ children }: Element): Element[] {
  return children.filter((one) => typeof one !== 'string')
}

function child(element: Element, name: string): Element | undefined {
  return elements(element).find((one) => one.namespace === DAV && one.name === name)
}

function namesIn(element: Element): PropertyName[] {
  const names = new Map(elements(element).map(({ namespace, name }) => [`${namespace} ${name}`, { namespace, name }]))
  if (names.size > MAX_NAMES) throw new DecodeError(`more than ${MAX_NAMES} properties at once`)
  return [...names.values()]
}

/** The language of a value is part of it, also when an element around it says so (RFC 4918 section 4.3). */
function inLanguage(element: Element, around: readonly Element[]): Element {
  const said = [element, ...around]
    .map(({ attributes }) => attributes.find(({ namespace, name }) => namespace === XML && name === 'lang'))
    .find((one) => one !== undefined)
  if (!said || element.attributes.includes(said)) return element
  return { ...element, attributes: [...element.attributes, said] }
}

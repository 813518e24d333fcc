/** The XML of answers (RFC 4918 sections 13, 14 and 16), values to text. Pure. */
import type { Condition } from './refusal.ts'
import type { PropertyName } from './request-xml.ts'
import { escapeXml } from './xml.ts'

export const XML_TYPE = 'application/xml; charset="utf-8"'
const HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  423: 'Locked',
  424: 'Failed Dependency',
  507: 'Insufficient Storage',
}

/** One resource in a multistatus. */
export interface ResourceResult {
  readonly href: string
  readonly results: readonly PropertyResult[]
}

export interface PropertyResult {
  readonly status: number
  /** Whole elements. */
  readonly properties: readonly string[]
  readonly condition?: 'cannot-modify-protected-property'
}

export function resourceResponse({ href, results }: ResourceResult): string {
  const propstats = results
    .filter(({ properties }) => properties.length > 0)
    .map(
      ({ status, properties, condition }) =>
        `<D:propstat><D:prop>${properties.join('')}</D:prop>${statusElement(status)}` +
        `${condition ? `<D:error><D:${condition}/></D:error>` : ''}</D:propstat>`,
    )
  // At least one is wanted, also when nothing was asked for.
  return response(href, propstats.join('') || `<D:propstat><D:prop/>${statusElement(200)}</D:propstat>`)
}

export function statusResponse(href: string, status: number, condition?: Condition): string {
  return response(href, statusElement(status) + (condition ? `<D:error><D:${condition}/></D:error>` : ''))
}

function response(href: string, inside: string): string {
  return `<D:response><D:href>${escapeXml(href)}</D:href>${inside}</D:response>\n`
}

function statusElement(status: number): string {
  return `<D:status>HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}</D:status>`
}

export function multistatus(responses: readonly string[]): string {
  return `${HEAD}<D:multistatus xmlns:D="DAV:">\n${responses.join('')}</D:multistatus>\n`
}

/** The body of a LOCK's answer. */
export function lockBody(lockdiscovery: string): string {
  return `${HEAD}<D:prop xmlns:D="DAV:">${lockdiscovery}</D:prop>\n`
}

/** Which condition was broken, and by whom; the sentence is for people. */
export function errorBody(condition: Condition, hrefs: readonly string[], sentence: string): string {
  const inside = hrefs.map((href) => `<D:href>${escapeXml(href)}</D:href>`).join('')
  return `${HEAD}<D:error xmlns:D="DAV:"><D:${condition}>${inside}</D:${condition}><!-- ${comment(sentence)} --></D:error>\n`
}

function comment(text: string): string {
  return escapeXml(text).replace(/-{2,}|-$/g, '–')
}

/** An element without a value: the name of a property. */
export function emptyElement({ namespace, name }: PropertyName): string {
  return namespace === 'DAV:' ? `<D:${name}/>` : `<${name} xmlns="${escapeXml(namespace)}"/>`
}

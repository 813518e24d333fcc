/** Conditional requests and ranges (RFC 9110 sections 13 and 14) as judgements over values. Pure. */

export interface Validators {
  /** Strong, with its quotes; undefined: the resource has none. */
  readonly etag: string | undefined
  /** Milliseconds since 1970. */
  readonly mtime: number
}

export type Headers = Readonly<Record<string, string | undefined>>

/** In the order of RFC 9110 section 13.2.2. @param state undefined: there is no such resource */
export function judge(method: string, headers: Headers, state: Validators | undefined): 'go on' | 304 | 412 {
  const reads = method === 'GET' || method === 'HEAD'
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined) {
    if (!names(match, state, 'strong')) return 412
  } else if (state && isDate(headers['if-unmodified-since']) && !isSince(headers['if-unmodified-since'], state))
    return 412

  if (noneMatch !== undefined) {
    if (names(noneMatch, state, 'weak')) return reads ? 304 : 412
  } else if (reads && state && isDate(headers['if-modified-since']) && isSince(headers['if-modified-since'], state)) {
    return 304
  }
  return 'go on'
}

function names(header: string, state: Validators | undefined, comparison: 'strong' | 'weak'): boolean {
  if (!state) return false
  if (header.trim() === '*') return true
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === state.etag)
}

function isDate(header: string | undefined): header is string {
  return header !== undefined && !Number.isNaN(Date.parse(header))
}

/** True when nothing was changed after that date. A date has whole seconds. */
function isSince(header: string, { mtime }: Validators): boolean {
  return Math.floor(mtime / 1000) * 1000 <= Date.parse(header)
}

export interface Range {
  readonly start: number
  /** The last byte's. */
  readonly end: number
}

/** Undefined: the whole file, also for several ranges at once, which a server need not know. */
export function rangeOf(headers: Headers, { etag, mtime }: Validators, size: number): Range | 'none of it' | undefined {
  const ifRange = headers['if-range']?.trim()
  if (ifRange !== undefined && ifRange !== etag) {
    // A date counts only when it is exactly ours.
    if (ifRange.includes('"') || Date.parse(ifRange) !== Math.floor(mtime / 1000) * 1000) return undefined
  }
  const [, from, to] = /^bytes=\s*(\d*)\s*-\s*(\d*)$/i.exec(headers['range']?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  if (from === '') {
    const last = Math.min(Number(to), size)
    return last === 0 ? 'none of it' : { start: size - last, end: size - 1 }
  }
  const start = Number(from)
  if (to !== '' && Number(to) < start) return undefined
  return start >= size ? 'none of it' : { start, end: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}

/**
 * The REST API as the console calls it. The session is a cookie that this program cannot read; whoever has none is sent to
 * the login. A refusal is a value of its own with the field that is wrong (RFC 9457).
 */

export class Refusal extends Error {
  readonly status: number
  /** The daemon's own word for it: `item.stale`. */
  readonly code: string
  readonly field: string | undefined

  constructor(status: number, { detail = '', title = '', code = '', field = undefined as string | undefined }) {
    super(detail || title || `the server answered ${status}`)
    this.status = status
    this.code = code
    this.field = field
  }
}

interface Sent {
  readonly body?: unknown
  /** The revision that a change was made from: another's change in between is refused, not undone. */
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Answer<Body> {
  readonly body: Body
  readonly etag: string | undefined
  readonly total: number | undefined
  /** The path of the next page. */
  readonly next: string | undefined
}

/** To these a 401 is an answer: nobody is logged in yet. */
const ASKS_WHO = new Set(['/api/login', '/api/account'])

const listeners = new Set<() => void>()

/** Calls when the session has ended. Answers how to stop. */
export function onLoggedOut(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** @throws Refusal; or TypeError when the server cannot be reached */
export async function call<Body>(
  method: string,
  path: string,
  { body, ifMatch, signal }: Sent = {},
): Promise<Answer<Body>> {
  const response = await fetch(path, {
    method,
    headers: {
      ...(body !== undefined && !isBytes(body) && { 'content-type': 'application/json' }),
      ...(isBytes(body) && { 'content-type': 'application/octet-stream' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
    ...(body !== undefined && { body: isBytes(body) ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const answer: unknown = response.status === 204 ? undefined : isJson ? await response.json() : await response.text()
  if (!response.ok) {
    if (response.status === 401 && !ASKS_WHO.has(path)) for (const listener of listeners) listener()
    throw new Refusal(response.status, isJson ? (answer as object) : {})
  }
  return {
    body: answer as Body,
    etag: response.headers.get('etag') ?? undefined,
    total: response.headers.has('x-total-count') ? Number(response.headers.get('x-total-count')) : undefined,
    next: /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1],
  }
}

function isBytes(body: unknown): body is Blob {
  return body instanceof Blob
}

export async function get<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  return (await call<Body>('GET', path, { signal })).body
}

export async function post<Body>(path: string, body?: unknown): Promise<Body> {
  return (await call<Body>('POST', path, { body: body ?? {} })).body
}

/** `path` of an API call with names in it: api`/api/systems/${name}/power`. */
export function api(strings: TemplateStringsArray, ...names: readonly (string | number)[]): string {
  return strings.reduce((path, part, index) => `${path}${encodeURIComponent(names[index - 1] ?? '')}${part}`)
}

/** One sentence for people. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (error instanceof TypeError) return 'The server cannot be reached; is the daemon running?'
  return error instanceof Error ? error.message : String(error)
}

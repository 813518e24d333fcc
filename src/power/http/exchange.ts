/**
 * Questions to one controller over HTTP/1.1: connections kept and few, answers bounded, peers judged before a byte is sent,
 * and every way to fail said as a PowerError. No redirect is followed here, and no order is sent twice.
 */
import { buildConnector, Pool } from 'undici'
import type { Json } from '../../lib/json.ts'
import { PowerError } from '../driver.ts'
import { clean } from './clean.ts'
import { distrustOf, type Trust } from './trust.ts'

export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its query; begins with a slash. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface Answer {
  readonly status: number
  /** The first of each name, in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

export interface Exchange {
  /** `bmc1:443`, for sentences. */
  readonly host: string
  /** @throws PowerError */
  ask(question: Question, signal: AbortSignal): Promise<Answer>
  /** Lets what is under way end, for a moment. */
  close(): Promise<void>
}

const MOST_BYTES = 1024 * 1024
/** A controller is a small computer: more connections at once make it slower, or silent. */
const CONNECTIONS = 4
const CONNECT_MS = 10_000
const SILENCE_MS = 60_000
const GOODBYE_MS = 3_000
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * @param origin its scheme, host and port
 * @param authority the certificates to trust where the trust names a file of them
 */
export function openExchange(origin: URL, trust: Trust, authority?: string): Exchange {
  const { hostname, host } = origin
  // Refusing is done below, where the certificate can be looked at and its fingerprint told; a resumed session would
  // come without the check of its names.
  const dial = buildConnector({
    timeout: CONNECT_MS,
    allowH2: false,
    maxCachedSessions: 0,
    rejectUnauthorized: false,
    ...(authority !== undefined && { ca: authority }),
  })
  const pool = new Pool(origin.origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    maxResponseSize: MOST_BYTES,
    connect: (options, callback) =>
      dial(options, (error, socket) => {
        if (error) return callback(error, null)
        const distrust = distrustOf(trust, socket, hostname)
        if (distrust === undefined) return callback(null, socket)
        socket.destroy()
        callback(new PowerError('tls-not-trusted', distrust), null)
      }),
  })

  async function once({ method, path, headers, body }: Question, signal: AbortSignal): Promise<Answer> {
    // Compressed answers would be a way around the bound, and controllers have got them wrong.
    const all = { accept: 'application/json', 'accept-encoding': 'identity', ...headers }
    const answer = await pool.request({ method, path, headers: all, signal, body: body ?? null })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: firstOf(answer.headers), text }
  }

  return {
    host,
    async ask(question, signal) {
      try {
        return await within(
          signal,
          once(question, signal).catch((error: unknown) => {
            // The other side closed a kept connection as we took it up again. An order may have arrived all the same.
            if (question.method !== 'GET' || !CLOSED.has(codeOf(error)) || signal.aborted) throw error
            return once(question, signal)
          }),
        )
      } catch (error) {
        throw faultOf(error, origin, signal)
      }
    },

    async close() {
      const late = setTimeout(() => void pool.destroy(), GOODBYE_MS)
      await pool.close().catch(() => {})
      clearTimeout(late)
    },
  }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** undici does not give up a question while it connects. */
async function within<Result>(signal: AbortSignal, run: Promise<Result>): Promise<Result> {
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([run, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function firstOf(headers: Readonly<Record<string, string | string[] | undefined>>): Map<string, string> {
  const first = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const one = Array.isArray(value) ? value[0] : value
    if (one !== undefined) first.set(name.toLowerCase(), one)
  }
  return first
}

/** What a failed exchange means for a person. */
function faultOf(cause: unknown, { host, hostname, protocol }: URL, signal: AbortSignal): PowerError {
  if (cause instanceof PowerError) return cause
  if (signal.aborted) {
    if (signal.reason instanceof PowerError) return signal.reason
    return new PowerError('no-answer', `${host} did not answer in time`, { cause })
  }
  const fault = (kind: PowerError['fault'], sentence: string) => new PowerError(kind, sentence, { cause })
  const code = codeOf(cause)
  switch (code) {
    case 'ECONNREFUSED':
      return fault('no-answer', `nobody listens at ${host}: the controller is off, or the port is another`)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return fault('no-answer', `${host} cannot be reached from this server (${code})`)
    case 'ENOTFOUND':
      return fault('wrong-address', `there is no host "${hostname}"; check power_address`)
    case 'EAI_AGAIN':
      return fault('no-answer', `the name "${hostname}" cannot be looked up now`)
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return fault('no-answer', `${host} does not answer`)
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return fault('no-answer', `${host} took the question and did not answer within ${SILENCE_MS / 1000} s`)
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return fault('no-answer', `${host} closed the connection without an answer`)
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return fault('wrong-address', `${host} answered with more than ${MOST_BYTES / 1024} KiB; check power_address`)
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return fault('wrong-address', `${host} does not speak TLS; check the port, or write http:// if it has none`)
  }
  // undici does not always give a parser's error its code.
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || (cause instanceof Error && cause.name === 'HTTPParserError')) {
    const tls = protocol === 'http:' ? '; perhaps it wants https://' : ''
    return fault('wrong-address', `${host} does not speak HTTP that we understand${tls}`)
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') {
    return fault('tls-not-trusted', `TLS with ${host} failed: ${code}; its firmware may be too old for TLS 1.2`)
  }
  const words = cause instanceof Error ? cause.message : String(cause)
  return fault('no-answer', `${host} cannot be asked: ${clean(words, 200)}`)
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/**
 * One Redfish service (DMTF DSP0266) as we speak to it: logged in by a session or with every question, redirects followed
 * within its own origin only, answers as checked JSON. What is asked is in discover.ts, actions.ts and beside them.
 */
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts'
import { PowerError } from '../driver.ts'
import { clean, withoutSecrets } from '../http/clean.ts'
import { type Answer, type Exchange, parseJson, type Question } from '../http/exchange.ts'
import { complaintOf, linkIn, messageIdsOf, objectIn, pathOf } from './resources.ts'

export interface Login {
  /** Empty: nobody, as simulators allow. */
  readonly user: string
  readonly pass: string
  readonly auth: 'session' | 'basic'
}

/** An answer that is neither 401 nor 403 nor a redirect. */
export interface Reply {
  readonly status: number
  /** Undefined when it is no JSON. */
  readonly body: Json | undefined
  readonly etag: string | undefined
  /** The path of the Location, on this service. */
  readonly location: string | undefined
  /** Seconds. */
  readonly retryAfter: number | undefined
}

export interface Resource {
  readonly path: string
  readonly json: JsonObject
  readonly etag: string | undefined
}

export interface Extras {
  readonly body?: JsonObject
  readonly ifMatch?: string | undefined
}

export interface RedfishClient {
  readonly host: string
  /** @throws PowerError when it cannot be asked, or does not let us */
  ask(method: Question['method'], path: string, signal: AbortSignal, extras?: Extras): Promise<Reply>
  /** @throws PowerError also when the resource is not there */
  get(path: string, signal: AbortSignal): Promise<Resource>
  /** The service root, read once. @throws PowerError wrong-address when there is none */
  root(signal: AbortSignal): Promise<JsonObject>
  /** The sentence of an answer that is a refusal; undefined for one that is none. */
  refusal(reply: Reply, what: string): PowerError | undefined
  /** Ends the session and the connections. */
  close(): Promise<void>
}

const ROOT = '/redfish/v1/'
const SESSIONS = '/redfish/v1/SessionService/Sessions'
const REDIRECTS = 5
const GOODBYE_MS = 3_000

interface Session {
  readonly headers: Readonly<Record<string, string>>
  readonly location: string | undefined
}

export function openClient(origin: URL, exchange: Exchange, { user, pass, auth }: Login): RedfishClient {
  const { host } = exchange
  const basic = { authorization: `Basic ${Buffer.from(`${user}:${pass}`).toString('base64')}` }
  let session: Promise<Session> | undefined
  let root: JsonObject | undefined

  const told = (reply: Pick<Reply, 'body'>) => withoutSecrets(complaintOf(reply.body), [pass])

  /** One question and its redirects. */
  async function follow(question: Question, signal: AbortSignal): Promise<Answer> {
    let path = question.path
    for (let steps = 0; steps <= REDIRECTS; steps++) {
      const answer = await exchange.ask({ ...question, path }, signal)
      const location = answer.headers.get('location')
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer
      const to = URL.parse(location, new URL(path, origin).href)
      // Our password or token goes with the question: to nobody else than whom it was given for.
      if (to?.origin !== origin.origin) {
        const where = to ? clean(to.origin, 200) : 'nowhere'
        throw new PowerError(
          'wrong-address',
          `${host} sends us on to ${where}; set power_address to where it really is`,
        )
      }
      // An order that was redirected must arrive as it was: 307 and 308 say so (RFC 9110, 15.4).
      if (question.method !== 'GET' && answer.status < 307) {
        throw new PowerError('refused', `${host} sends an order on to another place (${answer.status})`)
      }
      path = to.pathname + to.search
    }
    throw new PowerError('wrong-address', `${host} sends us in a circle; check power_address`)
  }

  async function send(
    method: Question['method'],
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
    { body, ifMatch }: Extras = {},
  ): Promise<Reply & { readonly token: string | undefined }> {
    const all = {
      'odata-version': '4.0',
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    }
    const question = { method, path, headers: all, body: body && JSON.stringify(body) }
    const answer = await follow(question, signal)
    const json = parseJson(answer.text)
    const inside = isJsonObject(json) ? json['@odata.etag'] : undefined
    return {
      status: answer.status,
      body: json,
      etag: etagOf(answer.headers.get('etag') ?? inside),
      location: locationOf(answer.headers.get('location'), origin),
      retryAfter: secondsOf(answer.headers.get('retry-after')),
      token: answer.headers.get('x-auth-token'),
    }
  }

  async function readRoot(signal: AbortSignal): Promise<JsonObject> {
    if (root) return root
    const reply = await send('GET', ROOT, signal, {})
    // The root is open to everyone (DSP0266, 13.3); where it is not, the paths of the specification must do.
    if (reply.status === 401 || reply.status === 403) return {}
    if (reply.status !== 200 || !isJsonObject(reply.body)) {
      const said = reply.status === 200 ? 'no JSON' : `status ${reply.status}`
      if (reply.status >= 500)
        throw new PowerError('no-answer', `${host} cannot answer now: ${said} ${told(reply)}`.trim())
      throw new PowerError('wrong-address', `there is no Redfish service at ${host}: ${ROOT} answers with ${said}`)
    }
    root = reply.body
    return root
  }

  async function startSession(signal: AbortSignal): Promise<Session> {
    const links = await readRoot(signal)
    const sessions = linkIn(objectIn(links, 'Links'), 'Sessions') ?? SESSIONS
    const reply = await send('POST', sessions, signal, {}, { body: { UserName: user, Password: pass } })
    const ids = messageIdsOf(reply.body)
    if (reply.token !== undefined && reply.status < 300) {
      const path = isJsonObject(reply.body) ? pathOf(reply.body['@odata.id']) : undefined
      return { headers: { 'x-auth-token': reply.token }, location: reply.location ?? path }
    }
    // iLO 4 answers 400 with a message of its own.
    if (reply.status === 401 || ids.includes('UnauthorizedLoginAttempt')) throw wrongPassword(reply)
    if (reply.status === 403) throw tooLow(reply)
    // No session service, or all its places are taken: the password with every question is the other way that all know.
    if ([404, 405, 501, 503].includes(reply.status) || ids.includes('SessionLimitExceeded') || reply.status < 300) {
      return { headers: basic, location: undefined }
    }
    throw refused(reply, 'log us in')
  }

  /** Whoever comes while a login is under way waits for it; a login that failed by its own caller's end is tried anew. */
  async function authorize(signal: AbortSignal): Promise<Session> {
    if (user === '') return { headers: {}, location: undefined }
    if (auth === 'basic') return { headers: basic, location: undefined }
    const others = session
    const mine = others ?? startSession(signal)
    session = mine
    try {
      return await mine
    } catch (error) {
      if (session === mine) session = undefined
      const isAnothers = others !== undefined && !signal.aborted
      if (isAnothers && error instanceof PowerError && error.fault === 'no-answer') return authorize(signal)
      throw error
    }
  }

  async function ask(method: Question['method'], path: string, signal: AbortSignal, extras?: Extras): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const login = await authorize(signal)
      const held = session
      const reply = await send(method, path, signal, login.headers, extras)
      if (reply.status === 401) {
        // The session has timed out, or the controller was restarted: once more with a new one.
        if (attempt === 1 && 'x-auth-token' in login.headers) {
          if (session === held) session = undefined
          continue
        }
        throw wrongPassword(reply)
      }
      if (reply.status === 403) throw tooLow(reply)
      return reply
    }
  }

  function wrongPassword(reply: Reply): PowerError {
    const who =
      user === '' ? 'asks for a user and a password' : `does not accept the password of user "${clean(user, 60)}"`
    return new PowerError('wrong-password', sentence(`${host} ${who}; check power_user and power_pass`, told(reply)))
  }

  function tooLow(reply: Reply): PowerError {
    const who = user === '' ? 'nobody' : `user "${clean(user, 60)}"`
    const advice = messageIdsOf(reply.body).includes('PasswordChangeRequired')
      ? `${host} wants ${who} to change the password first`
      : `${who} may not do this at ${host}; give it the role Operator or Administrator there`
    return new PowerError('privilege-too-low', sentence(advice, told(reply)))
  }

  function refused(reply: Reply, what: string): PowerError {
    return new PowerError('refused', sentence(`${host} refuses to ${what} (${reply.status})`, told(reply)))
  }

  return {
    host,
    ask,
    root: readRoot,
    refusal: (reply, what) => (reply.status >= 300 ? refused(reply, what) : undefined),

    async get(path, signal) {
      const { status, body, etag } = await ask('GET', path, signal)
      if (status === 200 && isJsonObject(body)) return { path, json: body, etag }
      if (status === 200) {
        throw new PowerError('refused', `${host} answers with something that is no JSON object at ${clean(path, 120)}`)
      }
      throw refused({ status, body, etag, location: undefined, retryAfter: undefined }, `show ${clean(path, 120)}`)
    },

    async close() {
      const ended = await session?.catch(() => undefined)
      session = undefined
      if (ended?.location !== undefined) {
        // A controller has few places for sessions, and keeps them for half an hour.
        await send('DELETE', ended.location, AbortSignal.timeout(GOODBYE_MS), ended.headers).catch(() => {})
      }
      await exchange.close()
    },
  }
}

function sentence(ours: string, theirs: string): string {
  return theirs === '' ? ours : `${ours}. It says: ${theirs}`
}

/** Some put a second pair of quotes around (ansible-collections/community.general#3268). */
function etagOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const etag = value.trim().replace(/^""(.*)""$/, '"$1"')
  return /^[\x21-\x7e]{1,200}$/.test(etag) ? etag : undefined
}

/** Some name themselves by another name in a Location: its path is what counts, asked of the service that we know. */
function locationOf(value: string | undefined, origin: URL): string | undefined {
  const url = value === undefined ? null : URL.parse(value, origin.href)
  return url === null ? undefined : pathOf(url.pathname + url.search)
}

function secondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined
}

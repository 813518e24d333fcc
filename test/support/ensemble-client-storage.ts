/**
 * The provider's file storage: WebDAV with nothing but GET, which never carries credentials, and PUT, which is first sent
 * whole without them and answers a challenge once, in the Digest dialect of Twisted in 2011.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type Dial, exchange, type HttpAnswer, TransportError, valuesOf } from './ensemble-client-http.ts'

export class StorageError extends Error {
  override readonly name = 'StorageError'
}

export interface StorageOptions {
  /** `http://server[:port]/webdav` */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly dial?: Dial | undefined
}

export interface FileStorage {
  /** Undefined when there is no such file. @throws StorageError */
  get(name: string): Promise<Buffer | undefined>
  /** @throws StorageError, and TransportError for an answer that the original would not have understood */
  put(name: string, bytes: Uint8Array | string): Promise<void>
  /** What others, without credentials, fetch it by. */
  urlOf(name: string): string
}

const TAKEN = [200, 201, 202, 204]
const MOVED = [301, 302, 303, 307]
const MOST_MOVES = 20

export function openStorage({ url, user, password, dial }: StorageOptions): FileStorage {
  /** Counts over the life of the process, whatever nonce it is used with. */
  let nonceCount = 0
  const urlOf = (name: string) => absolute(url, name)

  const put = (name: string, body: Uint8Array, authorization: string | undefined) =>
    send('PUT', urlOf(name), dial, authorization === undefined ? [] : [['Authorization', authorization]], body)

  return {
    urlOf,

    async get(name) {
      let at = urlOf(name)
      for (let moves = 0; ; moves++) {
        const answer = await send('GET', at, dial, [])
        if (answer.status === 200) return answer.body
        if (answer.status === 404) return undefined
        const [place] = valuesOf(answer, 'location')
        if (!MOVED.includes(answer.status) || place === undefined || moves === MOST_MOVES)
          throw new StorageError(`GET ${at}: status ${answer.status}`)
        at = new URL(place, at).href
      }
    },

    async put(name, given) {
      const body = typeof given === 'string' ? Buffer.from(given) : given
      const first = await put(name, body, undefined)
      if (TAKEN.includes(first.status)) return
      if (first.status !== 401) throw new StorageError(`PUT ${name}: status ${first.status}`)
      const challenge = readChallenge(valuesOf(first, 'www-authenticate'))
      nonceCount += 1
      const count = nonceCount.toString(16).padStart(8, '0')
      const second = await put(name, body, authorization(challenge, { user, password, uri: urlOf(name), count }))
      if (second.status === 401) throw new StorageError(`PUT ${name}: storage credentials not accepted`)
      if (!TAKEN.includes(second.status)) throw new StorageError(`PUT ${name}: status ${second.status}`)
    },
  }
}

/** Of HTTP's reserved characters none survives in a name but the slash; query and fragment of the base do not count. */
function absolute(base: string, name: string): string {
  const { protocol, host, pathname } = new URL(base)
  const folder = decodeURIComponent(pathname).replace(/\/$/, '')
  const path = encodeURIComponent(`${folder}/${name}`)
    .replaceAll('%2F', '/')
    .replace(/[!~*'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${protocol}//${host}${path}`
}

function send(
  method: string,
  url: string,
  dial: Dial | undefined,
  headers: readonly (readonly [string, string])[],
  body?: Uint8Array,
): Promise<HttpAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const request = {
    method,
    host: hostname,
    port: Number(port || 80),
    path: pathname,
    // No Accept and no Content-Type.
    headers: [['Connection', 'close'], ...headers] as const,
  }
  return exchange(body ? { ...request, body } : request, dial)
}

interface Challenge {
  readonly realm: string
  readonly nonce: string
}

/** One challenge, of Digest: Basic, or Digest beside Basic, is not understood. */
function readChallenge(headers: readonly string[]): Challenge {
  const [header, ...more] = headers
  const refuse = (because: string) => new TransportError(`a challenge ${because}: ${headers.join(' | ')}`)
  if (header === undefined || more.length > 0) throw refuse('that is not exactly one')
  const [scheme = ''] = header.split(' ', 1)
  if (scheme.toLowerCase() !== 'digest') throw refuse('that is not Digest')
  const fields = new Map<string, string>()
  let rest = header.slice(scheme.length)
  while (rest.trim() !== '') {
    const match = /^[\s,]*([A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/.exec(rest)
    if (!match) throw refuse(`that cannot be read from "${rest}" on`)
    const [whole, name = '', quoted, bare = ''] = match
    if (fields.has(name)) throw refuse(`with two of ${name}`)
    fields.set(name, quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'))
    rest = rest.slice(whole.length)
  }
  const [realm, nonce, qop] = [fields.get('realm'), fields.get('nonce'), fields.get('qop')]
  if (realm === undefined || nonce === undefined || qop === undefined) throw refuse('without realm, nonce or qop')
  // A blank after the comma would be a part of the word.
  if (!qop.split(',').includes('auth')) throw refuse('that does not offer auth')
  if ((fields.get('algorithm') ?? 'MD5') !== 'MD5') throw refuse('for another algorithm than MD5')
  return { realm, nonce }
}

interface Login {
  readonly user: string
  readonly password: string
  /** The absolute URL: this client has never read that a path would do. */
  readonly uri: string
  readonly count: string
}

/** RFC 2617, with what was peculiar: the whole URL is hashed, algorithm, qop and nc are quoted, opaque is forgotten. */
function authorization({ realm, nonce }: Challenge, { user, password, uri, count }: Login): string {
  const cnonce = randomBytes(16).toString('hex')
  const secret = md5(`${user}:${realm}:${password}`)
  const response = md5([secret, nonce, count, cnonce, 'auth', md5(`PUT:${uri}`)].join(':'))
  const fields = { username: user, realm, nonce, uri, response, algorithm: 'MD5', cnonce, nc: count, qop: 'auth' }
  return `Digest ${Object.entries(fields)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

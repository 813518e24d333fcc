/** The REST API as the commands use it: paths in, values or one clear sentence out. */
import type { WebSocket } from 'ws'
import { isJsonObject, type JsonObject } from '../lib/json.ts'
import { CliError, type Server } from './io.ts'

export interface Client {
  readonly url: string
  get<Value>(path: string): Promise<Value>
  /** An answer that is no JSON: a preseed. */
  text(path: string): Promise<string>
  /** A file. */
  bytes(path: string): Promise<Uint8Array>
  send<Value>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: JsonObject,
    options?: SendOptions,
  ): Promise<Value>
  /** @throws CliError when it is refused */
  socket(path: string): Promise<WebSocket>
  /** Server-sent events until the server ends the stream. `onOpen`: the server has answered. */
  events<Value>(path: string, onOpen: () => void): AsyncGenerator<Value>
}

export interface SendOptions {
  /** Only if the object is still at this revision. */
  readonly revision?: number | string
  /** The answer may take many minutes: an import. */
  readonly patient?: boolean
  /** By which the daemon knows the same request again. */
  readonly key?: string
}

type Fetch = (url: string, options: RequestInit) => Promise<Response>

/** A path below /api of which every part may be any text. */
export function apiPath(...parts: readonly string[]): string {
  return ['/api', ...parts.map(encodeURIComponent)].join('/')
}

export function connect(server: Server): Client {
  const ask = async (path: string, options: RequestInit = {}, fetchIt: Fetch = fetch): Promise<Response> => {
    const headers = { ...(server.token && { authorization: `Bearer ${server.token}` }), ...options.headers }
    try {
      // A redirect would carry the token to wherever it says.
      const answer = await fetchIt(server.url + path, { ...options, headers, redirect: 'manual' })
      if (answer.status >= 400) throw await refusal(server, answer)
      if (answer.status >= 300) throw strange(server)
      return answer
    } catch (error) {
      throw error instanceof CliError ? error : unreachable(server, error)
    }
  }

  const readText = async (answer: Response): Promise<string> =>
    await answer.text().catch((error: unknown) => {
      throw unreachable(server, error)
    })

  const readJson = async (answer: Response): Promise<unknown> => {
    const text = await readText(answer)
    if (answer.status === 204) return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw strange(server)
    }
  }

  return {
    url: server.url,
    get: async <Value>(path: string) => (await readJson(await ask(path))) as Value,
    async text(path) {
      const answer = await ask(path)
      if (!answer.headers.get('content-type')?.startsWith('text/plain')) throw strange(server)
      return await readText(answer)
    },
    async bytes(path) {
      const answer = await ask(path)
      if (!answer.headers.get('content-disposition')?.startsWith('attachment')) throw strange(server)
      const whole = await answer.arrayBuffer().catch((error: unknown) => {
        throw unreachable(server, error)
      })
      return new Uint8Array(whole)
    },
    async send<Value>(
      method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      path: string,
      body?: JsonObject,
      { revision, patient, key }: SendOptions = {},
    ) {
      const headers = {
        ...(body && { 'content-type': 'application/json' }),
        ...(revision !== undefined && { 'if-match': `"${revision}"` }),
        ...(key !== undefined && { 'idempotency-key': key }),
      }
      const options = { method, headers, ...(body && { body: JSON.stringify(body) }) }
      return (await readJson(await ask(path, options, patient ? await patientFetch() : fetch))) as Value
    },
    async socket(path) {
      const { WebSocket } = await import('ws')
      const headers = { ...(server.token && { authorization: `Bearer ${server.token}` }) }
      const socket = new WebSocket(server.url.replace(/^http/, 'ws') + path, { headers })
      return await new Promise((opened, refused) => {
        socket.once('open', () => opened(socket))
        socket.once('error', (error) => refused(unreachable(server, error)))
        // The same request without the upgrade is refused in the same words.
        socket.once('unexpected-response', () => ask(path).then(() => refused(strange(server)), refused))
      })
    },
    async *events<Value>(path: string, onOpen: () => void) {
      const { body } = await ask(path, { headers: { accept: 'text/event-stream' } })
      onOpen()
      try {
        if (body) for await (const data of dataLines(body)) yield JSON.parse(data) as Value
      } catch (error) {
        throw unreachable(server, error)
      }
    },
  }
}

/** Node's own fetch gives up after five minutes without an answer. Loaded when needed: it takes as long as all the rest. */
async function patientFetch(): Promise<Fetch> {
  const { Agent, fetch: patient } = await import('undici')
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  // The two libraries' types differ in name alone.
  return async (url, options) => (await patient(url, { ...(options as object), dispatcher })) as unknown as Response
}

/** One `data:` line per event is all that Orchestra sends; comments and the rest are passed over. */
async function* dataLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5)
  }
}

async function refusal(server: Server, answer: Response): Promise<CliError> {
  const problem: unknown = await answer.json().catch(() => undefined)
  if (!isJsonObject(problem) || typeof problem['detail'] !== 'string') return strange(server)
  const { detail, code, field } = problem
  const said = { code: String(code), field: typeof field === 'string' ? field : undefined }
  if (answer.status !== 401 || code === 'auth.login') return new CliError(detail, 1, said)
  return new CliError(`${detail}; set ORCHESTRA_TOKEN to what "orchestra login" prints`, 1, said)
}

function unreachable({ url }: Server, error: unknown): CliError {
  const { cause, message } = error as Error
  const { code, message: because = message } = (cause ?? error) as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return new CliError(`no Orchestra answers at ${url}; start it with "orchestra serve"`)
  return new CliError(`no answer from ${url}: ${because}`)
}

function strange({ url }: Server): CliError {
  return new CliError(`what answers at ${url} is not Orchestra; is the address right?`)
}

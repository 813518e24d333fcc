/** The REST API as the commands use it: paths in, values or one clear sentence out. */
import { type Dispatcher, request } from 'undici'
import { isJsonObject, type JsonObject } from '../lib/json.ts'
import { CliError, type Server } from './io.ts'

export interface Client {
  readonly url: string
  get<Value>(path: string): Promise<Value>
  send<Value>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: JsonObject, etag?: string): Promise<Value>
  /** Server-sent events until the server ends the stream. `onOpen`: the server has answered. */
  events<Value>(path: string, onOpen: () => void): AsyncGenerator<Value>
}

/** A path below /api of which every part may be any text. */
export function apiPath(...parts: readonly string[]): string {
  return ['/api', ...parts.map(encodeURIComponent)].join('/')
}

export function connect(server: Server): Client {
  const ask = async (path: string, options: Partial<Dispatcher.RequestOptions> = {}) => {
    const headers = { ...(server.token && { authorization: `Bearer ${server.token}` }), ...options.headers }
    // No timeouts: an import takes minutes, a stream of events has no end.
    const patience = { headersTimeout: 0, bodyTimeout: 0 }
    try {
      const answer = await request(server.url + path, { method: 'GET', ...patience, ...options, headers })
      if (answer.statusCode >= 400) throw await refusal(server, answer)
      return answer
    } catch (error) {
      throw error instanceof CliError ? error : unreachable(server, error)
    }
  }

  const readJson = async ({ body, statusCode }: Dispatcher.ResponseData): Promise<unknown> => {
    const text = await body.text().catch((error: unknown) => {
      throw unreachable(server, error)
    })
    if (statusCode === 204) return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw strange(server)
    }
  }

  return {
    url: server.url,
    get: async <Value>(path: string) => (await readJson(await ask(path))) as Value,
    async send<Value>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: JsonObject, etag?: string) {
      const headers = { ...(body && { 'content-type': 'application/json' }), ...(etag && { 'if-match': etag }) }
      return (await readJson(
        await ask(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }),
      )) as Value
    },
    async *events<Value>(path: string, onOpen: () => void) {
      const { body } = await ask(path, { headers: { accept: 'text/event-stream' } })
      onOpen()
      try {
        for await (const data of dataLines(body)) yield JSON.parse(data) as Value
      } catch (error) {
        throw unreachable(server, error)
      }
    },
  }
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

async function refusal(server: Server, { statusCode, body }: Dispatcher.ResponseData): Promise<CliError> {
  const problem = await body.json().catch(() => undefined)
  if (!isJsonObject(problem) || typeof problem['detail'] !== 'string') return strange(server)
  if (statusCode !== 401 || problem['code'] === 'auth.login') return new CliError(problem['detail'])
  return new CliError(`${problem['detail']}; set ORCHESTRA_TOKEN to what "orchestra login" prints`)
}

function unreachable({ url }: Server, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return new CliError(`no Orchestra answers at ${url}; start it with "orchestra serve"`)
  return new CliError(`no answer from ${url}: ${message}`)
}

function strange({ url }: Server): CliError {
  return new CliError(`what answers at ${url} is not Orchestra; is the address right?`)
}

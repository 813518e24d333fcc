/**
 * A Redfish service of our own, for tests: sessions and basic auth, systems that can be switched, ETags, tasks, and the bad
 * manners of real controllers on demand. Debian's redfishtool and python3-sushy drive it too (test/e2e/redfish.test.ts), so
 * that it is not only our own idea of the protocol.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { type Document, errorOf, type Machine, sessionOf } from './documents.ts'
import { type Answer, type Behavior, changeMachine, documentAt, NOT_FOUND } from './machines.ts'

export interface Account {
  readonly user: string
  readonly pass: string
  readonly role: 'Administrator' | 'ReadOnly'
}

/** One question as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface RedfishService {
  readonly origin: string
  readonly port: number
  readonly machines: Machine[]
  readonly behavior: Behavior
  /** Everything that was asked, and the parts of it that changed something. */
  readonly asked: Asked[]
  changes(): string[]
  readonly sessions: Map<string, string>
  /** Connections made since the start. */
  connections(): number
  stop(): Promise<void>
}

export interface ServiceOptions {
  readonly machines: Machine[]
  readonly accounts?: readonly Account[]
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly behavior?: Partial<Behavior>
}

export const ADMIN: Account = { user: 'root', pass: 'corr3ct-horse', role: 'Administrator' }
export const VIEWER: Account = { user: 'viewer', pass: 'only-looking', role: 'ReadOnly' }

const OPEN = new Set(['/redfish', '/redfish/v1', '/redfish/v1/$metadata', '/redfish/v1/odata'])

export async function startRedfishService(options: ServiceOptions): Promise<RedfishService> {
  const { machines, accounts = [ADMIN, VIEWER], tls } = options
  const behavior: Behavior = { raw: new Map(), tasks: new Map(), ...options.behavior }
  const asked: Asked[] = []
  const sessions = new Map<string, string>()
  let connections = 0

  /** The account that a question comes from. */
  function whoAsks({ headers }: Asked): Account | undefined {
    const token = headers['x-auth-token']
    if (typeof token === 'string') {
      const user = sessions.get(token)
      return accounts.find((one) => one.user === user)
    }
    const basic = /^Basic (.+)$/.exec(String(headers['authorization']))?.[1]
    if (basic === undefined) return undefined
    const [user, ...pass] = Buffer.from(basic, 'base64').toString('utf8').split(':')
    return accounts.find((one) => one.user === user && one.pass === pass.join(':'))
  }

  function logIn({ body }: Asked): Answer {
    if (behavior.sessions === 'absent') return NOT_FOUND
    if (behavior.sessions === 'full') {
      return { status: 503, json: errorOf('SessionLimitExceeded', 'All places for sessions are taken.') }
    }
    const { UserName, Password } = JSON.parse(body)
    const account = accounts.find(({ user, pass }) => user === UserName && pass === Password)
    if (!account) return { status: 401, json: errorOf('NoValidSession', 'There is no valid session established.') }
    const [token, id] = [randomBytes(16).toString('hex'), String(sessions.size + 1)]
    sessions.set(token, account.user)
    const json: Document = { ...sessionOf(id, account.user), token }
    const place = `/redfish/v1/SessionService/Sessions/${id}`
    const location = behavior.sessions === 'absolute' ? `https://bmc.example${place}` : place
    return { status: 201, json: { ...json, token: undefined }, headers: { 'x-auth-token': token, location } }
  }

  function answerTo(question: Asked): Answer {
    const { method } = question
    const path = question.path.replace(/\/$/, '')
    const raw = behavior.raw.get(path) ?? behavior.raw.get(`${method} ${path}`)
    if (raw) return raw
    if (method === 'GET' && OPEN.has(path)) return documentAt(path, machines, behavior)
    if (method === 'POST' && path === '/redfish/v1/SessionService/Sessions') return logIn(question)
    const account = whoAsks(question)
    if (!account) return { status: 401, json: errorOf('NoValidSession', 'There is no valid session established.') }
    if (method === 'DELETE' && path.startsWith('/redfish/v1/SessionService/Sessions/')) {
      sessions.delete(String(question.headers['x-auth-token']))
      return { status: 204 }
    }
    if (method === 'GET') return documentAt(path, machines, behavior)
    if (account.role === 'ReadOnly') {
      const words =
        'There are insufficient privileges for the account or credentials associated with the current session.'
      return { status: 403, json: errorOf('InsufficientPrivilege', words) }
    }
    return changeMachine(question, path, machines, behavior)
  }

  async function listen(request: IncomingMessage): Promise<Asked> {
    const body = await text(request)
    return { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
  }

  const serve: Parameters<typeof createHttp>[1] = async (request, response) => {
    const question = await listen(request)
    asked.push(question)
    if (behavior.silent?.test(question.path)) return
    const { status, json, headers, body } = answerTo(question)
    const told = body ?? (json === undefined ? '' : JSON.stringify(json))
    response.writeHead(status, { 'odata-version': '4.0', 'content-type': 'application/json', ...headers }).end(told)
  }
  const server: Server = tls ? createHttps(tls, serve) : createHttp({}, serve)
  server.on(tls ? 'secureConnection' : 'connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    machines,
    behavior,
    asked,
    changes: () =>
      asked
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, body }) => `${method} ${path} ${body}`.trim()),
    sessions,
    connections: () => connections,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

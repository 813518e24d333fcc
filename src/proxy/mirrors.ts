/**
 * Asking mirrors, over HTTP/1.1 (undici). Where a name leads is looked at in the moment of connecting, and nowhere else:
 * a name that means another address a second later leads nowhere else.
 */
import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import type { Target } from './codec.ts'
import { isIpv4, isLoopback, mayConnect, type Trust } from './decide.ts'

export interface MirrorAnswer {
  readonly status: number
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** To be read to its end, or destroyed. */
  readonly body: Readable
}

export interface Question {
  readonly target: Target
  readonly trust: Trust
  readonly method: 'GET' | 'HEAD'
  readonly headers: Readonly<Record<string, string>>
}

export interface Mirrors {
  /** @throws RefusedAddress, or what the network says */
  ask(question: Question): Promise<MirrorAnswer>
  /** Ends what is under way. */
  close(): Promise<void>
}

/** A mirror's name leads where this proxy does not go. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress'
}

export interface MirrorsOptions {
  /** Of this host. */
  readonly ownAddresses: readonly string[]
  /** Our own, where nothing is to be found but we; known when we listen. */
  readonly ownPort: () => number
  /** How we are told in Via. */
  readonly via: string
}

const CONNECT_MS = 10_000
/** Until the first byte, and between any two. */
const SILENCE_MS = 60_000
/** To one mirror at once. */
const CONNECTIONS = 32

/** `elsewhere`: anywhere but here. */
type Way = Trust | 'elsewhere'

export function createMirrors({ ownAddresses, ownPort, via }: MirrorsOptions): Mirrors {
  const isOwn = (address: string) => ownAddresses.includes(address) || isLoopback(address)
  const mayGo = (address: string, way: Way) => (way === 'elsewhere' ? !isOwn(address) : mayConnect(address, way, isOwn))
  const agents = new Map<Way, Agent>()
  const resolve = createResolve()

  function agentOf(way: Way): Agent {
    const agent =
      agents.get(way) ??
      new Agent({
        connect: { lookup: lookupFor(resolve, (address) => mayGo(address, way)), timeout: CONNECT_MS },
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
        connections: CONNECTIONS,
        pipelining: 1,
      })
    agents.set(way, agent)
    return agent
  }

  return {
    async ask({ target, trust, method, headers }) {
      // Where we listen ourselves there is no mirror, whatever the settings say.
      const way = trust === 'any' && target.port === ownPort() ? 'elsewhere' : trust
      // Of an address nobody is asked.
      if (isIpv4(target.host) && !mayGo(target.host, way)) throw new RefusedAddress(refusal(target.host))
      const answer = await request(target.url, {
        method,
        headers: { ...headers, via, 'user-agent': 'Orchestra' },
        dispatcher: agentOf(way),
      }).catch((error: unknown) => {
        throw refusedIn(error) ?? error
      })
      // Destroyed bodies say so; nobody wants to know.
      answer.body.on('error', () => {})
      return { status: answer.statusCode, headers: flat(answer.headers), body: answer.body }
    },

    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
}

/** As sockets ask for an address. */
type LookUp = (
  name: string,
  options: LookupOptions,
  done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
) => void

function lookupFor(resolve: Resolve, mayGo: (address: string) => boolean): LookUp {
  return (name, options, done) => {
    resolve(name).then(
      (addresses) => {
        const family = options.family === 4 || options.family === 6 ? options.family : undefined
        const allowed = addresses.filter((one) => mayGo(one.address) && (family ?? one.family) === one.family)
        const [first] = allowed
        if (!first) done(new RefusedAddress(refusal(name)), [])
        else if (options.all) done(null, allowed)
        else done(null, first.address, first.family)
      },
      (error: Error) => done(error, []),
    )
  }
}

type Resolve = (name: string) => Promise<LookupAddress[]>

/**
 * The system's resolver works on one of the few threads that read files for everybody, and may sit there for half a
 * minute when no name server answers: so it is asked once for a name, and for two names at a time.
 */
function createResolve(): Resolve {
  const running = new Map<string, Promise<LookupAddress[]>>()
  const waiting: (() => void)[] = []
  let free = 2

  async function ask(name: string): Promise<LookupAddress[]> {
    if (free > 0) free--
    else await new Promise<void>((turn) => waiting.push(turn))
    try {
      return await lookup(name, { all: true })
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
      running.delete(name)
    }
  }

  return (name) => {
    const asked = running.get(name) ?? ask(name)
    running.set(name, asked)
    return asked
  }
}

function refusal(name: string): string {
  return `${name} is no mirror but a machine of this network; if it is meant, list it in proxy.mirrors with its port`
}

function refusedIn(error: unknown): RefusedAddress | undefined {
  const { cause } = error as Error
  return [error, cause].find((one) => one instanceof RefusedAddress)
}

function flat(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
    ),
  )
}

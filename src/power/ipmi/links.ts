/**
 * All sessions with BMCs on one socket: each datagram is brought to the session it belongs to, each session's effects
 * are done. What a session does is session.ts; which of them are kept is client.ts.
 */
import type { Clock } from '../../lib/clock.ts'
import type { IpmiResponse } from './codec.ts'
import { SessionError } from './failure.ts'
import { step } from './session.ts'
import { type Failure, newSession, type SessionEvent, type SessionRequest, type SessionTerms } from './session-state.ts'
import { openSockets, type Peer, type Sockets } from './socket.ts'
import { createTimers } from './timers.ts'

export interface Link {
  /** @throws SessionError */
  readonly opened: Promise<void>
  /** Resolves when it has ended, by whom and why ever. */
  readonly ended: Promise<Failure | undefined>
  isOpen(): boolean
  /** The suites that the BMC said it has; undefined: it did not say. */
  offered(): readonly number[] | undefined
  /** Waits for the session to be open, and for its turn. @throws SessionError, or what the signal was aborted with */
  request(request: SessionRequest, signal: AbortSignal): Promise<IpmiResponse>
  sendSol(payload: Uint8Array): void
  /** Called with what comes from the console. */
  onSol(heard: (payload: Uint8Array) => void): void
  close(): Promise<void>
}

export interface Links {
  /** @throws SessionError after the end of all */
  open(peer: Peer, terms: Omit<SessionTerms, 'consoleId' | 'random'>): Link
  /** Sessions at present. */
  count(): number
  /** Ends all of them, and the socket. */
  close(): Promise<void>
}

export interface LinksNeeds {
  /** Never set back. */
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
}

interface Held {
  readonly link: Link
  readonly peer: Peer
  feed(event: SessionEvent): void
}

interface Waiting {
  readonly resolve: (response: IpmiResponse) => void
  readonly reject: (error: unknown) => void
}

export function createLinks({ clock, random }: LinksNeeds): Links {
  const timers = createTimers(clock)
  const byId = new Map<number, Held>()
  /** Those whose handshake is under way: its first messages carry no id of ours. */
  const openingAt = new Map<string, Set<Held>>()
  let sockets: Sockets | undefined
  let closed = false

  function receive(bytes: Buffer, from: string): void {
    const event = { event: 'bytes', bytes } as const
    // The id in the header of RMCP+, where there is one.
    const id = bytes.length >= 10 && bytes[3] === 7 && bytes[4] === 6 ? bytes.readUInt32LE(6) : 0
    if (id === 0) {
      for (const held of [...(openingAt.get(from) ?? [])]) held.feed(event)
      return
    }
    const held = byId.get(id)
    if (held?.peer.key === from) held.feed(event)
  }

  function newId(): number {
    while (true) {
      const id = Buffer.from(random(4)).readUInt32LE()
      if (id !== 0 && !byId.has(id)) return id
    }
  }

  function open(peer: Peer, terms: Omit<SessionTerms, 'consoleId' | 'random'>): Link {
    if (closed) throw new SessionError({ what: 'lost' })
    const consoleId = newId()
    let session = newSession({ ...terms, consoleId, random })
    let lastRequest = 0
    let hearSol: (payload: Uint8Array) => void = () => {}
    const waiting = new Map<number, Waiting>()
    const opened = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<Failure | undefined>()
    // Whoever waits is told; nobody need wait.
    opened.promise.catch(() => {})
    const timer = timers.timer(() => feed({ event: 'timeout' }))

    function feed(event: SessionEvent): void {
      const [next, effects] = step(session, event, clock.now())
      session = next
      for (const effect of effects) {
        switch (effect.do) {
          case 'send':
            sockets?.send(effect.bytes, peer, cannotSend)
            break
          case 'wait':
            timer.set(effect.ms)
            break
          case 'opened':
            forgetOpening(held)
            opened.resolve()
            break
          case 'answer':
            waiting.get(effect.id)?.resolve(effect.response)
            break
          case 'sol':
            hearSol(effect.payload)
            break
          case 'end':
            finish(effect.failure)
        }
      }
    }

    /** A route that is gone for a moment is loss like any other, once the session is open. */
    function cannotSend(code: string): void {
      if (session.phase.is !== 'ready' && byId.get(consoleId) === held) finish({ what: 'no-route', code })
    }

    function finish(failure: Failure | undefined): void {
      timer.clear()
      byId.delete(consoleId)
      forgetOpening(held)
      const error = new SessionError(failure ?? { what: 'lost' })
      opened.reject(error)
      for (const { reject } of [...waiting.values()]) reject(error)
      ended.resolve(failure)
    }

    const link: Link = {
      opened: opened.promise,
      ended: ended.promise,
      isOpen: () => session.phase.is === 'ready',
      offered: () => session.offered,
      request(request, signal) {
        if (byId.get(consoleId) !== held) return Promise.reject(new SessionError({ what: 'lost' }))
        if (signal.aborted) return Promise.reject(signal.reason)
        const id = ++lastRequest
        const answer = Promise.withResolvers<IpmiResponse>()
        const abort = () => {
          feed({ event: 'cancel', id })
          answer.reject(signal.reason)
        }
        signal.addEventListener('abort', abort, { once: true })
        waiting.set(id, answer)
        feed({ event: 'request', id, request })
        return answer.promise.finally(() => {
          signal.removeEventListener('abort', abort)
          waiting.delete(id)
        })
      },
      sendSol: (payload) => feed({ event: 'send-sol', payload }),
      onSol(heard) {
        hearSol = heard
      },
      async close() {
        feed({ event: 'close' })
        await ended.promise
      },
    }

    const held: Held = { link, peer, feed }
    sockets ??= openSockets(receive)
    byId.set(consoleId, held)
    const others = openingAt.get(peer.key) ?? new Set()
    openingAt.set(peer.key, others.add(held))
    feed({ event: 'start' })
    return link
  }

  function forgetOpening(held: Held): void {
    const others = openingAt.get(held.peer.key)
    others?.delete(held)
    if (others?.size === 0) openingAt.delete(held.peer.key)
  }

  return {
    open,
    count: () => byId.size,
    async close() {
      closed = true
      await Promise.all([...byId.values()].map(({ link }) => link.close()))
      timers.stop()
      const closing = sockets
      sockets = undefined
      await closing?.close()
    },
  }
}

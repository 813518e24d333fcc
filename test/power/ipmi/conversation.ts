/** A session and a BMC that talk without a network, in a time that only passes when it is told to. */
import { createHash } from 'node:crypto'
import { step } from '../../../src/power/ipmi/session.ts'
import {
  newSession,
  type Session,
  type SessionEffect,
  type SessionEvent,
  type SessionTerms,
} from '../../../src/power/ipmi/session-state.ts'
import type { Bmc } from '../../support/bmc/bmc.ts'

export interface Conversation {
  session(): Session
  /** Feeds an event, and all that follows from it while nothing is lost. */
  feed(event: SessionEvent): void
  /** Lets the one timer run out, so many times. */
  wait(times?: number): void
  /** Effects but `send` and `wait`, in order. */
  readonly seen: Exclude<SessionEffect, { do: 'send' | 'wait' }>[]
  /** What the session said. */
  readonly sent: Uint8Array[]
  readonly waits: number[]
  /** What the BMC said. */
  readonly heard: Uint8Array[]
  now(): number
}

export interface Hands {
  /** What becomes of a datagram on its way; undefined: it is lost. */
  readonly toBmc?: (bytes: Uint8Array) => Uint8Array | undefined
  readonly toConsole?: (bytes: Uint8Array) => Uint8Array | undefined
  readonly terms?: Partial<SessionTerms>
}

export function converse(bmc: Pick<Bmc, 'receive'>, hands: Hands = {}): Conversation {
  const { toBmc = (bytes) => bytes, toConsole = (bytes) => bytes } = hands
  let session = newSession({ ...someTerms(), ...hands.terms })
  let at = 1_000_000
  let due: number | undefined
  const inbox: Uint8Array[] = []
  const talk: Conversation = {
    session: () => session,
    seen: [],
    sent: [],
    waits: [],
    heard: [],
    now: () => at,
    feed(event) {
      take(event)
      for (let bytes = inbox.shift(); bytes; bytes = inbox.shift()) {
        at += 2
        take({ event: 'bytes', bytes })
      }
    },
    wait(times = 1) {
      for (let i = 0; i < times && due !== undefined; i++) {
        at = due
        due = undefined
        talk.feed({ event: 'timeout' })
      }
    },
  }

  function take(event: SessionEvent): void {
    const [next, effects] = step(session, event, at)
    session = next
    for (const effect of effects) {
      if (effect.do === 'wait') {
        due = at + effect.ms
        talk.waits.push(effect.ms)
      } else if (effect.do === 'send') {
        talk.sent.push(effect.bytes)
        const bytes = toBmc(effect.bytes)
        if (bytes) bmc.receive(bytes, 'console', hear)
      } else talk.seen.push(effect)
    }
  }

  function hear(bytes: Uint8Array): void {
    talk.heard.push(bytes)
    const changed = toConsole(bytes)
    if (changed) inbox.push(changed)
  }
  return talk
}

/** User "admin", password "secret"; what must be random is the same every time. */
export function someTerms(): SessionTerms {
  let drawn = 0
  return {
    user: Buffer.from('admin'),
    password: Buffer.from('secret'),
    suite: undefined,
    privileges: ['operator', 'administrator'],
    listsSuites: true,
    consoleId: 0x1234_5678,
    keepAliveMs: 25_000,
    random: (bytes) => createHash('sha256').update(`${++drawn}`).digest().subarray(0, bytes),
  }
}

/** How it ended. */
export function failureOf({ seen }: Conversation): unknown {
  const last = seen.at(-1)
  return last?.do === 'end' ? last.failure : `not ended, but ${last?.do}`
}

/**
 * The serial console of a machine as a stream of bytes, over a session of its own. When the session is lost (the BMC was
 * restarted, the network was away), the stream stays and is tied to a new one.
 */
import { Duplex } from 'node:stream'
import { setTimeout as rest } from 'node:timers/promises'
import { DecodeError } from '../../lib/bytes.ts'
import { PowerError, type SerialConsole } from '../driver.ts'
import type { IpmiResponse } from './codec.ts'
import { COMPLETION, explainCompletion, explainFailure, SessionError, type Whom } from './failure.ts'
import type { Privilege } from './handshake.ts'
import type { Link } from './links.ts'
import { newSol, type Sol, type SolEvent, step } from './sol.ts'

export interface ConsoleNeeds {
  /** @param privilege undefined: what the settings say */
  readonly dedicate: (privilege?: Privilege) => Promise<Link>
  readonly whom: Whom
  /** Ends it. */
  readonly signal: AbortSignal
}

const APP = 0x06
/** SOL is payload 1, and this its first instance (24.1); encrypted and proven. */
const ACTIVATE = { netFn: APP, command: 0x48, data: Uint8Array.of(1, 1, 0xc0, 0, 0, 0), slow: true }
const DEACTIVATE = { netFn: APP, command: 0x49, data: Uint8Array.of(1, 1, 0, 0, 0, 0) }
const IN_USE = 0x80
const ACTIVATE_WORDS: Readonly<Record<number, string>> = {
  [IN_USE]: 'somebody else has it open; end that session, or wait a minute if it was broken off',
  129: 'serial over LAN is disabled; enable it in its settings, for this user too',
  130: 'too many consoles are open on it; close one',
  131: 'it cannot encrypt serial over LAN, and without that nothing is sent',
}
/** A BMC needs a minute or two to start. */
const RESUME = { first: 1000, most: 15_000, tries: 40 }

/** @throws PowerError when it cannot be opened */
export async function openConsole({ dedicate, whom, signal }: ConsoleNeeds): Promise<SerialConsole> {
  let link: Link | undefined
  let sol: Sol = newSol(0)
  let timer: NodeJS.Timeout | undefined
  let written: (() => void) | undefined
  let takes = true

  const stream = new Duplex({
    read() {
      takes = true
    },
    write(bytes: Buffer, _, done) {
      written = done
      feed({ event: 'write', bytes })
    },
    destroy(error, done) {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      leave().then(
        () => done(error),
        () => done(error),
      )
    },
  })
  const abort = () => stream.destroy()

  function feed(event: SolEvent): void {
    try {
      const [next, effects] = step(sol, event)
      sol = next
      for (const effect of effects) {
        if (effect.do === 'send') link?.sendSol(effect.payload)
        else if (effect.do === 'wait') wait(effect.ms)
        else if (effect.do === 'data') takes = stream.push(effect.bytes) && takes
        else if (effect.do === 'drained') drained()
        else giveUp()
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
  }

  /** The console is dead, though the session may not be: begin with a new one. */
  function giveUp(): void {
    const dead = link
    link = undefined
    clearTimeout(timer)
    void dead?.close()
    again()
  }

  function again(): void {
    if (stream.destroyed) return
    resume().catch((error: Error) => stream.destroy(signal.aborted ? undefined : error))
  }

  function wait(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => feed({ event: 'timeout' }), ms)
  }

  function drained(): void {
    clearTimeout(timer)
    const done = written
    written = undefined
    done?.()
  }

  /** Ties the stream to a link. What was not acknowledged on the one before is written again. */
  function join({ link: fresh, size }: Activated): void {
    link = fresh
    const left = Buffer.concat([sol.underWay ?? new Uint8Array(), sol.pending])
    sol = newSol(size)
    fresh.onSol((payload) => feed({ event: 'packet', payload, takes }))
    fresh.ended.then((failure) => {
      if (link !== fresh) return
      link = undefined
      clearTimeout(timer)
      // Without a failure, it is the driver that closes.
      if (failure) again()
      else stream.destroy()
    })
    if (left.length > 0) feed({ event: 'write', bytes: left })
  }

  async function resume(): Promise<void> {
    for (let tries = 1; !stream.destroyed; tries++) {
      await rest(Math.min(RESUME.most, RESUME.first * 2 ** (tries - 1)), undefined, { signal, ref: false })
      try {
        const joined = await activate(dedicate, whom, true)
        if (stream.destroyed) await goodbye(joined.link)
        else join(joined)
        return
      } catch (error) {
        if (tries === RESUME.tries || !(error instanceof PowerError) || error.fault !== 'no-answer') throw error
      }
    }
  }

  async function leave(): Promise<void> {
    const last = link
    link = undefined
    if (last) await goodbye(last)
  }

  join(await activate(dedicate, whom, false))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return Object.assign(stream, { sendBreak: async () => feed({ event: 'break' }) })
}

interface Activated {
  readonly link: Link
  /** Of the largest packet that the BMC takes. */
  readonly size: number
}

/** @param again it was ours before: what the BMC still holds of it is ended */
async function activate(dedicate: ConsoleNeeds['dedicate'], whom: Whom, again: boolean): Promise<Activated> {
  const never = new AbortController().signal
  let link: Link | undefined
  try {
    link = await dedicate()
    let answer = await link.request(ACTIVATE, never)
    if (answer.completion === COMPLETION.privilege) {
      await link.close()
      link = await dedicate('administrator')
      answer = await link.request(ACTIVATE, never)
    }
    if (answer.completion === IN_USE && again) {
      await link.request(DEACTIVATE, never)
      answer = await link.request(ACTIVATE, never)
    }
    if (answer.completion !== 0) throw refused(answer, whom)
    const [, , , , low = 0, high = 0] = answer.data
    return { link, size: low | (high << 8) }
  } catch (error) {
    await link?.close()
    throw error instanceof SessionError ? explainFailure(error.failure, whom) : error
  }
}

function refused({ completion }: IpmiResponse, whom: Whom): PowerError {
  const words = ACTIVATE_WORDS[completion]
  if (words === undefined) return explainCompletion('the console', completion, whom)
  return new PowerError('refused', `the BMC of ${whom.name} at ${whom.address} refused the console: ${words}`)
}

/** Frees the console for others. A BMC that does not answer any more need not be told. */
async function goodbye(link: Link): Promise<void> {
  await link.request(DEACTIVATE, AbortSignal.timeout(2000)).catch(() => {})
  await link.close()
}

/**
 * One TFTP transfer as a state machine: an event comes in, what to do comes out. Pure: the socket, the timer and the
 * file are session.ts and server.ts; time is the `at` that comes with each event.
 *
 * Blocks are counted from 1 and never wrap in here; on the wire they are taken modulo 65,536.
 */
import type { TftpPacket } from './codec.ts'
import type { Terms } from './decide.ts'

/** `aborted` by the client, `timeout` when it fell silent, `failed` on our side. */
export type TransferOutcome = 'done' | 'aborted' | 'timeout' | 'failed'

export type TransferEvent =
  | { readonly event: 'start' }
  /** As on the wire: modulo 65,536. */
  | { readonly event: 'ack'; readonly block: number }
  /** So many more blocks are at hand; `end`: the last of them is the last of the file. */
  | { readonly event: 'read'; readonly blocks: number; readonly end: boolean }
  | { readonly event: 'timeout' }
  /** The client's ERROR packet. */
  | { readonly event: 'error'; readonly code: number; readonly message: string }
  /** Nobody waits for this transfer any more: the client's port is closed, or asks for something else. */
  | { readonly event: 'gone'; readonly because: string }
  /** The file cannot be read on, or the server stops. */
  | { readonly event: 'fault'; readonly because: string }

export type TransferCommand =
  | { readonly do: 'send'; readonly packet: TftpPacket }
  | { readonly do: 'send-blocks'; readonly from: number; readonly to: number }
  | { readonly do: 'read'; readonly blocks: number }
  /** (Re)starts the one timer. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'end'; readonly outcome: TransferOutcome; readonly because: string }

export interface Transfer {
  readonly terms: Terms
  readonly phase: 'new' | 'oack' | 'data' | 'ended'
  /**
   * True once the client has answered from the port that asked: until then it may be an address that somebody made up.
   */
  readonly heard: boolean
  /** The client has all blocks up to this one. */
  readonly acked: number
  /** The highest block ever sent. */
  readonly sent: number
  /** The highest block at hand. */
  readonly filled: number
  /** The last block of the file, once it is known. */
  readonly last: number | undefined
  /** Blocks are being read; nothing is sent meanwhile. */
  readonly reading: boolean
  /** Timeouts since the client last made progress. */
  readonly tries: number
  /** A repeated ACK has shortened the wait (`waiting`), or has done so already since the last progress (`spent`). */
  readonly nudge: 'none' | 'waiting' | 'spent'
  /** When blocks were last sent. */
  readonly sentAt: number
  /** Round trip and its variation in milliseconds (RFC 6298); negative: not measured yet. */
  readonly rtt: number
  readonly rttVar: number
}

/** Sends of the same thing to a client that has never answered, and to one that has. */
const TRIES = { unheard: 3, heard: 7 }
const FIRST_WAIT = 1000
/** The longest wait is longer than clients' own (5 s): atftp says again what it has only after so much silence. */
const WAIT = { least: 200, most: 8000 }
/** How soon after a repeated ACK the window goes out again. */
const NUDGE_WAIT = 20

type Step = readonly [Transfer, readonly TransferCommand[]]

export function newTransfer(terms: Terms): Transfer {
  return {
    terms,
    phase: 'new',
    heard: false,
    acked: 0,
    sent: 0,
    filled: 0,
    last: undefined,
    reading: false,
    tries: 0,
    nudge: 'none',
    sentAt: 0,
    rtt: -1,
    rttVar: 0,
  }
}

/** @param at milliseconds; a clock that is set meanwhile does no harm */
export function step(state: Transfer, event: TransferEvent, at: number): Step {
  if (state.phase === 'ended') return [state, []]
  switch (event.event) {
    case 'start':
      if (state.terms.granted.size === 0) return sendWindow({ ...state, phase: 'data' }, at)
      return sendOack({ ...state, phase: 'oack' })
    case 'ack':
      return state.phase === 'oack' ? ackOfOack(state, event.block, at) : ackOfData(state, event.block, at)
    case 'read': {
      const filled = state.filled + event.blocks
      return sendWindow({ ...state, filled, last: event.end ? filled : state.last, reading: false }, at)
    }
    case 'timeout':
      return timeout(state, at)
    case 'error':
      return end(state, 'aborted', `the client ended it: ${event.message || 'no reason given'} (error ${event.code})`)
    case 'gone':
      return hasAllButLast(state) ? endUnconfirmed(state) : end(state, 'aborted', event.because)
    case 'fault':
      return end(state, 'failed', event.because)
  }
}

function sendOack(state: Transfer): Step {
  const packet: TftpPacket = { op: 'oack', options: state.terms.granted }
  return [
    state,
    [
      { do: 'send', packet },
      { do: 'wait', ms: waitOf(state) },
    ],
  ]
}

function ackOfOack(state: Transfer, block: number, at: number): Step {
  if (block !== 0) return [state, []]
  return sendWindow({ ...state, phase: 'data', heard: true, tries: 0 }, at)
}

function ackOfData(state: Transfer, block: number, at: number): Step {
  const progress = (block - state.acked) & 0xffff
  if (progress === 0) return repeatedAck(state)
  // Never sent, or acknowledged long ago.
  if (progress > state.sent - state.acked) return [state, []]

  const acked = state.acked + progress
  // Karn: the answer to what was sent twice says nothing about the time that one of them took.
  const measured =
    state.tries === 0 && state.nudge === 'none'
      ? measure(state, Math.min(Math.max(at - state.sentAt, 0), WAIT.most))
      : state
  const next = { ...measured, acked, heard: true, tries: 0, nudge: 'none' as const }
  if (acked === state.last) return end(next, 'done', 'the client has all of it')
  // An ACK within the window says that what came behind it is lost (RFC 7440, 4): the next window begins there.
  return sendWindow(next, at)
}

/**
 * A repeated ACK is never answered with DATA, or every packet that the network doubles would double all that follow
 * (the Sorcerer's Apprentice, RFC 1123, 4.2.3.1). But in a window it may say that the first block is lost: then the
 * timer fires sooner, once.
 */
function repeatedAck(state: Transfer): Step {
  const { terms, sent, acked, reading, tries, nudge } = state
  const mayBeLoss = terms.window > 1 && sent > acked && !reading
  if (!mayBeLoss || tries > 0 || nudge !== 'none') return [state, []]
  return [{ ...state, nudge: 'waiting' }, [{ do: 'wait', ms: Math.max(NUDGE_WAIT, 2 * state.rtt) }]]
}

/** Sends the window that follows the last acknowledged block, after reading what is missing of it. */
function sendWindow(state: Transfer, at: number): Step {
  if (state.reading) return [state, []]
  const to = Math.min(state.acked + state.terms.window, state.last ?? Number.POSITIVE_INFINITY)
  if (state.filled < to) return [{ ...state, reading: true }, [{ do: 'read', blocks: to - state.filled }]]
  const next = { ...state, sent: Math.max(state.sent, to), sentAt: at }
  return [
    next,
    [
      { do: 'send-blocks', from: state.acked + 1, to },
      { do: 'wait', ms: waitOf(next) },
    ],
  ]
}

function timeout(state: Transfer, at: number): Step {
  // It is we who are late: the file is still being read.
  if (state.reading) return [state, [{ do: 'wait', ms: WAIT.most }]]
  // The early timer of a repeated ACK counts as no failed try: the client was heard just now.
  if (state.nudge === 'waiting') return sendWindow({ ...state, nudge: 'spent' }, at)
  const next = { ...state, tries: state.tries + 1 }
  if (next.tries >= (state.heard ? TRIES.heard : TRIES.unheard)) {
    if (hasAllButLast(state)) return endUnconfirmed(state)
    return end(next, 'timeout', state.heard ? 'the client fell silent' : 'the client never answered')
  }
  if (state.phase === 'oack') return sendOack(next)
  return sendWindow(next, at)
}

/** Some firmware starts what it has loaded without acknowledging the last block; and a last ACK may be lost. */
function hasAllButLast({ heard, acked, sent, last }: Transfer): boolean {
  return heard && last !== undefined && acked === last - 1 && sent === last
}

function endUnconfirmed(state: Transfer): Step {
  return end(state, 'done', 'the last block was sent, and not acknowledged')
}

function end(state: Transfer, outcome: TransferOutcome, because: string): Step {
  return [{ ...state, phase: 'ended' }, [{ do: 'end', outcome, because }]]
}

/**
 * RFC 2349: the client's own timeout is held to. Else ours follows the round trip, and doubles with every try. For one that has
 * never answered it is no longer than ours: whoever makes addresses up would keep all places for a quarter of an hour.
 */
function waitOf({ terms: { timeoutMs }, heard, tries, rtt, rttVar }: Transfer): number {
  if (timeoutMs !== undefined && heard) return timeoutMs
  const first = heard && rtt >= 0 ? Math.max(WAIT.least, rtt + 4 * rttVar) : FIRST_WAIT
  return Math.min(WAIT.most, first * 2 ** tries, timeoutMs ?? WAIT.most)
}

function measure(state: Transfer, sample: number): Transfer {
  if (state.rtt < 0) return { ...state, rtt: sample, rttVar: sample / 2 }
  const rttVar = state.rttVar + (Math.abs(state.rtt - sample) - state.rttVar) / 4
  return { ...state, rtt: state.rtt + (sample - state.rtt) / 8, rttVar }
}

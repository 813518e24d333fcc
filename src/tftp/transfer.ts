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
type Commands = readonly TransferCommand[]
/** The one copy that each step makes, for it to change. */
type Draft = { -readonly [Field in keyof Transfer]: Transfer[Field] }

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
  const next: Draft = { ...state }
  return [next, commandsOf(next, event, at)]
}

function commandsOf(next: Draft, event: TransferEvent, at: number): Commands {
  switch (event.event) {
    case 'start':
      next.phase = next.terms.granted.size === 0 ? 'data' : 'oack'
      return next.phase === 'data' ? sendWindow(next, at) : sendOack(next)
    case 'ack':
      return next.phase === 'oack' ? ackOfOack(next, event.block, at) : ackOfData(next, event.block, at)
    case 'read':
      next.filled += event.blocks
      if (event.end) next.last = next.filled
      next.reading = false
      return sendWindow(next, at)
    case 'timeout':
      return timeout(next, at)
    case 'error':
      return end(next, 'aborted', `the client ended it: ${event.message || 'no reason given'} (error ${event.code})`)
    case 'gone':
      return hasAllButLast(next) ? endUnconfirmed(next) : end(next, 'aborted', event.because)
    case 'fault':
      return end(next, 'failed', event.because)
  }
}

function sendOack(state: Transfer): Commands {
  const packet: TftpPacket = { op: 'oack', options: state.terms.granted }
  return [
    { do: 'send', packet },
    { do: 'wait', ms: waitOf(state) },
  ]
}

function ackOfOack(next: Draft, block: number, at: number): Commands {
  if (block !== 0) return []
  next.phase = 'data'
  next.heard = true
  next.tries = 0
  return sendWindow(next, at)
}

function ackOfData(next: Draft, block: number, at: number): Commands {
  const progress = (block - next.acked) & 0xffff
  if (progress === 0) return repeatedAck(next)
  // Never sent, or acknowledged long ago.
  if (progress > next.sent - next.acked) return []

  // Karn: the answer to what was sent twice says nothing about the time that one of them took.
  if (next.tries === 0 && next.nudge === 'none') measure(next, Math.min(Math.max(at - next.sentAt, 0), WAIT.most))
  next.acked += progress
  next.heard = true
  next.tries = 0
  next.nudge = 'none'
  if (next.acked === next.last) return end(next, 'done', 'the client has all of it')
  // An ACK within the window says that what came behind it is lost (RFC 7440, 4): the next window begins there.
  return sendWindow(next, at)
}

/**
 * A repeated ACK is never answered with DATA, or every packet that the network doubles would double all that follow
 * (the Sorcerer's Apprentice, RFC 1123, 4.2.3.1). But in a window it may say that the first block is lost: then the
 * timer fires sooner, once.
 */
function repeatedAck(next: Draft): Commands {
  const { terms, sent, acked, reading, tries, nudge } = next
  const mayBeLoss = terms.window > 1 && sent > acked && !reading
  if (!mayBeLoss || tries > 0 || nudge !== 'none') return []
  next.nudge = 'waiting'
  return [{ do: 'wait', ms: Math.max(NUDGE_WAIT, 2 * next.rtt) }]
}

/** Sends the window that follows the last acknowledged block, after reading what is missing of it. */
function sendWindow(next: Draft, at: number): Commands {
  if (next.reading) return []
  const to = Math.min(next.acked + next.terms.window, next.last ?? Number.POSITIVE_INFINITY)
  if (next.filled < to) {
    next.reading = true
    return [{ do: 'read', blocks: to - next.filled }]
  }
  next.sent = Math.max(next.sent, to)
  next.sentAt = at
  return [
    { do: 'send-blocks', from: next.acked + 1, to },
    { do: 'wait', ms: waitOf(next) },
  ]
}

function timeout(next: Draft, at: number): Commands {
  // It is we who are late: the file is still being read.
  if (next.reading) return [{ do: 'wait', ms: WAIT.most }]
  // The early timer of a repeated ACK counts as no failed try: the client was heard just now.
  if (next.nudge === 'waiting') {
    next.nudge = 'spent'
    return sendWindow(next, at)
  }
  next.tries++
  if (next.tries >= (next.heard ? TRIES.heard : TRIES.unheard)) {
    if (hasAllButLast(next)) return endUnconfirmed(next)
    return end(next, 'timeout', next.heard ? 'the client fell silent' : 'the client never answered')
  }
  return next.phase === 'oack' ? sendOack(next) : sendWindow(next, at)
}

/** Some firmware starts what it has loaded without acknowledging the last block; and a last ACK may be lost. */
function hasAllButLast({ heard, acked, sent, last }: Transfer): boolean {
  return heard && last !== undefined && acked === last - 1 && sent === last
}

function endUnconfirmed(next: Draft): Commands {
  return end(next, 'done', 'the last block was sent, and not acknowledged')
}

function end(next: Draft, outcome: TransferOutcome, because: string): Commands {
  next.phase = 'ended'
  return [{ do: 'end', outcome, because }]
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

function measure(next: Draft, sample: number): void {
  if (next.rtt < 0) {
    next.rtt = sample
    next.rttVar = sample / 2
    return
  }
  next.rttVar += (Math.abs(next.rtt - sample) - next.rttVar) / 4
  next.rtt += (sample - next.rtt) / 8
}

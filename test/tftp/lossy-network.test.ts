/**
 * Any file, any window, any network that loses, doubles, delays and reorders: the client has the file, or the tries ran
 * out.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newTransfer, step, type Transfer, type TransferEvent } from '../../src/tftp/transfer.ts'

/** What becomes of one datagram: lost, or delivered after so many milliseconds, perhaps twice. */
type Fate = 'lost' | readonly number[]
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.constant([1] as const) },
  { weight: 1, arbitrary: fc.constant('lost' as const) },
  { weight: 1, arbitrary: fc.constant([1, 3] as const) },
  { weight: 1, arbitrary: fc.constant([7] as const) },
)

interface World {
  readonly blocks: number
  readonly window: number
  readonly first: number
  readonly fates: Iterator<Fate>
}

/** Plays both sides on one clock. Answers the blocks the client took, in order, and how the server ended. */
function simulate({ blocks, window, first, fates }: World) {
  const granted = new Map(window > 1 ? [['windowsize', `${window}`]] : [])
  const terms = { blockSize: 512, window, timeoutMs: undefined, granted }
  let state: Transfer = { ...newTransfer(terms), acked: first, sent: first, filled: first }
  const queue: { at: number; run: () => void }[] = []
  let now = 0
  let timer = { run: () => {} }
  let outcome = ''
  let sends = 0
  const taken: number[] = []
  let expected = first + 1
  let inWindow = 0

  const later = (ms: number, run: () => void) => queue.push({ at: now + ms, run })
  const carry = (deliver: () => void) => {
    const chosen: Fate = fates.next().value
    for (const ms of chosen === 'lost' ? [] : chosen) later(ms, deliver)
  }

  const feed = (event: TransferEvent) => {
    const [next, commands] = step(state, event, now)
    state = next
    for (const command of commands) {
      if (command.do === 'send') carry(() => clientAck(0))
      if (command.do === 'send-blocks')
        for (let block = command.from; block <= command.to; block++) {
          sends++
          carry(() => clientData(block & 0xffff))
        }
      if (command.do === 'read') {
        const upTo = Math.min(state.filled + command.blocks, first + blocks)
        const event: TransferEvent = { event: 'read', blocks: upTo - state.filled, end: upTo === first + blocks }
        later(now % 3, () => feed(event))
      }
      if (command.do === 'wait') {
        const mine = { run: () => timer === mine && feed({ event: 'timeout' }) }
        timer = mine
        later(command.ms, mine.run)
      }
      if (command.do === 'end') outcome = command.outcome
    }
  }

  const clientAck = (block = (expected - 1) & 0xffff) => {
    inWindow = 0
    carry(() => feed({ event: 'ack', block }))
  }
  const clientData = (block: number) => {
    if (block !== (expected & 0xffff)) return clientAck()
    taken.push(expected++)
    if (++inWindow >= window || taken.length === blocks) clientAck()
  }

  feed({ event: 'start' })
  while (outcome === '' && queue.length > 0) {
    queue.sort((one, other) => one.at - other.at)
    const next = queue.shift()
    if (!next) break
    now = next.at
    next.run()
  }
  return { taken, outcome, sends }
}

test('the client takes every block in order, whatever the network does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 16 }),
      fc.constantFrom(0, 65_500),
      fc.infiniteStream(fate),
      (blocks, window, first, fates) => {
        const { taken, outcome } = simulate({ blocks, window, first, fates })
        expect(['done', 'timeout']).toContain(outcome)
        if (outcome === 'done') expect(taken).toEqual(Array.from({ length: blocks }, (_, i) => first + i + 1))
      },
    ),
    { numRuns: 500 },
  )
})

test('a network that loses nothing has every block sent once', () => {
  for (const window of [1, 2, 7, 16]) {
    const fates: Iterator<Fate> = { next: () => ({ value: [1], done: false }) }
    expect(simulate({ blocks: 50, window, first: 65_500, fates })).toMatchObject({ outcome: 'done', sends: 50 })
  }
})

test('a network that doubles every packet does not make the server double its own', () => {
  const fates: Iterator<Fate> = { next: () => ({ value: [1, 1], done: false }) }
  expect(simulate({ blocks: 50, window: 1, first: 0, fates })).toMatchObject({ outcome: 'done', sends: 50 })
  // In a window the client's answer to a doubled block is an ACK within it, which asks for a roll back.
  const { outcome, sends } = simulate({ blocks: 50, window: 4, first: 0, fates })
  expect(outcome).toBe('done')
  expect(sends).toBeLessThan(60)
})

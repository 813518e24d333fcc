/** A transfer in windows as tables: events in, what to do out. */
import { describe, expect, test } from 'vitest'
import type { Transfer } from '../../src/tftp/transfer.ts'
import { ack, play, read, START, TIMEOUT, windowOf } from './play.ts'

/** A window of 4 whose first window is out. */
const begun = (): Transfer =>
  play(windowOf(4), [
    [START, ['oack', 'wait 1000']],
    [ack(0), ['read 4']],
    [read(4), ['data 1-4', 'wait 1000']],
  ])

describe('a transfer in windows (RFC 7440)', () => {
  test('sends a window for each acknowledgment, and the last as short as it is', () => {
    play(
      windowOf(4),
      [
        [ack(4), ['read 4']],
        [read(4), ['data 5-8', 'wait 200']],
        [ack(8), ['read 4']],
        [read(2, true), ['data 9-10', 'wait 200']],
        [ack(10), ['end done']],
      ],
      begun(),
    )
  })

  test('rolls back to what follows an acknowledgment within the window', () => {
    play(
      windowOf(4),
      [
        [ack(2), ['read 2']],
        [read(2), ['data 3-6', 'wait 200']],
        [ack(5), ['read 3']],
        [read(3, true), ['data 6-9', 'wait 200']],
        [ack(6), ['data 7-9', 'wait 200']],
        [ack(9), ['end done']],
      ],
      begun(),
    )
  })

  test('takes an acknowledgment of what was sent before it rolled back', () => {
    play(
      windowOf(4),
      [
        [ack(1), ['read 1']],
        [read(1), ['data 2-5', 'wait 200']],
        [ack(4), ['read 3']],
        [read(3), ['data 5-8', 'wait 200']],
      ],
      begun(),
    )
  })

  test('sends the whole window again after silence', () => {
    play(
      windowOf(4),
      [
        [TIMEOUT, ['data 1-4', 'wait 2000']],
        [ack(4), ['read 4']],
        [read(4), ['data 5-8', 'wait 1000']],
      ],
      begun(),
    )
  })

  test('waits less after a repeated ACK, once, and sends nothing at once', () => {
    play(
      windowOf(4),
      [
        [ack(4), ['read 4']],
        [read(4), ['data 5-8', 'wait 200']],
        [ack(4), ['wait 20']],
        [ack(4), []],
        [TIMEOUT, ['data 5-8', 'wait 200']],
        [ack(4), []],
        [TIMEOUT, ['data 5-8', 'wait 400']],
        [ack(8), ['read 4']],
        [read(4), ['data 9-12', 'wait 200']],
        [ack(8), ['wait 20']],
      ],
      begun(),
    )
  })

  test('keeps acknowledgments that come while it reads', () => {
    play(
      windowOf(4),
      [
        [ack(2), ['read 2']],
        [ack(4), []],
        [read(2), ['read 2']],
        [read(2), ['data 5-8', 'wait 200']],
      ],
      begun(),
    )
  })

  test('wraps within a window', () => {
    const state = { ...begun(), acked: 65_533, sent: 65_537, filled: 65_537 }
    const next = play(windowOf(4), [[ack(0), ['read 3']]], state)
    expect(next.acked).toBe(65_536)
    play(windowOf(4), [[ack(2), []]], state)
  })
})

/** One transfer in lock-step as tables: events in, what to do out. */
import { describe, expect, test } from 'vitest'
import { newTransfer, step, type TransferEvent } from '../../src/tftp/transfer.ts'
import { ack, plain, play, type Row, read, START, TIMEOUT, withOptions } from './play.ts'

describe('a transfer in lock-step', () => {
  test('without options begins with the first block and ends with the last acknowledgment', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(1), ['read 1']],
      [read(1, true), ['data 2-2', 'wait 200']],
      [ack(2), ['end done']],
      [ack(2), []],
      [TIMEOUT, []],
    ])
  })

  test('with options begins with an OACK, and reads nothing before its acknowledgment', () => {
    play(withOptions, [
      [START, ['oack', 'wait 1000']],
      [ack(1), []],
      [ack(0), ['read 1']],
      [read(1, true), ['data 1-1', 'wait 1000']],
      [ack(1), ['end done']],
    ])
  })

  test('never answers a repeated ACK: no Sorcerer’s Apprentice', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(0), []],
      [ack(1), ['read 1']],
      [read(1), ['data 2-2', 'wait 200']],
      [ack(1), []],
      [ack(1), []],
      [ack(2), ['read 1']],
    ])
  })

  test('ignores acknowledgments of what was never sent', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(2), []],
      [ack(65_535), []],
      [ack(1), ['read 1']],
    ])
  })

  test('goes on past block 65,535, which is followed by 0 on the wire', () => {
    const state = {
      ...newTransfer(plain),
      phase: 'data',
      heard: true,
      acked: 65_534,
      sent: 65_535,
      filled: 65_535,
      sentAt: 2_000_000,
    } as const
    const next = play(
      plain,
      [
        [ack(65_535), ['read 1']],
        [read(1), ['data 65536-65536', 'wait 200']],
        [ack(65_535), []],
        [ack(0), ['read 1']],
        [read(1), ['data 65537-65537', 'wait 200']],
        [ack(0), []],
        [ack(1), ['read 1']],
      ],
      state,
    )
    expect(next.acked).toBe(65_537)
  })

  test('ends without a word when the client sends an error', () => {
    play(withOptions, [
      [START, ['oack', 'wait 1000']],
      [{ event: 'error', code: 8, message: 'size only' }, ['end aborted']],
      [ack(0), []],
    ])
  })

  test('ends as failed when the file cannot be read on', () => {
    const [, commands] = step(newTransfer(plain), { event: 'fault', because: 'disk on fire' }, 0)
    expect(commands).toEqual([{ do: 'end', outcome: 'failed', because: 'disk on fire' }])
  })
})

describe('silence', () => {
  test('of a client that never answered is met with three packets and no more', () => {
    play(withOptions, [
      [START, ['oack', 'wait 1000']],
      [TIMEOUT, ['oack', 'wait 2000']],
      [TIMEOUT, ['oack', 'wait 4000']],
      [TIMEOUT, ['end timeout']],
    ])
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [TIMEOUT, ['data 1-1', 'wait 2000']],
      [TIMEOUT, ['data 1-1', 'wait 4000']],
      [TIMEOUT, ['end timeout']],
    ])
  })

  test('of a client that was heard is met with patience that doubles and has a bound', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(1), ['read 1']],
      [read(1), ['data 2-2', 'wait 200']],
      [TIMEOUT, ['data 2-2', 'wait 400']],
      [TIMEOUT, ['data 2-2', 'wait 800']],
      [TIMEOUT, ['data 2-2', 'wait 1600']],
      [TIMEOUT, ['data 2-2', 'wait 3200']],
      [TIMEOUT, ['data 2-2', 'wait 6400']],
      [TIMEOUT, ['data 2-2', 'wait 8000']],
      [TIMEOUT, ['end timeout']],
    ])
  })

  test('is forgotten as soon as the client goes on', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(1), ['read 1']],
      [read(1), ['data 2-2', 'wait 200']],
      [TIMEOUT, ['data 2-2', 'wait 400']],
      [TIMEOUT, ['data 2-2', 'wait 800']],
      [ack(2), ['read 1']],
      [read(1), ['data 3-3', 'wait 200']],
    ])
  })

  test('is measured with the timeout that the client asked for', () => {
    play({ ...withOptions, timeoutMs: 3000 }, [
      [START, ['oack', 'wait 1000']],
      [TIMEOUT, ['oack', 'wait 2000']],
      [ack(0), ['read 1']],
      [read(1), ['data 1-1', 'wait 3000']],
      [TIMEOUT, ['data 1-1', 'wait 3000']],
      [TIMEOUT, ['data 1-1', 'wait 3000']],
    ])
  })

  test('is our own for one that has never answered, however long it said', () => {
    play({ ...withOptions, timeoutMs: 255_000 }, [
      [START, ['oack', 'wait 1000']],
      [TIMEOUT, ['oack', 'wait 2000']],
      [TIMEOUT, ['oack', 'wait 4000']],
      [TIMEOUT, ['end timeout']],
    ])
    play({ ...plain, timeoutMs: 1000 }, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [TIMEOUT, ['data 1-1', 'wait 1000']],
    ])
  })

  test('is waited for longer when the way is long, and what was sent twice measures nothing', () => {
    play(plain, [
      [START, ['read 1']],
      [read(1), ['data 1-1', 'wait 1000']],
      [ack(1), ['read 1'], 300],
      [read(1), ['data 2-2', 'wait 900']],
      [ack(2), ['read 1'], 300],
      [read(1), ['data 3-3', 'wait 750']],
      [TIMEOUT, ['data 3-3', 'wait 1500'], 750],
      [ack(3), ['read 1'], 1],
      [read(1), ['data 4-4', 'wait 750']],
    ])
  })

  test('while the file is being read is our own, and no try', () => {
    const state = play(plain, [
      [START, ['read 1']],
      [TIMEOUT, ['wait 8000']],
      [TIMEOUT, ['wait 8000']],
      [TIMEOUT, ['wait 8000']],
      [TIMEOUT, ['wait 8000']],
      [read(1), ['data 1-1', 'wait 1000']],
    ])
    expect(state.tries).toBe(0)
  })
})

describe('the last block', () => {
  const lastIsOut: readonly Row[] = [
    [START, ['oack', 'wait 1000']],
    [ack(0), ['read 1']],
    [read(1), ['data 1-1', 'wait 1000']],
    [ack(1), ['read 1']],
    [read(1, true), ['data 2-2', 'wait 200']],
  ]

  test('may go without acknowledgment: some firmware starts at once what it has loaded', () => {
    const state = play(withOptions, lastIsOut)
    expect(step(state, { event: 'gone', because: 'port closed' }, 0)[1]).toMatchObject([{ do: 'end', outcome: 'done' }])
    const tired = { ...state, tries: 6 }
    expect(step(tired, TIMEOUT, 0)[1]).toMatchObject([{ do: 'end', outcome: 'done' }])
  })

  test('is not taken for received while one before it is missing, or from a client that was never heard', () => {
    const gone: TransferEvent = { event: 'gone', because: 'port closed' }
    play(withOptions, [...lastIsOut.slice(0, 3), [gone, ['end aborted']]])
    play(plain, [
      [START, ['read 1']],
      [read(1, true), ['data 1-1', 'wait 1000']],
      [gone, ['end aborted']],
    ])
  })
})

/** Stages, sources, events and lines of a log, as the page of a machine tells them. */
import { describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../../src/model/event.ts'
import type { LogLine } from '../../../src/model/log-line.ts'
import { eventWords } from '../../../src/ui/pages/machine/event-words.ts'
import { linesShown, timeSince, withLines } from '../../../src/ui/pages/machine/log-lines.ts'
import { sourceLink, sourceWords } from '../../../src/ui/pages/machine/sources.ts'
import { stagePath } from '../../../src/ui/pages/machine/stage-path.ts'

describe('the way through the stages', () => {
  test('begins with custody for a machine of an orchestrator only', () => {
    expect(stagePath('installing', 'acquired').map(({ stage, is }) => `${stage} ${is}`)).toEqual([
      ...['available behind', 'acquired behind', 'booting behind', 'installing here', 'installed ahead', 'ready ahead'],
    ])
    expect(stagePath('unmanaged', 'none').map(({ stage }) => stage)[0]).toBe('unmanaged')
  })

  test('is broken where an install ends', () => {
    expect(stagePath('broken', 'none').find(({ is }) => is === 'broken')?.stage).toBe('installing')
  })
})

describe('a source', () => {
  test('leads to the page on which it is changed, at its line', () => {
    const template = { kind: 'template', name: 'preseeds/my seed', field: null, line: 12 } as const
    expect(sourceWords(template)).toBe('preseeds/my seed:12')
    expect(sourceLink(template)).toBe('/templates/preseeds/my%20seed?line=12')
    const profile = { kind: 'profile', name: 'web', field: 'meta.role', line: null } as const
    expect(sourceWords(profile)).toBe('profile web · meta.role')
    expect(sourceLink(profile)).toBe('/profiles/web')
    expect(sourceLink({ kind: 'setting', name: 'http.url', field: null, line: null })).toBe('/settings?find=http.url')
  })

  test('that nobody can change leads nowhere', () => {
    for (const kind of ['computed', 'request', 'lease'] as const)
      expect(sourceLink({ kind, name: 'x', field: null, line: null })).toBeUndefined()
  })
})

describe('an event', () => {
  const at = { id: 1, at: 0 }
  test('is a sentence, and a failed step is bad', () => {
    const step = { mac: undefined, system: 'node1', step: 'failed', because: 'no root file system' } as const
    expect(eventWords({ ...at, name: 'boot.step', payload: step } as RecordedEvent)).toEqual({
      tone: 'bad',
      text: 'failed: no root file system',
    })
  })

  test('of a kind that is new is told by what it carries', () => {
    const event = { ...at, name: 'machine.danced', payload: { system: 'node1', beats: 3 } } as unknown as RecordedEvent
    expect(eventWords(event).text).toBe('{"system":"node1","beats":3}')
  })
})

describe('lines of a log', () => {
  const line = (id: number, severity: number, message: string): LogLine => ({
    id,
    at: id,
    severity,
    app: 'd-i',
    message,
  })
  const all = [line(1, 6, 'one'), line(2, 3, 'two'), line(3, 7, 'three')]

  test('are shown by level and by what is in them', () => {
    expect(linesShown(all, { level: 'error', text: '' }).map(({ id }) => id)).toEqual([2])
    expect(linesShown(all, { level: 'debug', text: 'D-I: T' }).map(({ id }) => id)).toEqual([2, 3])
    expect(linesShown(all, { level: 'nonsense', text: '' })).toBe(all)
  })

  test('that come twice after a connection was lost are there once', () => {
    expect(withLines(all, [line(3, 7, 'three'), line(4, 6, 'four')]).map(({ id }) => id)).toEqual([1, 2, 3, 4])
    expect(withLines(all, [line(2, 3, 'two')])).toBe(all)
  })

  test('are timed from the first', () => {
    expect(timeSince(65_250, 0)).toBe('+1:05.3')
    expect(timeSince(0, 5)).toBe('+0:00.0')
  })
})

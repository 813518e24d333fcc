/** The event bus: who hears what, and that no listener can spoil it for the others. */
import { describe, expect, test } from 'vitest'
import { eventBus } from '../../src/lib/events.ts'

interface Events {
  changed: { name: string }
  removed: number
}

describe('the event bus', () => {
  test('tells each listener of its own event, in order, at once', () => {
    const heard: unknown[] = []
    const bus = eventBus<Events>((error) => heard.push(error))
    bus.on('changed', ({ name }) => heard.push(`first ${name}`))
    bus.on('changed', ({ name }) => heard.push(`second ${name}`))
    bus.on('removed', (count) => heard.push(count))
    bus.emit('changed', { name: 'node1' })
    bus.emit('removed', 7)
    expect(heard).toEqual(['first node1', 'second node1', 7])
  })

  test('gives every event with its name to those who want all', () => {
    const heard: unknown[] = []
    const bus = eventBus<Events>(() => {})
    const stop = bus.onAny((name, payload) => heard.push([name, payload]))
    bus.emit('removed', 1)
    stop()
    bus.emit('removed', 2)
    expect(heard).toEqual([['removed', 1]])
  })

  test('a listener that throws is reported and hinders nobody', () => {
    const [heard, errors]: [number[], unknown[]] = [[], []]
    const bus = eventBus<Events>((error) => errors.push(error))
    const broken = new Error('broken')
    bus.on('removed', () => {
      throw broken
    })
    bus.on('removed', (count) => heard.push(count))
    bus.emit('removed', 3)
    expect([heard, errors]).toEqual([[3], [broken]])
  })

  test('one may stop listening, or start, while it hears', () => {
    const heard: string[] = []
    const bus = eventBus<Events>(() => {})
    const stop = bus.on('removed', () => {
      heard.push('once')
      stop()
      bus.on('removed', () => heard.push('late'))
    })
    bus.on('removed', () => heard.push('other'))
    bus.emit('removed', 1)
    expect(heard).toEqual(['once', 'other'])
    bus.emit('removed', 2)
    expect(heard).toEqual(['once', 'other', 'other', 'late'])
  })
})

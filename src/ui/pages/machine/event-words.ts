/** The events of a machine in words for people. */
import type { EventName, RecordedEvent } from '../../../model/event.ts'

export interface EventWords {
  readonly tone: 'good' | 'busy' | 'warn' | 'bad' | 'calm'
  readonly text: string
}

const TONES: Partial<Record<EventName, EventWords['tone']>> = {
  'machine.acquired': 'busy',
  'machine.released': 'good',
  'machine.repaired': 'good',
  'machine.overdue': 'warn',
  'machine.broken': 'bad',
  'boot.step': 'busy',
}

/** Of a kind that this page does not know, what it carries. */
export function eventWords({ name, payload }: RecordedEvent): EventWords {
  const facts = payload as unknown as Readonly<Record<string, unknown>>
  const text = (key: string) => (typeof facts[key] === 'string' ? facts[key] : '')
  const tone = name === 'boot.step' && facts['step'] === 'failed' ? 'bad' : (TONES[name] ?? 'calm')
  return { tone, text: sentence(name, text, facts) }
}

function sentence(name: EventName, text: (key: string) => string, facts: Readonly<Record<string, unknown>>): string {
  const by = text('by') === '' ? '' : ` by ${text('by')}`
  switch (name) {
    case 'item.changed':
      return `saved, revision ${facts['revision']}`
    case 'item.removed':
      return 'removed'
    case 'machine.acquired':
      return `taken as ${text('class')}${by}`
    case 'machine.released':
      return `given back${by}`
    case 'machine.repaired':
      return `mended${by}`
    case 'machine.overdue':
      return `overdue in ${text('stage')}: ${text('next')}`
    case 'boot.step':
      return `${text('step')}: ${text('because')}`
    case 'power.changed':
      return `power ${text('state')}: ${text('because')}`
    default:
      return text('because') || JSON.stringify(facts)
  }
}

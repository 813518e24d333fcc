/** What happened, in one line for people, and which machine it is about. */
import type { EventMap, RecordedEvent } from '../../../model/event.ts'

export interface EventWords {
  /** System name. */
  readonly system: string | undefined
  readonly text: string
}

type Words = { readonly [Name in keyof EventMap]?: (payload: EventMap[Name]) => EventWords }

const said = (system: string | undefined, text: string): EventWords => ({ system, text })

const WORDS: Words = {
  'item.changed': ({ type, name }) => said(type === 'system' ? name : undefined, `${type} ${name} was saved`),
  'item.removed': ({ type, name }) => said(undefined, `${type} ${name} was removed`),
  'machine.acquired': ({ system, by }) => said(system, `acquired${by === undefined ? '' : ` by ${by}`}`),
  'machine.released': ({ system, by }) => said(system, `released${by === undefined ? '' : ` by ${by}`}`),
  'machine.overdue': ({ system, stage, next }) => said(system, `overdue at ${stage}: ${next}`),
  'machine.broken': ({ system, because }) => said(system, `broken: ${because}`),
  'machine.repaired': ({ system, by }) => said(system, `marked as mended by ${by}`),
  'boot.step': ({ system, mac, step, because }) =>
    said(system, `${system ? '' : `${mac ?? 'somebody'} `}${step}: ${because}`),
  'power.changed': ({ system, because }) => said(system, because),
  'machine.unknown': ({ mac, asked }) => said(undefined, `unknown machine ${mac} asked for ${asked}`),
}

/** What the feed asks the stream for; jobs have a strip of their own. */
export const FEED_EVENTS = Object.keys(WORDS) as (keyof typeof WORDS)[]

export function wordsOfEvent({ name, payload }: RecordedEvent): EventWords | undefined {
  const words = WORDS[name] as ((payload: EventMap[keyof EventMap]) => EventWords) | undefined
  return words?.(payload)
}

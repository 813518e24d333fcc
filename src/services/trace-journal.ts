/** What the journal tells of machines, as entries of their traces. What servers see for themselves they note themselves. */
import type { Log } from '../lib/log.ts'
import type { BootEvent, EventMap, RecordedEvent } from '../model/event.ts'
import type { Sighted, TraceSign } from '../model/trace.ts'
import type { Catalog } from './catalog.ts'
import type { Journal } from './journal.ts'
import type { NoteTrace, Traces } from './trace.ts'

export interface TraceJournalOptions {
  readonly journal: Pick<Journal, 'watch'>
  readonly catalog: Pick<Catalog, 'list' | 'get' | 'byUid'>
  readonly note: NoteTrace
  readonly claim: Traces['claim']
  readonly log: Pick<Log, 'error'>
}

/** Answers how to stop. */
export function traceJournal({ journal, catalog, note, claim, log }: TraceJournalOptions): () => void {
  /** By uid: whether it was to boot by network when it was saved last. */
  const netboot = new Map(catalog.list('system').map(({ uid, netbootEnabled }) => [uid, netbootEnabled]))
  /** By name: how its power was seen last. */
  const power = new Map<string, string>()

  return journal.watch(({ name, payload }: RecordedEvent) => {
    switch (name) {
      case 'boot.step': {
        const event = payload as BootEvent
        const seen = ofStep(event)
        if (seen) note({ mac: event.mac, system: event.system }, seen)
        return
      }
      case 'power.changed': {
        const event = payload as EventMap['power.changed']
        const wants = catalog.get('system', event.system)?.netbootEnabled ? 'install' : 'disk'
        note({ system: event.system }, { ...ofPower(event, power.get(event.system)), wants })
        power.set(event.system, event.state)
        return
      }
      case 'item.changed': {
        const { type, uid } = payload as EventMap['item.changed']
        const system = type === 'system' ? catalog.byUid('system', uid) : undefined
        if (!system) return
        claim(system).catch((error: unknown) => log.error({ err: error }, 'boots of a new system are nobody’s still'))
        const [before, now] = [netboot.get(uid), system.netbootEnabled]
        netboot.set(uid, now)
        if (before === undefined || before === now) return
        const text = now
          ? 'netboot was turned on: its next boot installs it'
          : 'netboot was turned off: its next boot goes to the disk'
        note({ uid }, { kind: 'decision', outcome: 'ok', text, sign: now ? 'netboot-on' : 'netboot-off' })
        return
      }
      case 'item.removed':
        netboot.delete((payload as EventMap['item.removed']).uid)
        return
      case 'machine.broken': {
        const { system, because } = payload as EventMap['machine.broken']
        note(
          { system },
          { kind: 'decision', outcome: 'error', text: `it counts as broken: ${because}`, sign: 'broken' },
        )
        return
      }
      case 'machine.repaired': {
        const { system, by } = payload as EventMap['machine.repaired']
        note({ system }, { kind: 'decision', outcome: 'ok', text: `${by} has mended it` })
        return
      }
      case 'machine.acquired':
      case 'machine.released': {
        const { system, class: word, by } = payload as EventMap['machine.acquired']
        const who = by === undefined ? '' : ` by ${by}`
        const text = `${name === 'machine.acquired' ? 'taken' : 'given back'}${who}: it has the class ${word}`
        note({ system }, { kind: 'decision', outcome: 'ok', text })
        return
      }
    }
  })
}

const SIGNS: Partial<Record<BootEvent['step'], TraceSign>> = {
  loader: 'loader',
  kernel: 'kernel',
  preseed: 'preseed',
  installing: 'installing',
  installed: 'installed',
  ready: 'ready',
  failed: 'failed',
}

/** Undefined: whoever saw it has noted more than the journal tells. */
function ofStep({ step, because: text }: BootEvent): Sighted | undefined {
  if (step === 'power') {
    if (text.includes('did not take the order to boot by network')) {
      return { kind: 'power', outcome: 'refused', text, sign: 'order-refused' }
    }
    // It is part of a task, of which the journal does not say which.
    const isOn = text.includes('took the order: power')
    return { kind: 'power', outcome: 'ok', text, ...(isOn && { sign: 'power-on', task: '' }) }
  }
  const sign = SIGNS[step]
  if (sign === undefined) return undefined
  if (step !== 'failed') return { kind: 'step', outcome: 'ok', text, sign }
  return { kind: 'step', outcome: 'error', text, sign: text.startsWith('no preseed: ') ? 'preseed' : sign }
}

function ofPower(
  { state, action, task, because: text }: EventMap['power.changed'],
  before: string | undefined,
): Sighted {
  const seen = { kind: 'power', text, outcome: 'ok', task } as const
  if (action === 'off') return { ...seen, ...(state === 'off' && { sign: 'power-off' }) }
  if (action !== undefined) {
    if (text.includes('is under way')) return { ...seen, sign: 'power-order' }
    if (state === 'on') return { ...seen, sign: 'power-on' }
    // A task that is over and leaves its machine unseen has failed, unless nothing can be seen or a person is to act.
    return BLIND.test(text) ? seen : { ...seen, outcome: 'error', sign: 'power-failed' }
  }
  // What was never looked at may have been on for weeks.
  if (state === 'on' && before === 'off') return { ...seen, sign: 'power-on' }
  return state === 'off' ? { ...seen, sign: 'power-off' } : seen
}

const BLIND = /^sent; |^somebody must |^cancelled by |^the daemon was stopped/

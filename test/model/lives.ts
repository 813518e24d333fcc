/** Lives of machines for the tests of standings: a machine of some kind, and what happens to it, in few words. */
import { advance, firstStanding, type Happening, type Limits, type Standing } from '../../src/model/standing.ts'

export const MINUTE = 60_000
export const START = 1_700_000_000_000
export const LIMITS: Limits = {
  acquired: 15 * MINUTE,
  booting: 15 * MINUTE,
  installing: 120 * MINUTE,
  installed: 30 * MINUTE,
  installs: 3,
}

/** Kinds of machines by the classes and the netboot that they begin with. */
export const KINDS = {
  unmanaged: { custody: 'none', holder: '', netboot: true },
  free: { custody: 'available', holder: '', netboot: true },
  taken: { custody: 'acquired', holder: 'foo-acquired', netboot: true },
  'in use': { custody: 'acquired', holder: 'foo-acquired', netboot: false },
  'in both': { custody: 'contradictory', holder: 'foo-acquired', netboot: true },
} as const
export type Kind = keyof typeof KINDS

type Told = Happening extends infer One ? (One extends unknown ? Omit<One, 'at'> : never) : never

const step = (name: (Happening & { happens: 'step' })['step'], because = `${name} was seen`): Told => ({
  happens: 'step',
  step: name,
  because,
})
const save = (kind: Kind): Told => ({ happens: 'saved', facts: KINDS[kind] })
const power = (state: 'on' | 'off', action: 'on' | 'off' | undefined): Told => ({
  ...{ happens: 'power', state, action, because: `it is ${state}` },
})

/** What can happen, by a word. `nopxe` is two things: netboot is saved off, and the last call is noted. */
export const HAPPENINGS = {
  power: [step('power')],
  address: [step('address')],
  loader: [step('loader')],
  config: [step('config')],
  kernel: [step('kernel')],
  preseed: [step('preseed')],
  progress: [step('installing')],
  post: [step('installed')],
  'first-boot': [step('first-boot')],
  ready: [step('ready')],
  failed: [step('failed', 'the disk is full')],
  off: [power('off', undefined)],
  'seen on': [power('on', undefined)],
  'order off': [power('on', 'off'), power('off', 'off')],
  'order on': [power('off', 'on'), step('power'), power('on', 'on')],
  acquire: [save('taken')],
  release: [save('free')],
  'classes away': [save('unmanaged')],
  'classes mixed': [save('in both')],
  repair: [{ happens: 'repair', by: 'anna' }],
  restart: [{ happens: 'return' }],
  time: [{ happens: 'time' }],
} as const satisfies Record<string, readonly Told[]>
export type Word = keyof typeof HAPPENINGS | 'nopxe' | 'netboot on'

export const WORDS: readonly Word[] = [
  ...(Object.keys(HAPPENINGS) as (keyof typeof HAPPENINGS)[]),
  'nopxe',
  'netboot on',
]

/** From power on into the installer. */
export const BOOT: readonly Word[] = ['power', 'address', 'loader', 'config', 'kernel', 'preseed', 'progress']

export interface Life {
  readonly standing: Standing
  readonly now: number
}

export function begin(kind: Kind): Life {
  return { standing: firstStanding(KINDS[kind], START, LIMITS), now: START }
}

/** A word happens one second after the other; a number lets so many minutes go by, and deadlines be looked at. */
export function live(life: Life, ...words: readonly (Word | number)[]): Life {
  return words.reduce(({ standing, now }: Life, word) => {
    if (typeof word === 'number') {
      const later = now + word * MINUTE
      return { standing: advance(standing, { at: later, happens: 'time' }, LIMITS), now: later }
    }
    const at = now + 1000
    const next = toldBy(word, standing).reduce(
      (one, told) => advance(one, { ...told, at } as Happening, LIMITS),
      standing,
    )
    return { standing: next, now: at }
  }, life)
}

function toldBy(word: Word, { custody, holder }: Standing): readonly Told[] {
  if (word === 'nopxe') return [{ happens: 'saved', facts: { custody, holder, netboot: false } }, step('installed')]
  if (word === 'netboot on') return [{ happens: 'saved', facts: { custody, holder, netboot: true } }]
  return HAPPENINGS[word]
}

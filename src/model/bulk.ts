/** One action for many machines: which there are, and why one machine is not to be had for it. */
import { type CustodyFacts, classesOf, notFreeBecause } from './custody.ts'
import { custodyOf } from './mgmt-class.ts'
import { isAble, type PowerState } from './power.ts'
import type { Standing } from './standing.ts'
import { inWords } from './standing-words.ts'
import type { System } from './system.ts'

export const BULK_ACTIONS = [
  'on',
  'off',
  'reboot',
  'acquire',
  'release',
  'netboot-on',
  'netboot-off',
  'profile',
  'repair',
  'remove',
] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

export interface BulkOrder {
  readonly action: BulkAction
  /** The one that they get, where the action is that. */
  readonly profile?: string | undefined
}

/** What is known of a machine when somebody asks. */
export interface BulkFacts {
  readonly system: System
  /** Undefined: no driver turns it on and off. */
  readonly power: { readonly driver: string; readonly can: readonly string[] } | undefined
  /** Its power as it was seen last, while no order for it is under way. */
  readonly seen: { readonly state: PowerState; readonly at: number } | undefined
  readonly standing: Pick<Standing, 'broken' | 'overdue'>
  /** Why its next boot could not install it; undefined: it could. */
  readonly unresolved: string | undefined
  readonly custody: CustodyFacts
  readonly now: number
}

export interface NotEligible {
  /** Half a sentence: `it is acquired: …`. */
  readonly because: string
  /** There is nothing left to do: it is as the action would make it. */
  readonly already: boolean
}

/** What was seen this long ago may have changed. */
const FRESH = 60_000

/** Undefined: it can be done. */
export function notEligible(order: BulkOrder, facts: BulkFacts): NotEligible | undefined {
  const because = RULES[order.action](facts, order)
  return typeof because === 'string' ? { because, already: false } : because
}

type Rule = (facts: BulkFacts, order: BulkOrder) => string | NotEligible | undefined

const already = (because: string): NotEligible => ({ because, already: true })

const POWER_WORDS = { on: 'turn it on', off: 'turn it off', reboot: 'reboot it' } as const

const powered =
  (action: keyof typeof POWER_WORDS): Rule =>
  ({ system, power, seen, now }) => {
    if (!power) {
      const { type } = system.power
      return type === ''
        ? 'it has no power type, so nothing turns it on and off'
        : `its power type "${type}" is not known`
    }
    if (!isAble(power.can, action)) return `its power driver (${power.driver}) cannot ${POWER_WORDS[action]}`
    // Sent all the same, "on" would order a network boot for its next restart.
    const isSo = seen?.state === action && power.can.includes('state') && now - seen.at <= FRESH
    return isSo ? already(`it is ${action} already, as was seen ${inWords(now - seen.at)} ago`) : undefined
  }

const held = ({ system, custody }: BulkFacts) =>
  custody.pairs.map(({ acquired }) => acquired).filter((name) => classesOf(system).includes(name))

const netboot =
  (isOn: boolean): Rule =>
  ({ system, unresolved }) => {
    if (system.netbootEnabled === isOn) return already(`netboot is ${isOn ? 'on' : 'off'} already`)
    return isOn && unresolved !== undefined ? `it would not be installed: ${unresolved}` : undefined
  }

const RULES: Record<BulkAction, Rule> = {
  on: powered('on'),
  off: powered('off'),
  reboot: powered('reboot'),

  acquire({ system, custody, unresolved }) {
    const whose = custodyOf(classesOf(system), custody.pairs)
    if (whose.state === 'none') {
      const words = custody.pairs.map(({ available }) => available).join(', ')
      return `it is in the care of no orchestrator: it has none of the classes ${words}`
    }
    if (whose.state === 'acquired') return `it is acquired: it has the class ${whose.pair.acquired}`
    const because = notFreeBecause(system, whose.pair, custody)
    if (because !== undefined) return because
    if (!system.netbootEnabled) return 'netboot is off, so it would not be installed'
    return unresolved === undefined ? undefined : `it would not be installed: ${unresolved}`
  },

  release(facts) {
    const [one, other] = held(facts)
    if (one === undefined) return 'it is not acquired'
    return other === undefined ? undefined : `it is acquired for ${one} and ${other} at once; take one of them away`
  },

  'netboot-on': netboot(true),
  'netboot-off': netboot(false),

  profile({ system }, { profile }) {
    if (system.profile === '') return `it has no profile: it boots the image ${system.image}`
    return system.profile === profile ? already(`its profile is ${profile} already`) : undefined
  },

  repair: ({ standing }) =>
    standing.broken || standing.overdue ? undefined : already('it is neither broken nor overdue'),

  remove(facts) {
    const [one] = held(facts)
    return one === undefined ? undefined : `it is acquired: it has the class ${one}; release it first`
  },
}

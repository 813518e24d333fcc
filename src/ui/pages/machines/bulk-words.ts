/** What is done to many machines at once, in words; and why some are not to be had, by reason. */
import type { BulkAction } from '../../../model/bulk.ts'

interface BulkWords {
  /** On the button: `Power off`. */
  readonly verb: string
  /** `37 of 40 can be powered off`. */
  readonly can: string
  /** What it means for the machines; undefined: the verb says it. */
  readonly consequence?: string
  /** What runs there ends, or is lost. */
  readonly isDestructive?: boolean
}

export const BULK_WORDS: Readonly<Record<BulkAction, BulkWords>> = {
  on: {
    verb: 'Power on',
    can: 'can be powered on',
    consequence:
      'With netboot on a machine installs, and what is on its disk is lost; with netboot off it boots from its disk.',
  },
  off: {
    verb: 'Power off',
    can: 'can be powered off',
    consequence: 'Their power is cut: what runs there ends at once, without a word to its system.',
    isDestructive: true,
  },
  reboot: {
    verb: 'Reboot',
    can: 'can be rebooted',
    consequence:
      'Their power is cut and given again. With netboot on a machine installs, and what is on its disk is lost.',
    isDestructive: true,
  },
  acquire: {
    verb: 'Acquire',
    can: 'can be acquired',
    consequence: 'They are taken: no orchestrator is given them until they are released.',
  },
  release: {
    verb: 'Release',
    can: 'can be released',
    consequence: 'They are free for the next who asks, and are turned off where that can be done.',
    isDestructive: true,
  },
  'netboot-on': {
    verb: 'Netboot on',
    can: 'can have netboot turned on',
    consequence: 'Their next boot installs them: what is on their disks is lost then.',
    isDestructive: true,
  },
  'netboot-off': {
    verb: 'Netboot off',
    can: 'can have netboot turned off',
    consequence: 'Their next boot goes to the disk.',
  },
  profile: {
    verb: 'Set profile',
    can: 'can get another profile',
    consequence: 'It counts from their next install on.',
  },
  repair: {
    verb: 'Mark as mended',
    can: 'can be marked as mended',
    consequence: 'They may be given to somebody again.',
  },
  remove: {
    verb: 'Remove',
    can: 'can be removed',
    consequence: 'What Orchestra knows of them is removed. What runs on them goes on.',
    isDestructive: true,
  },
}

export interface Reason {
  readonly because: string
  readonly systems: readonly string[]
}

/** The commonest first. Reasons that differ only in how long ago something was are one. */
export function groupedReasons(not: readonly { readonly system: string; readonly because: string }[]): Reason[] {
  const groups = new Map<string, { because: string; systems: string[] }>()
  for (const { system, because } of not) {
    const words = because.split(/(?<![\w.-])(?=[\w.-])|(?<=[\w.-])(?![\w.-])/)
    const key = words
      .map((word) => (word === system ? '…' : word))
      .join('')
      .replace(/\d+ (s|min|h)\b/g, '…')
    const group = groups.get(key)
    if (group) group.systems.push(system)
    else groups.set(key, { because, systems: [system] })
  }
  return [...groups.values()].sort((one, other) => other.systems.length - one.systems.length)
}

/** As many as people read: `node01, node02 and 38 more`. */
export function someNames(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

export interface BulkOrder {
  readonly action: BulkAction
  readonly systems: readonly string[]
  readonly profile?: string | undefined
}

/** Longer than anybody pastes. */
const MOST_NAMES = 200

/** The same as a command and as a call. */
export function bulkSame({ action, systems, profile }: BulkOrder): { readonly cli: string; readonly api: string } {
  const isLong = systems.length > MOST_NAMES
  const shown = isLong ? [...systems.slice(0, 3), `…(${systems.length} names)`] : systems
  const option = profile === undefined ? '' : ` --profile ${profile}`
  const body = { action, systems: shown, ...(profile !== undefined && { profile }) }
  return { cli: `orchestra bulk ${action} ${shown.join(' ')}${option}`, api: `POST /api/bulk ${JSON.stringify(body)}` }
}

/** The consoles of machines, tied to the power drivers that reach them and to the folder that keeps what they said. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../lib/log.ts'
import { rollBelow } from '../lib/rolling-file.ts'
import { openTerminal } from '../lib/terminal-program.ts'
import type { Catalog } from '../services/catalog.ts'
import { createConsoles } from '../services/console.ts'
import type { Journal } from '../services/journal.ts'
import { createPowerHands, type PowerHandsNeeds } from '../services/power-hands.ts'

/** Bytes of a machine's console that are kept, and at most twice as many. */
const KEPT = 512 * 1024

interface Needs {
  readonly hand: PowerHandsNeeds
  readonly data: string
  readonly catalog: Pick<Catalog, 'get' | 'byUid'>
  readonly journal: Journal
  readonly log: Log
}

export function openConsoles({ hand, data, catalog, journal, log }: Needs): ReturnType<typeof createConsoles> {
  return createConsoles({
    findSystem: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
    // Hands of its own: who waits for a console keeps nobody from turning a machine on.
    hands: createPowerHands(hand),
    recording: (uid) => rollBelow(data, `consoles/${uid}`, KEPT),
    wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
    ...{ openTerminal, journal, log },
  })
}

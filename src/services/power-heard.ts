/** A machine that is heard on the network is on: where a person is its power controller, nobody need say so. */
import type { BootStep } from '../model/event.ts'
import type { Journal } from './journal.ts'
import type { Power } from './power.ts'

/** Stations that only a machine that runs can pass. An order to turn on is none, nor is what fails for want of a sign. */
const SIGNS: readonly BootStep[] = [
  ...(['address', 'loader', 'config', 'kernel', 'preseed', 'installing', 'installed', 'first-boot', 'ready'] as const),
]

/** @returns how to stop */
export function hearMachines(journal: Pick<Journal, 'watch'>, power: Pick<Power, 'heard'>): () => void {
  return journal.watch(({ name, payload }) => {
    if (name !== 'boot.step' || !('step' in payload) || payload.system === undefined) return
    if (SIGNS.includes(payload.step)) power.heard(payload.system, payload.because)
  })
}

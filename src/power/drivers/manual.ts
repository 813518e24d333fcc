/**
 * manual: a person is the power controller. An order asks somebody to press the button, and ends when he says that he has,
 * or when the machine is heard on the network.
 */
import { type PowerAction, type PowerState, wantedState } from '../../model/power.ts'
import type { PowerDriver } from '../driver.ts'

/** People have other things to do. */
const A_DAY = 24 * 3_600_000

/** @param patience milliseconds until an order that nobody confirms has failed */
export function createManual(patience = A_DAY): PowerDriver {
  const seen = new Map<string, PowerState>()

  return {
    type: 'manual',
    can: ['on', 'off', 'reboot', 'state'],
    patience,

    question({ name, power }, action) {
      const where = power.address === '' ? '' : ` (${power.address})`
      const say = `orchestra power confirm ${name} ${wantedState(action)}`
      return `somebody must turn ${name}${where} ${WORDS[action]}, and then say: ${say}`
    },

    async act({ name }) {
      seen.set(name, 'unknown')
    },

    state: async ({ name }) => seen.get(name) ?? 'unknown',

    confirm(system, state) {
      seen.set(system, state)
    },
  }
}

const WORDS: Record<PowerAction, string> = { on: 'on', off: 'off', reboot: 'off and on again' }

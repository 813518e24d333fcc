/** The machine behind the BMC of the tests: power, the next boot, the lamp. */

export interface ChassisFaults {
  readonly isOn?: boolean
  /** Milliseconds from the order to the machine being off. */
  readonly offAfter?: number
  /** Commands that it does not know, as words of `orders`. */
  readonly lacks?: readonly string[]
  /** What becomes of the order for the next boot. */
  readonly boot?: 'kept' | 'forgotten' | 'persistent' | 'refused' | 'untold'
  /** So many answers say "node busy" first. */
  readonly busy?: number
  readonly isEfi?: boolean
}

export interface Chassis {
  isOn: boolean
  /** What was done, in order: `on`, `off`, `cycle`, `reset`, `soft`, `identify 10`. */
  readonly orders: string[]
  /** The five bytes of boot parameter 5. */
  flags: Uint8Array
  /** Parameters that were set, as hexadecimal. */
  readonly parameters: string[]
  readonly faults: ChassisFaults
  busy: number
  stop(): void
  later(ms: number, then: () => void): void
}

const ORDERS = ['off', 'on', 'cycle', 'reset', 'pulse', 'soft']
const NOTHING = new Uint8Array()

export function aChassis(faults: ChassisFaults): Chassis {
  const timers = new Set<NodeJS.Timeout>()
  return {
    isOn: faults.isOn ?? false,
    orders: [],
    flags: Uint8Array.of(faults.isEfi ? 0x20 : 0, 0, 0, 0, 0),
    parameters: [],
    faults,
    busy: faults.busy ?? 0,
    later(ms, then) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        then()
      }, ms)
      timers.add(timer)
    },
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** @returns completion code and data */
export function chassisCommand(chassis: Chassis, command: number, data: Uint8Array): [number, Uint8Array] {
  if (chassis.busy > 0) {
    chassis.busy--
    return [0xc0, NOTHING]
  }
  switch (command) {
    case 0x00:
      return [0, Uint8Array.of(0, 0x20, 0x20, 0x20, 0x20)]
    case 0x01:
      return [0, Uint8Array.of(chassis.isOn ? 0x21 : 0x20, 0, 0x40)]
    case 0x02:
      return [order(chassis, ORDERS[data[0] ?? 9]), NOTHING]
    case 0x04:
      chassis.orders.push(`identify ${(data[1] ?? 0) & 1 ? 'on' : (data[0] ?? 15)}`)
      return [0, NOTHING]
    case 0x08:
      return [setBoot(chassis, data), NOTHING]
    case 0x09:
      if (chassis.faults.boot === 'untold' || (data[0] ?? 0) !== 5) return [0x80, NOTHING]
      return [0, Uint8Array.of(1, 5, ...chassis.flags)]
    default:
      return [0xc1, NOTHING]
  }
}

function order(chassis: Chassis, what: string | undefined): number {
  const { faults } = chassis
  if (what === undefined || faults.lacks?.includes(what)) return 0xcc
  if ((what === 'cycle' || what === 'reset') && !chassis.isOn) return 0xd5
  chassis.orders.push(what)
  const off = () => {
    chassis.isOn = false
  }
  if (what === 'on') chassis.isOn = true
  else if (what === 'off' || what === 'soft') {
    if (faults.offAfter) chassis.later(faults.offAfter, off)
    else off()
  }
  return 0
}

function setBoot(chassis: Chassis, data: Uint8Array): number {
  const { boot = 'kept' } = chassis.faults
  const [parameter = 0] = data
  if (boot === 'refused') return 0xcc
  chassis.parameters.push(Buffer.from(data).toString('hex'))
  // What many leave out, with the code for it.
  if ((parameter & 0x7f) === 3) return 0x80
  if ((parameter & 0x7f) !== 5 || boot === 'forgotten') return 0
  chassis.flags = Uint8Array.from(data.slice(1, 6))
  if (boot === 'persistent') chassis.flags[0] = (chassis.flags[0] ?? 0) | 0x40
  return 0
}

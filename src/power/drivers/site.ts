/**
 * Drivers of a site: a program of its own for each, named in the configuration (`power.drivers`) and looked at when the
 * daemon starts.
 *
 * The program gets one argument, `on`, `off`, `reboot` or `status`, and on standard input one JSON object: `system`,
 * `address`, `user`, `pass`, `id`, `options`, `macs`. Exit code 0: done. For `status` it prints `on` or `off`; anything else is
 * not known. What it says last on standard error is told when it fails.
 */
import { OrchestraError } from '../../model/errors.ts'
import type { PowerAction, PowerState } from '../../model/power.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'

export interface SiteDriver {
  /** The word in `power_type`. */
  readonly type: string
  /** The whole path of the program. */
  readonly program: string
  readonly can: readonly (PowerAction | 'state')[]
}

/** Two minutes: a program may wait for what it has begun. */
const LONGEST = 120_000

/**
 * @param canRun whether there is a program of this path
 * @throws OrchestraError config.invalid: a word that is taken, a program that is not there
 */
export function siteDrivers(
  given: readonly SiteDriver[],
  builtIn: readonly PowerDriver[],
  canRun: (program: string) => boolean,
): PowerDriver[] {
  const taken = new Set(builtIn.flatMap(({ type, aliases = [] }) => [type, ...aliases]))
  return given.map(({ type, program, can }) => {
    if (taken.has(type)) {
      throw new OrchestraError('config.invalid', `power.drivers: the type "${type}" is taken; choose another word`)
    }
    taken.add(type)
    if (!canRun(program)) {
      throw new OrchestraError('config.invalid', `power.drivers: ${program} of "${type}" is no program that can be run`)
    }
    return driverOf(type, program, can)
  })
}

function driverOf(type: string, program: string, can: SiteDriver['can']): PowerDriver {
  return {
    type,
    can,
    longest: LONGEST,
    act: async (target, action, tools) => void (await run(program, action, target, tools)),
    state: async (target, tools) => parseState(await run(program, 'status', target, tools)),
  }
}

function parseState(answer: string): PowerState {
  const word = answer.trim().toLowerCase()
  return word === 'on' || word === 'off' ? word : 'unknown'
}

async function run(
  program: string,
  action: PowerAction | 'status',
  { name, power, macs }: PowerTarget,
  { exec, signal }: PowerTools,
): Promise<string> {
  const { address, user, pass, id, options } = power
  const stdin = `${JSON.stringify({ system: name, address, user, pass, id, options, macs })}\n`
  try {
    return await exec(program, [action], { stdin, signal, timeout: LONGEST })
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new PowerError('no-program', `${program} is not there any more`, { cause })
    const line = stderr.trim().split('\n').at(-1) || `it ended with ${String(code)}`
    const said = pass === '' ? line : line.replaceAll(pass, '********')
    throw new PowerError('refused', `${program} could not ${action} ${name}: ${said}`, { cause })
  }
}

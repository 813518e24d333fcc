/**
 * ipmi: baseboard management controllers over the network, in this process; no ipmitool is run. `power_address` is a
 * host or host:port; `power_options` may name `cipher=17`, `privilege=operator`, `efi` or `bios`, `soft`.
 */
import { randomBytes } from 'node:crypto'
import { steadyClock } from '../../lib/clock.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerAction } from '../../model/power.ts'
import { type BootOnce, type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { createIpmiClient, type IpmiClient, type IpmiTimes } from '../ipmi/client.ts'
import type { IpmiResponse } from '../ipmi/codec.ts'
import {
  ASK_BOOT,
  ASK_STATUS,
  bootByNetworkOnce,
  type Control,
  compareBoot,
  control,
  identify,
  isNotKnown,
  parseBoot,
  parseStatus,
} from '../ipmi/commands.ts'
import { COMPLETION, explainCompletion, explainFailure, SessionError, type Whom } from '../ipmi/failure.ts'
import type { SessionRequest } from '../ipmi/session-state.ts'
import { type IpmiSettings, parseSettings } from '../ipmi/settings.ts'
import { openConsole } from '../ipmi/sol-stream.ts'

/** fence_ipmilan and what fence-agents makes of it under other names. drac5, ilo and ilo2 speak something else. */
const AGENTS = ['ipmilan', 'ipmilanplus', 'idrac', 'ilo3', 'ilo4', 'ilo5', 'imm']
/** The agents themselves would run ipmitool, which a process list shows with its password. */
const ALIASES = [...AGENTS, ...AGENTS.map((agent) => `fence_${agent}`), 'ipmitool']

/** One system's BMC, and how to ask it. */
interface Bmc {
  readonly settings: IpmiSettings
  readonly whom: Whom
  /** @throws PowerError when there is no answer; a completion code is an answer */
  ask(request: SessionRequest): Promise<IpmiResponse>
  /** @throws PowerError for any other completion code than 0 */
  tell(what: string, request: SessionRequest): Promise<IpmiResponse>
}

export function createIpmiDriver(times: Partial<IpmiTimes> = {}): PowerDriver {
  let client: IpmiClient | undefined
  const opened = () => {
    client ??= createIpmiClient({ clock: steadyClock, random: (bytes) => randomBytes(bytes) }, times)
    return client
  }

  function reach(target: PowerTarget, { signal }: PowerTools): Bmc {
    const settings = settingsOf(target)
    const whom = whomOf(target)
    const ask = (request: SessionRequest) =>
      opened()
        .ask(settings.target, request, signal)
        .catch((error: unknown) => {
          throw error instanceof SessionError ? explainFailure(error.failure, whom) : error
        })
    return {
      settings,
      whom,
      ask,
      async tell(what, request) {
        const answer = await ask(request)
        if (answer.completion !== 0) throw explainCompletion(what, answer.completion, whom)
        return answer
      },
    }
  }

  return {
    type: 'ipmi',
    aliases: ALIASES,
    can: ['on', 'off', 'reboot', 'state', 'boot-once', 'identify', 'console'],

    fault(power) {
      const parsed = parseSettings(power)
      return parsed.ok ? undefined : parsed.because
    },

    async act(target, action, tools) {
      const bmc = reach(target, tools)
      if (action === 'reboot') await restart(bmc)
      else await turn(bmc, action)
    },

    async state(target, tools) {
      return parseStatus(await reach(target, tools).tell('reading the power state', ASK_STATUS))
    },

    async bootOnce(target, tools) {
      return bootOnce(reach(target, tools))
    },

    async identify(target, seconds, tools) {
      await reach(target, tools).tell('identify', identify(seconds))
    },

    async console(target, tools) {
      const { settings, whom } = reach(target, tools)
      const { signal } = tools
      const dedicate = (privilege = settings.target.privilege) =>
        opened().dedicate({ ...settings.target, privilege }, signal)
      return openConsole({ dedicate, whom, signal })
    },

    async close() {
      const closing = client
      client = undefined
      await closing?.close()
    },
  }
}

export const ipmi: PowerDriver = createIpmiDriver()

async function turn(bmc: Bmc, action: Exclude<PowerAction, 'reboot'>): Promise<void> {
  const how: Control = action === 'off' && bmc.settings.soft ? 'soft' : action
  const answer = await bmc.ask(control(how))
  // Some BMCs refuse to turn on what is on: then it is as it should be.
  if (answer.completion === COMPLETION.notNow && parseStatus(await bmc.ask(ASK_STATUS)) === action) return
  if (answer.completion !== 0) throw explainCompletion(`power ${how}`, answer.completion, bmc.whom)
}

/** Off, a second of rest and on again; where that is unknown, a reset. What is off is turned on. */
async function restart(bmc: Bmc): Promise<void> {
  if (parseStatus(await bmc.tell('reading the power state', ASK_STATUS)) === 'off') {
    await turn(bmc, 'on')
    return
  }
  const cycle = await bmc.ask(control('cycle'))
  // Both are optional (28.3): of those that a BMC does not know, the other does.
  if (isNotKnown(cycle.completion) || cycle.completion === COMPLETION.notNow)
    await bmc.tell('power reset', control('reset'))
  else if (cycle.completion !== 0) throw explainCompletion('power cycle', cycle.completion, bmc.whom)
}

async function bootOnce(bmc: Bmc): Promise<BootOnce> {
  // Without a word about the firmware, the way that the BMC knows is kept: a UEFI machine told "BIOS" boots from disk.
  const { firmware } = bmc.settings
  const efi = firmware ? firmware === 'efi' : (parseBoot(await bmc.ask(ASK_BOOT))?.efi ?? false)
  for (const { request, must } of bootByNetworkOnce(efi)) {
    const { completion } = await bmc.ask(request)
    if (completion === 0 || !must) continue
    const refused = explainCompletion('the order for the next boot', completion, bmc.whom)
    if (completion === COMPLETION.privilege) throw refused
    return { obeyed: 'no', because: refused.message }
  }
  return compareBoot(parseBoot(await bmc.ask(ASK_BOOT)))
}

function settingsOf({ name, power }: PowerTarget): IpmiSettings {
  const parsed = parseSettings(power)
  if (parsed.ok) return parsed.settings
  const sentence = `${name}: ${parsed.because}`
  // What a person must correct before anything can be sent; trying again does not help.
  if (parsed.fault === 'refused') throw new OrchestraError('power.unsupported', sentence, { field: parsed.field })
  throw new PowerError(parsed.fault, sentence)
}

function whomOf({ name, power }: PowerTarget): Whom {
  return { name, address: power.address, user: power.user }
}

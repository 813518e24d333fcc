/**
 * What a machine would be told if it booted now: the whole chain, by the same functions that answer it. Nothing is recorded,
 * no token is given, no lease is taken; where a token would be it says TOKEN.
 */

import type { LoaderChoice } from '../boot/bootfile.ts'
import { type BootDecision, type BootPolicy, decideBoot, type Known } from '../boot/decide.ts'
import { asMac, type Ipv4, type Mac } from '../model/address.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { AskingAs, ExplainedLine, Explanation, SourcesOf, Step, WhatIf } from '../model/explanation.ts'
import type { Firmware } from '../model/firmware.ts'
import type { Profile } from '../model/profile.ts'
import { macsOf, type System } from '../model/system.ts'
import { metadataDocument, NO_CLOUD } from '../render/metadata.ts'
import { metadataUrlOf } from '../render/names.ts'
import type { BootFileSearch } from './boot-file-search.ts'
import { askingAs } from './explain-asking.ts'
import { sourcesOf as sourcesFrom } from './explain-sources.ts'
import {
  attempt,
  type Case,
  configStep,
  kernelStep,
  loaderStep,
  plainLines,
  preseedSteps,
  stepOf,
  TOKEN,
} from './explain-steps.ts'
import { MASK, textMask } from './log-secrets.ts'
import type { PreseedTexts } from './preseed-texts.ts'

/** A machine's first request, and what DHCP makes of it. */
export interface DhcpQuestion {
  /** Undefined: a kind of machine that there is no loader for. */
  readonly firmware: Firmware | undefined
  /** Another server gives it its address. */
  readonly isProxied: boolean
  /** An address of the network that it asks on. */
  readonly at: Ipv4 | undefined
  /** @param system as it would be; undefined: the machine is none */
  answer(system: System | undefined, policy: BootPolicy, sourcesOf: SourcesOf): Step
}

export interface ExplainOptions {
  readonly system: (name: string) => System | undefined
  readonly systemByMac: (mac: Mac) => System | undefined
  readonly profile: (name: string) => Profile | undefined
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly known: (system: System) => Known
  readonly policy: () => BootPolicy
  /** Undefined: there is no such kind of machine. */
  readonly ask: (mac: Mac, as: AskingAs) => DhcpQuestion | undefined
  readonly search: BootFileSearch
  readonly texts: PreseedTexts
  /** The text of a template by its path below templates/. */
  readonly template: (path: string) => string | undefined
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  readonly hasMetadata: boolean
  /** `http://10.77.0.1`, `tftp://10.77.0.1`, undefined when that is off. */
  readonly urls: (at: Ipv4 | undefined) => {
    readonly http: string
    readonly tftp: string | undefined
    readonly loaders: LoaderChoice
  }
  /** The firmware with which it was seen to boot last. */
  readonly seen: (machine: System | Mac) => Promise<Firmware | undefined>
  readonly addressOf: (mac: Mac) => Ipv4 | undefined
}

/**
 * @param machine the name of a system, or a MAC address
 * @param secrets false: passwords are masked
 * @throws OrchestraError item.missing | item.invalid
 */
export type Explain = (machine: string, whatIf: WhatIf, secrets: boolean) => Promise<Explanation>

const NO_MAC = '00:00:00:00:00:00' as Mac

export function createExplain(options: ExplainOptions): Explain {
  return async (machine, whatIf, secrets) => {
    const given = asMac(machine)
    const found = options.system(machine) ?? (given && options.systemByMac(given))
    if (!found && !given) {
      throw new OrchestraError('item.missing', `there is no system ${machine}, and that is no MAC address`)
    }
    const mac = given ?? (found && macsOf(found)[0])
    const system = found && changed(found, whatIf)
    const known = system && options.known(system)
    const policy = system ? options.policy() : enlisting(whatIf, options)
    const decision = decideBoot(known, policy)
    const blend = blendOf(decision, known)
    const asks = askingAs(whatIf, await seenOf(found, mac, options), blend?.distro.arch)
    const question = options.ask(mac ?? NO_MAC, asks)
    if (!question) {
      const because = `there is no ${asks.firmware} for ${asks.arch}; ask for another of the two`
      throw new OrchestraError('item.invalid', because, { field: 'arch' })
    }
    const sourcesOf = sourcesFrom({ system, blend })
    const stop = decision.boot === 'ignore' ? decision.because : undefined
    const { firmware, isProxied, at } = question
    const of: Case = { mac, asks, firmware, isProxied, at, decision, stop, sourcesOf }
    const dhcp =
      mac === undefined
        ? noDhcp('the system has no MAC address: DHCP cannot know it')
        : question.answer(system, policy, sourcesOf)
    const steps = [dhcp, ...(await laterSteps(of, system, blend, options, secrets))]
    return {
      machine: { mac: mac ?? null, system: found?.name ?? null, known: found !== undefined },
      whatIf: {
        firmware: whatIf.firmware ?? null,
        arch: whatIf.arch ?? null,
        netboot: whatIf.netboot ?? null,
        profile: whatIf.profile ?? null,
      },
      asks,
      decision: { boot: decision.boot, because: becauseOf(decision) },
      steps: secrets ? steps : masked(steps, textMask(system, blend ?? { ok: false, because: '' })),
    }
  }
}

async function laterSteps(
  of: Case,
  system: System | undefined,
  blend: Blend | undefined,
  options: ExplainOptions,
  secrets: boolean,
): Promise<Step[]> {
  const { decision } = of
  const metadata = metadataStep(of, system, blend, options, secrets)
  const first = [await loaderStep(of, options), configStep(of, options)]
  if (blend && (decision.boot === 'install' || decision.boot === 'enlist')) {
    return [...first, await kernelStep(of, blend, options), ...preseedSteps(of, blend, options), metadata]
  }
  const why = decision.boot === 'local' ? `it boots from its disk: ${becauseOf(decision)}` : becauseOf(decision)
  const none = (['kernel', 'preseed', 'late-command'] as const).map((id) => stepOf(id, 'none', why))
  return [...first, ...none, metadata]
}

function changed(system: System, { netboot, profile }: WhatIf): System {
  return {
    ...system,
    ...(netboot !== undefined && { netbootEnabled: netboot }),
    ...(profile !== undefined && { profile }),
  }
}

function enlisting({ profile: name }: WhatIf, { policy, profile, blendProfile }: ExplainOptions): BootPolicy {
  if (name === undefined) return policy()
  const found = profile(name)
  const none: Unresolved = { ok: false, because: `there is no profile "${name}"; add it or choose another` }
  return { enlist: found ? blendProfile(found) : none }
}

function blendOf(decision: BootDecision, known: Known | undefined): Blend | undefined {
  if (decision.boot === 'install' || decision.boot === 'enlist') return decision.blend
  return known?.blend.ok ? known.blend : undefined
}

async function seenOf(system: System | undefined, mac: Mac | undefined, { seen }: ExplainOptions) {
  const machine = system ?? mac
  return machine === undefined ? undefined : await seen(machine)
}

function becauseOf(decision: BootDecision): string {
  switch (decision.boot) {
    case 'install':
      return `netboot is on, and profile ${decision.blend.profile.name} leads to distro ${decision.blend.distro.name}`
    case 'local':
      return decision.because ?? 'netboot is off'
    case 'enlist':
      return `a machine that nobody knows enlists with profile ${decision.blend.profile.name}`
    case 'ignore':
      return decision.because
  }
}

function noDhcp(because: string): Step {
  return { id: 'dhcp', title: 'DHCP reply', outcome: 'none', because, url: null, lines: [] }
}

/** The documents one behind the other, each under its name. */
function metadataStep(
  { mac, sourcesOf }: Case,
  system: System | undefined,
  blend: Blend | undefined,
  { hasMetadata, domain, addressOf, texts }: ExplainOptions,
  secrets: boolean,
): Step {
  if (!hasMetadata) return stepOf('metadata', 'none', 'the metadata service is off (metadata.enabled)')
  if (!system) return stepOf('metadata', 'none', 'a machine that is no system has no metadata')
  if (!blend) return stepOf('metadata', 'none', 'its profile does not resolve')
  return attempt('metadata', null, () => {
    const url = `${metadataUrlOf(blend, TOKEN)}/`
    return attempt('metadata', url, () => {
      const address = mac && addressOf(mac)
      const lines = NO_CLOUD.flatMap((path): ExplainedLine[] => {
        const found = metadataDocument({ ...blend, system }, path, { domain, address })
        if (found === undefined) return []
        const bytes = found === 'answers' ? Buffer.from(texts.of(blend, TOKEN)) : Buffer.from(found)
        const isSecret = path === 'user-data' && found !== 'answers' && 'USER_DATA_BASE64' in blend.meta
        const text = isSecret && !secrets ? MASK : textOf(bytes)
        const from = FACTS[path].flatMap(sourcesOf)
        return [{ text: `==> ${path} <==`, from: [] }, ...plainLines(text, from)]
      })
      return stepOf('metadata', 'ok', 'what cloud-init reads by its token', url, lines)
    })
  })
}

const FACTS: Readonly<Record<(typeof NO_CLOUD)[number], readonly string[]>> = {
  'user-data': ['user_data'],
  'meta-data': ['meta_data'],
  'vendor-data': ['vendor_data'],
  'network-config': ['system.interfaces', 'name_servers', 'name_servers_search'],
}

/** User data may be anything. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) && !text.includes('\0') ? text : `(${bytes.length} bytes that are no text)`
}

function masked(steps: readonly Step[], mask: (text: string) => string): Step[] {
  return steps.map((step) => {
    const hidden = mask(step.lines.map(({ text }) => text).join('\n')).split('\n')
    return {
      ...step,
      because: mask(step.because),
      // A secret of several lines is one word now: then nobody knows which line is which.
      lines:
        hidden.length === step.lines.length
          ? step.lines.map((line, index) => ({ ...line, text: hidden[index] ?? '' }))
          : hidden.map((text) => ({ text, from: [] })),
    }
  })
}

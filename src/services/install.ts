/** The calls that an installer makes on its way: fetch the preseed, report, turn netboot off. */
import type { Known } from '../boot/decide.ts'
import type { Log } from '../lib/log.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { BootStep } from '../model/event.ts'
import type { Profile } from '../model/profile.ts'
import { macsOf, type System } from '../model/system.ts'
import type { Journal } from './journal.ts'
import type { GiveToken } from './metadata.ts'
import { type PreseedTextsOptions, preseedTexts } from './preseed-texts.ts'

export interface Install {
  /**
   * The preseed of a system. @param peer who fetches it; undefined: somebody only looks, and nothing is recorded.
   * @throws OrchestraError item.missing | template.invalid (nothing half-rendered)
   */
  systemPreseed(name: string, peer: string | undefined): Promise<string>
  profilePreseed(name: string, peer: string | undefined): Promise<string>
  /** Turns netboot off; false when there is no such system. */
  disableNetboot(name: string, peer: string): Promise<boolean>
  /** Cobbler's install triggers: mode pre, post or firstboot; type system or profile. False for any other. */
  trigger(mode: string, type: string, name: string, peer: string): Promise<boolean>
  /** A word and a sentence from the installer (`partitioning`, `Installing the base system`); false for no such system. */
  progress(name: string, step: string, message: string, peer: string): Promise<boolean>
}

export interface InstallOptions extends PreseedTextsOptions {
  readonly system: (name: string) => System | undefined
  readonly profile: (name: string) => Profile | undefined
  readonly known: (system: System) => Known
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** The catalog's compare-and-swap. */
  readonly save: (system: System) => Promise<System>
  /** Told of what an installer is sent, TOKEN where its token is. */
  readonly sent?: ((system: System, blend: Blend, text: string) => void) | undefined
  /** By which a machine reads its metadata; without: there is no metadata service. */
  readonly giveToken?: GiveToken | undefined
  readonly record: Journal['record']
  readonly log: Log
}

/** How often a save is tried again when somebody else was first. */
const MOST_TRIES = 10

const TRIGGERS: Readonly<Record<string, readonly [step: BootStep, because: string]>> = {
  pre: ['installing', 'the installer has begun'],
  post: ['installed', 'the installer has ended'],
  firstboot: ['ready', 'the installed system called back'],
}

export function createInstall(options: InstallOptions): Install {
  const { system, profile, known, blendProfile, save, record, log } = options
  const texts = preseedTexts(options)

  return {
    async systemPreseed(name, peer) {
      const found = system(name)
      if (!found) throw missing('system', name)
      const { blend } = known(found)
      const token = await tokenFor(found, blend, peer)
      const text = render(blend, peer === undefined ? undefined : found, token)
      if (peer !== undefined && blend.ok)
        options.sent?.(found, blend, token === undefined ? text : texts.of(blend, 'TOKEN'))
      if (peer !== undefined) step(found, 'preseed', `the preseed was fetched from ${peer}`)
      return text
    },

    async profilePreseed(name, peer) {
      const found = profile(name)
      if (!found) throw missing('profile', name)
      const text = render(blendProfile(found), undefined, undefined)
      if (peer !== undefined) log.info({ profile: name, peer }, 'the preseed of a profile was fetched')
      return text
    },

    async disableNetboot(name, peer) {
      const found = await netbootOff(name)
      if (!found) return false
      step(found, 'installed', `netboot was turned off by ${peer}: the next boot goes to the disk`)
      return true
    },

    async trigger(mode, type, name, peer) {
      const [at, because] = Object.hasOwn(TRIGGERS, mode) ? (TRIGGERS[mode] ?? []) : []
      if (at === undefined || because === undefined) return false
      if (type === 'profile') {
        if (!profile(name)) return false
        log.info({ profile: name, mode, peer }, because)
        return true
      }
      const found = type === 'system' ? system(name) : undefined
      if (!found) return false
      step(found, at, because)
      return true
    },

    async progress(name, word, message, peer) {
      const found = system(name)
      if (!found) return false
      const [what, sentence] = [plain(word, 40), plain(message, 300)]
      const at = what === 'failed' ? 'failed' : 'installing'
      step(
        found,
        at,
        [at === what ? '' : what, sentence].filter((part) => part !== '').join(': ') || `a call by ${peer}`,
      )
      return true
    },
  }

  /** Who only looks sees where the token would be. */
  async function tokenFor(
    of: System,
    blend: Blend | Unresolved,
    peer: string | undefined,
  ): Promise<string | undefined> {
    if (!options.giveToken || !blend.ok) return undefined
    return peer === undefined ? 'TOKEN' : await options.giveToken(of, blend, peer, 'install')
  }

  /** @param of whose installation fails when this does */
  function render(blend: Blend | Unresolved, of: System | undefined, token: string | undefined): string {
    try {
      if (!blend.ok) throw new OrchestraError('item.invalid', blend.because)
      return texts.of(blend, token)
    } catch (error) {
      // The installer will show an error of its own; ours says what to mend.
      if (of && error instanceof OrchestraError) step(of, 'failed', `no preseed: ${error.message}`)
      throw error
    }
  }

  /** An orchestrator may save the same system at this moment: its change and ours must both be kept. */
  async function netbootOff(name: string): Promise<System | undefined> {
    for (let tries = 1; ; tries++) {
      const found = system(name)
      if (!found?.netbootEnabled) return found
      try {
        return await save({ ...found, netbootEnabled: false })
      } catch (error) {
        const lost = error instanceof OrchestraError && error.code === 'item.stale'
        if (!lost || tries === MOST_TRIES) throw error
      }
    }
  }

  function step(of: System, at: BootStep, because: string): void {
    record('boot.step', { mac: macsOf(of)[0], system: of.name, step: at, because })
  }
}

function missing(type: 'system' | 'profile', name: string): OrchestraError {
  return new OrchestraError('item.missing', `there is no ${type} "${plain(name, 255)}"`)
}

/** What a machine says is shown to people: one line, of a bounded length, without control characters. */
function plain(text: string, most: number): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most)
}

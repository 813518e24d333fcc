/**
 * One-time tokens: by one, a machine reads its metadata during one boot, and after the install until it has called back.
 *
 * A boot begins with a boot config. Asked for it again before it has got any further, a machine gets the same token, since
 * firmware asks twice; after that it is another boot, with another token, and the one before is worth nothing. The token
 * itself is only in memory: a daemon that starts anew knows it by its hash, and gives out another beside it.
 */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { hashToken, newToken, newUid } from '../lib/secret.ts'
import type { BootStep, RecordedEvent } from '../model/event.ts'
import type { System } from '../model/system.ts'
import type { Db } from '../store/db.ts'
import {
  deleteMetadataTokens,
  deleteMetadataTokensBefore,
  loadMetadataTokens,
  type MetadataToken,
  putMetadataToken,
} from '../store/metadata-tokens.ts'
import type { Journal } from './journal.ts'

export interface BootTokens {
  /**
   * The token of this boot of this machine.
   * @param moment `boot`: it asks for its boot config; `install`: its installer asks for its answers
   */
  give(uid: string, purpose: string, moment: 'boot' | 'install'): Promise<string>
  /** What a token was given for; undefined: it is none, or not any more. */
  find(token: string): { readonly uid: string; readonly purpose: string } | undefined
  /** The machine has read by its token: its next boot config begins another boot. */
  underWay(uid: string): void
  /** All tokens of this machine are worth nothing from now on. */
  end(uid: string): void
  settled(): Promise<void>
}

export interface BootTokensOptions {
  readonly db: Db
  readonly clock: Clock
  readonly journal: Pick<Journal, 'watch'>
  readonly system: (name: string) => System | undefined
  readonly systemByUid: (uid: string) => System | undefined
  readonly log: Log
}

interface Boot {
  readonly attempt: string
  readonly purpose: string
  readonly began: number
  readonly tokens: MetadataToken[]
  /** Undefined: it was given by a daemon before this one. */
  plain: string | undefined
  isUnderWay: boolean
  /** The install is done: what is read now is read by the installed system. */
  isInstalled: boolean
  written: Promise<unknown>
}

const LIFE = 24 * 3_600_000
/** A machine that asks for its boot config again after so long has been turned off in between. */
const ONE_BOOT = 15 * 60_000
const SWEEP = 60_000

/** Beyond its boot config. */
const FURTHER: readonly BootStep[] = ['kernel', 'preseed', 'installing', 'installed', 'first-boot']

export async function openBootTokens(options: BootTokensOptions): Promise<BootTokens> {
  const { db, clock, journal, log } = options
  const boots = new Map<string, Boot>()
  const byHash = new Map<string, MetadataToken>()
  const inTurn = oneAtATime()
  let swept = clock.now()

  for (const token of await loadMetadataTokens(db, clock.now())) {
    const isInstalled = options.systemByUid(token.uid)?.netbootEnabled === false
    const boot = boots.get(token.uid) ?? newBoot(token.attempt, token.purpose, token.expires - LIFE, isInstalled)
    boot.tokens.push(token)
    boot.isUnderWay ||= token.isUnderWay
    boots.set(token.uid, boot)
    byHash.set(token.hash, token)
  }

  function write(what: (at: Db) => Promise<void>): Promise<boolean> {
    return inTurn(() => what(db)).then(
      () => true,
      (error: unknown) => {
        log.error({ err: error }, 'tokens of the metadata service could not be written')
        return false
      },
    )
  }

  function end(uid: string): void {
    const boot = boots.get(uid)
    if (!boot) return
    boots.delete(uid)
    for (const { hash } of boot.tokens) byHash.delete(hash)
    void write((at) => deleteMetadataTokens(at, uid))
  }

  function underWay(uid: string): void {
    const boot = boots.get(uid)
    if (!boot || boot.isUnderWay) return
    boot.isUnderWay = true
    const newest = boot.tokens.at(-1)
    if (newest) void write((at) => putMetadataToken(at, { ...newest, isUnderWay: true }))
  }

  function sweep(now: number): void {
    if (now < swept + SWEEP) return
    swept = now
    for (const [uid, { tokens }] of boots) if (tokens.every(({ expires }) => expires <= now)) end(uid)
    void write((at) => deleteMetadataTokensBefore(at, now))
  }

  /** The same boot goes on, or another begins. */
  function bootOf(uid: string, purpose: string, moment: 'boot' | 'install', now: number): Boot {
    const before = boots.get(uid)
    const isOther =
      before !== undefined &&
      (before.purpose !== purpose ||
        before.isInstalled ||
        before.tokens.every(({ expires }) => expires <= now) ||
        (moment === 'boot' && (before.isUnderWay || now >= before.began + ONE_BOOT)))
    if (before && !isOther) return before
    end(uid)
    const boot = newBoot(newUid(), purpose, now, false)
    boots.set(uid, boot)
    return boot
  }

  journal.watch(({ name, payload }: RecordedEvent) => {
    if ('step' in payload) {
      const uid = payload.system === undefined ? undefined : options.system(payload.system)?.uid
      if (uid === undefined) return
      if (payload.step === 'ready') end(uid)
      else if (FURTHER.includes(payload.step)) underWay(uid)
    } else if (name === 'item.removed' || name === 'machine.acquired' || name === 'machine.released') {
      if ('uid' in payload) end(payload.uid)
    } else if (name === 'item.changed' && 'uid' in payload) {
      const [boot, system] = [boots.get(payload.uid), options.systemByUid(payload.uid)]
      if (!boot || !system) return
      // Whoever turns netboot on again wants another install: the system on the disk has no part in that.
      if (system.netbootEnabled && boot.isInstalled) end(payload.uid)
      else if (!system.netbootEnabled) boot.isInstalled = true
    }
  })

  return {
    async give(uid, purpose, moment) {
      const now = clock.now()
      sweep(now)
      const boot = bootOf(uid, purpose, moment, now)
      if (boot.plain === undefined) {
        const plain = newToken()
        const { attempt, isUnderWay } = boot
        const token = { hash: hashToken(plain), uid, attempt, purpose, isUnderWay, expires: boot.began + LIFE }
        boot.plain = plain
        boot.tokens.push(token)
        byHash.set(token.hash, token)
        boot.written = write((at) => putMetadataToken(at, token))
      }
      const { plain } = boot
      // Known for good before anybody is told.
      await boot.written
      return plain
    },

    find(token) {
      if (!/^[\w-]{43}$/.test(token)) return undefined
      const found = byHash.get(hashToken(token))
      return found && found.expires > clock.now() ? { uid: found.uid, purpose: found.purpose } : undefined
    },

    underWay,
    end,
    settled: () => inTurn(async () => {}),
  }
}

function newBoot(attempt: string, purpose: string, began: number, isInstalled: boolean): Boot {
  const written = Promise.resolve()
  return { attempt, purpose, began, tokens: [], plain: undefined, isUnderWay: false, isInstalled, written }
}

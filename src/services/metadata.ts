/**
 * The metadata service: what a machine reads about itself while it is installed and at its first boot, by a token that is
 * worth nothing to anybody else. Nothing here is told to a machine that is known to be another one.
 */
import { createHash } from 'node:crypto'
import type { Log } from '../lib/log.ts'
import type { Ipv4 } from '../model/address.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { System } from '../model/system.ts'
import { ec2Document, metadataDocument } from '../render/metadata.ts'
import type { BootTokens } from './boot-tokens.ts'
import type { Install } from './install.ts'

export interface Metadata {
  /** Undefined: not for this asker, or there is no such document. @param peer an address, IPv4 where it is one */
  read(token: string, path: string, peer: string): Promise<Uint8Array | undefined>
  /** The paths of EC2 for whoever asks from a machine's address. */
  readByAddress(path: string, peer: string): Promise<Uint8Array | undefined>
}

export interface MetadataOptions {
  readonly tokens: BootTokens
  readonly systemByUid: (uid: string) => System | undefined
  /** Who has this address: by a lease or of its own. */
  readonly systemAt: (ip: string) => System | undefined
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly install: Pick<Install, 'systemPreseed'>
  /** Whether machines may be known by their addresses alone. */
  readonly anonymousReads: boolean
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  readonly log: Log
}

/** By which a boot config or a preseed leads a machine to its metadata; undefined: to none. */
export type GiveToken = (
  system: System,
  blend: Blend,
  peer: string,
  moment: 'boot' | 'install',
) => Promise<string | undefined>

/** What a boot is to make of a machine: a token that was given for one thing reads no other. */
export function purposeOf({ profile, autoinstall, meta }: Blend): string {
  const keys = ['USER_DATA_BASE64', 'MACHINE_ID', 'ENSEMBLE_LATE_COMMAND'].map((key) => meta[key] ?? null)
  return createHash('sha256')
    .update(JSON.stringify([profile.name, autoinstall, keys]))
    .digest('hex')
}

/** A machine that asks for another one's boot config gets it without a token. */
export function giveTokens({ tokens, systemAt }: Pick<MetadataOptions, 'tokens' | 'systemAt'>): GiveToken {
  return async (system, blend, peer, moment) => {
    const there = systemAt(peer)
    if (there && there.uid !== system.uid) return undefined
    return await tokens.give(system.uid, purposeOf(blend), moment)
  }
}

export function createMetadata(options: MetadataOptions): Metadata {
  const { tokens, systemByUid, systemAt, blendSystem, install, anonymousReads, domain, log } = options

  return {
    async read(token, path, peer) {
      const given = tokens.find(token)
      const system = given && systemByUid(given.uid)
      if (!given || !system) return refuse(peer, undefined, 'no token, or one that is used up')
      const there = systemAt(peer)
      if (there && there.uid !== system.uid) return refuse(peer, system, `the address is that of ${there.name}`)
      const blend = blendSystem(system)
      if (!blend.ok) return refuse(peer, system, blend.because)
      if (purposeOf(blend) !== given.purpose) {
        tokens.end(system.uid)
        return refuse(peer, system, 'its user data or profile was changed since it booted; boot it again')
      }
      const found = await documentOf(system, blend, path, peer)
      if (found) tokens.underWay(system.uid)
      return found
    },

    async readByAddress(path, peer) {
      if (!anonymousReads) return refuse(peer, undefined, 'cobbler.anonymous_reads is off')
      const system = systemAt(peer)
      if (!system) return refuse(peer, undefined, 'nobody is known at this address')
      const blend = blendSystem(system)
      if (!blend.ok) return refuse(peer, system, blend.because)
      return ec2Document(blend, path, { domain, address: peer as Ipv4 })
    },
  }

  async function documentOf(system: System, blend: Blend, path: string, peer: string): Promise<Uint8Array | undefined> {
    const found = metadataDocument({ ...blend, system }, path, { domain, address: peer as Ipv4 })
    return found === 'answers' ? answers(system, peer) : found
  }

  async function answers(system: System, peer: string): Promise<Uint8Array | undefined> {
    try {
      return Buffer.from(await install.systemPreseed(system.name, peer))
    } catch (error) {
      // It is in the machine's trace already; an installer that finds nothing stops where somebody sees it.
      if (error instanceof OrchestraError) return undefined
      throw error
    }
  }

  function refuse(peer: string, system: System | undefined, because: string): undefined {
    log.warn({ peer, system: system?.name }, `metadata was refused: ${because}`)
    return undefined
  }
}

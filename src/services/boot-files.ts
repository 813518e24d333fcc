/**
 * A path and a peer become bytes: one resolver for TFTP and HTTP. Boot configs are rendered on request, loaders come from
 * the boot root or from the folders of the distribution's packages, kernels from the distro that names them.
 */
import { ASK_BY_MAC, bootConfig } from '../boot/boot-config.ts'
import { type BootDecision, type BootPolicy, decideBoot, type Known } from '../boot/decide.ts'
import { type BootFormat, readRequestPath } from '../boot/request-path.ts'
import type { OpenFile } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import type { Ipv6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import type { BootStep } from '../model/event.ts'
import type { System } from '../model/system.ts'
import type { BootFileSearch, NoBootFile } from './boot-file-search.ts'
import type { Journal } from './journal.ts'
import { isFirstLoader } from './loaders.ts'
import { fileOfText, whenReadToEnd } from './made-file.ts'
import type { GiveToken } from './metadata.ts'
import type { NoteTrace } from './trace.ts'

export interface BootFileRequest {
  /** As asked for; a leading slash makes no difference. */
  readonly path: string
  readonly peer: Ipv4 | Ipv6
  readonly via: 'tftp' | 'http'
}

export interface BootFiles {
  /** Undefined: there is no such file (why is in the log and in the machine's trace). */
  open(request: BootFileRequest): Promise<OpenFile | undefined>
}

export interface BootFilesOptions {
  readonly systemByMac: (mac: Mac) => System | undefined
  /** @param at where it asks from */
  readonly known: (system: System, at?: Ipv4 | Ipv6) => Known
  readonly policy: () => BootPolicy
  /** Who has this address: by lease or by a fixed address; of IPv6 by what stands in it. */
  readonly macAt: (ip: Ipv4 | Ipv6) => Mac | undefined
  readonly search: BootFileSearch
  /** The text of a template by its path below templates/ (`grub/install.cfg`); site overrides first. */
  readonly template: (path: string) => string | undefined
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  /** By which a machine reads its metadata; without: there is no metadata service. */
  readonly giveToken?: GiveToken | undefined
  readonly record: Journal['record']
  /** For the machine's trace. */
  readonly note?: NoteTrace | undefined
  readonly log: Log
}

export function createBootFiles(options: BootFilesOptions): BootFiles {
  const { systemByMac, macAt, search, record, note, log } = options
  /** Systems that were told to install since this daemon started: their next boot from the disk is their first. */
  const installing = new Set<string>()

  return {
    async open(request) {
      const wanted = readRequestPath(request.path)
      switch (wanted.want) {
        case 'config':
          return openConfig(request, wanted.format, wanted.mac)
        case 'distro-file':
          return openDistroFile(request, wanted.distro, wanted.file)
        case 'file':
          return openLoader(request, wanted.name)
        case 'nothing':
          return refuse(request, wanted.because)
      }
    },
  }

  async function openConfig(
    request: BootFileRequest,
    format: BootFormat,
    asked: Mac | undefined,
  ): Promise<OpenFile | undefined> {
    const mac = asked ?? macAt(request.peer)
    if (mac === undefined) {
      const text = ASK_BY_MAC[format]
      return text === undefined ? refuse(request, `nobody is known at ${request.peer}`) : fileOfText(request.path, text)
    }
    const system = systemByMac(mac)
    if (!system) record('machine.unknown', { mac, ip: request.peer, asked: request.path.slice(0, 200) })
    const decision = decideBoot(system && options.known(system, request.peer), options.policy())
    if (decision.boot === 'ignore') {
      if (system) fail(mac, system.name, decision.because)
      return refuse(request, decision.because, { outcome: 'error', mac })
    }
    const token = await tokenFor(decision, request.peer)
    const text = render(decision, format, { mac, token }, system)
    if (text === undefined) return refuse(request, 'its boot config could not be made', { outcome: 'error', mac })
    return whenReadToEnd(fileOfText(request.path, text), () => handedOut(decision, mac, format, request))
  }

  async function tokenFor(decision: BootDecision, peer: Ipv4 | Ipv6): Promise<string | undefined> {
    if (decision.boot !== 'install' || !decision.blend.system) return undefined
    return await options.giveToken?.(decision.blend.system, decision.blend, peer, 'boot')
  }

  function render(
    decision: BootDecision,
    format: BootFormat,
    { mac, token }: { readonly mac: Mac; readonly token: string | undefined },
    system: System | undefined,
  ) {
    try {
      return bootConfig(decision, format, { mac, token, domain: options.domain, template: options.template })
    } catch (error) {
      if (!(error instanceof OrchestraError)) throw error
      fail(mac, system?.name, error.message)
      return undefined
    }
  }

  function handedOut(decision: BootDecision, mac: Mac, format: BootFormat, { via }: BootFileRequest): void {
    const how = `(${format}, by ${via})`
    if (decision.boot === 'local') {
      const { name } = decision.system
      const stopped = decision.because
      const first = stopped === undefined && installing.delete(name)
      const why = stopped === undefined ? '' : `: ${stopped}`
      const because = `${name} was sent to its disk ${how}${why}`
      note?.({ mac }, { kind: 'decision', outcome: 'ok', text: because, sign: 'disk', wants: 'disk' })
      step(mac, name, first ? 'first-boot' : 'config', because)
    } else if (decision.boot === 'install') {
      const { system, distro, profile } = decision.blend
      if (system) installing.add(system.name)
      const because = `${system?.name} was told to install ${distro.name} ${how}`
      const told = { text: because, sign: 'install', wants: 'install', profile: profile.name } as const
      note?.({ mac }, { kind: 'decision', outcome: 'ok', ...told })
      step(mac, system?.name, 'config', because)
    } else if (decision.boot === 'enlist') {
      const { name: profile } = decision.blend.profile
      const because = `an unknown machine was told to enlist with ${profile} ${how}`
      const told = { text: because, sign: 'install', wants: 'install', profile } as const
      note?.({ mac }, { kind: 'decision', outcome: 'ok', ...told })
      step(mac, undefined, 'config', because)
    }
  }

  async function openDistroFile(request: BootFileRequest, name: string, asked: string): Promise<OpenFile | undefined> {
    const found = await search.distroFile(name, asked)
    if (!found.file) return withhold(request, found)
    if (!found.isKernel) return found.file
    const because = `kernel ${asked} of ${name} fetched by ${request.via}`
    return whenReadToEnd(found.file, () => reached(request, 'kernel', because))
  }

  async function openLoader(request: BootFileRequest, name: string): Promise<OpenFile | undefined> {
    const found = await search.loader(name)
    if (!found.file) return withhold(request, found)
    if (!isFirstLoader(name)) return found.file
    return whenReadToEnd(found.file, () => reached(request, 'loader', `${name} fetched by ${request.via}`))
  }

  function withhold(request: BootFileRequest, { how, because }: NoBootFile): undefined {
    return how === 'lacking' ? missing(request, because) : refuse(request, because, { outcome: how })
  }

  function reached(request: BootFileRequest, at: BootStep, because: string): void {
    const mac = macAt(request.peer)
    step(mac, mac && systemByMac(mac)?.name, at, because)
  }

  function fail(mac: Mac, system: string | undefined, because: string): void {
    log.warn({ mac, system }, because)
    step(mac, system, 'failed', because)
  }

  function step(mac: Mac | undefined, system: string | undefined, at: BootStep, because: string): void {
    record('boot.step', { mac, system, step: at, because })
  }

  /** Something that ought to be here is not: the machine will not boot, and somebody must do something. */
  function missing(request: BootFileRequest, because: string): undefined {
    log.warn({ path: request.path, peer: request.peer }, because)
    noteUnserved(request, 'missing', because)
    reached(request, 'failed', because)
    return undefined
  }

  function refuse(
    request: BootFileRequest,
    because: string,
    how: { readonly outcome: 'refused' | 'missing' | 'error'; readonly mac?: Mac } = { outcome: 'refused' },
  ): undefined {
    log.debug({ path: request.path, peer: request.peer, via: request.via }, `not served: ${because}`)
    noteUnserved(request, how.outcome, because, how.mac)
    return undefined
  }

  function noteUnserved(
    { path, peer, via }: BootFileRequest,
    outcome: 'refused' | 'missing' | 'error',
    because: string,
    mac?: Mac,
  ): void {
    note?.({ mac, peer }, { kind: via, outcome, text: `${path} was asked for, and not served`, because, path })
  }
}

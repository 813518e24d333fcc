/** The rules of verdict.ts, the first that fits counts: each answers the entry that shows its fault, or that it does not fit. */
import { type BootAttempt, REACHED, type Reached, type TraceEntry, type TraceSign } from './trace.ts'
import type { Waits } from './verdict-waits.ts'
import type { FaultName } from './verdict-words.ts'

/** So many installs in a row of which none ended are a loop. */
const LOOP = 3

/** What the rules ask of an attempt. */
export interface Asked {
  readonly attempt: BootAttempt
  readonly reached: Reached
  readonly waits: Waits
  readonly last: (...signs: TraceSign[]) => TraceEntry | undefined
  /** The last such entry, which is not older than another. */
  readonly since: (from: TraceEntry | undefined, fits: (entry: TraceEntry) => boolean) => TraceEntry | undefined
  /** Nothing has come for so long since, and now it would have; or the machine gave up itself. */
  readonly over: (entry: TraceEntry, wait: number) => boolean
}

/** The entry that shows it; undefined: it does not fit. `about` goes into the words. */
type Fits = (asked: Asked) => { readonly evidence: TraceEntry; readonly about?: string } | undefined

const isFetch = ({ kind }: TraceEntry): boolean => kind === 'tftp' || kind === 'http'
const isWhole = ({ outcome, bytes }: TraceEntry): boolean => outcome === 'ok' && bytes !== undefined && bytes > 0
const lastPart = (path = ''): string => path.slice(path.lastIndexOf('/') + 1)
const isBefore = (reached: Reached, other: Reached): boolean => REACHED.indexOf(reached) < REACHED.indexOf(other)

/** Seen after it: something that takes it back. */
function isPast(asked: Asked, entry: TraceEntry, ...signs: TraceSign[]): boolean {
  const later = asked.last(...signs)
  return later !== undefined && later.n > entry.n
}

/** The machine asked to boot and got its address, with the loader that it was to fetch. */
const named = (asked: Asked) => asked.since(undefined, ({ sign, boots }) => sign === 'address' && boots === true)
const offered = (asked: Asked) => asked.since(undefined, ({ sign, boots }) => sign === 'offer' && boots === true)

export const RULES: readonly (readonly [FaultName, Fits])[] = [
  [
    'preseed-error',
    (asked) => {
      const evidence = asked.since(undefined, ({ sign, outcome }) => sign === 'preseed' && outcome === 'error')
      const isMended = asked.since(evidence, ({ sign, outcome }) => sign === 'preseed' && outcome === 'ok')
      return evidence && !isMended ? { evidence } : undefined
    },
  ],
  [
    'reinstall-loop',
    (asked) => {
      const { attempt, last } = asked
      const stopped = asked.since(
        undefined,
        ({ sign, text, because }) =>
          (sign === 'broken' || sign === 'disk') && `${text} ${because}`.includes('reinstall loop'),
      )
      const evidence = stopped ?? last('install')
      const isLoop = stopped !== undefined || attempt.repeats + 1 >= LOOP
      if (!evidence || !isLoop || (!isBefore(attempt.reached, 'installed') && !stopped)) return undefined
      return { evidence, about: `${attempt.repeats + 1}` }
    },
  ],
  [
    'loader-missing',
    (asked) => {
      const wanted = lastPart((named(asked) ?? offered(asked))?.path)
      const evidence = asked.since(
        undefined,
        (entry) =>
          isFetch(entry) &&
          entry.outcome === 'missing' &&
          (wanted === '' ? LOADER.test(entry.path ?? '') : lastPart(entry.path) === wanted),
      )
      return evidence && isBefore(asked.reached, 'config') && !isPast(asked, evidence, 'loader')
        ? { evidence }
        : undefined
    },
  ],
  [
    'kernel-missing',
    (asked) => {
      const evidence = asked.since(
        undefined,
        (entry) => isFetch(entry) && entry.outcome === 'missing' && /(^|\/)images\//.test(entry.path ?? ''),
      )
      return evidence && asked.reached === 'config' ? { evidence } : undefined
    },
  ],
  [
    'config-refused',
    (asked) => {
      const evidence = asked.since(
        undefined,
        (entry) =>
          isFetch(entry) && entry.outcome === 'error' && entry.sign === undefined && CONFIG.test(entry.path ?? ''),
      )
      return evidence && isBefore(asked.reached, 'config') ? { evidence } : undefined
    },
  ],
  [
    'install-failed',
    (asked) => {
      const evidence = asked.last('failed')
      return evidence && !isPast(asked, evidence, 'installed', 'ready', 'disk') ? { evidence } : undefined
    },
  ],
  [
    'power-failed',
    (asked) => {
      const evidence = asked.last('power-failed')
      return evidence && asked.reached === 'power' ? { evidence } : undefined
    },
  ],
  [
    'bmc-disobeyed',
    (asked) => {
      const evidence = asked.last('order-refused')
      if (!evidence || isBeyondAddress(asked) || named(asked) || asked.since(evidence, ({ boots }) => boots === true))
        return undefined
      const fromDisk = asked.since(evidence, ({ kind, boots }) => kind === 'dhcp' && boots !== true)
      if (fromDisk) return { evidence, about: 'then it booted from its disk' }
      return asked.over(asked.last('power-on') ?? evidence, asked.waits.dhcp)
        ? { evidence, about: 'then nothing came by DHCP' }
        : undefined
    },
  ],
  [
    'disk-instead',
    (asked) => {
      const order = asked.last('power-on', 'power-order')
      const evidence = asked.since(
        order,
        ({ kind, boots, sign }) => kind === 'dhcp' && boots !== true && sign !== undefined,
      )
      const wanted = asked.attempt.entries.some(({ kind, wants }) => kind === 'power' && wants === 'install')
      const isBooting = isBeyondAddress(asked) || asked.since(order, ({ boots }) => boots === true)
      return order && evidence && wanted && !isBooting ? { evidence } : undefined
    },
  ],
  [
    'no-dhcp',
    (asked) => {
      // An order alone may wait for a person.
      const evidence = asked.last('power-on')
      const toDisk = asked.attempt.entries.some(({ kind, wants }) => kind === 'power' && wants === 'disk')
      if (!evidence || toDisk || asked.reached !== 'power' || isPast(asked, evidence, 'power-off')) return undefined
      return asked.over(evidence, asked.waits.dhcp) ? { evidence } : undefined
    },
  ],
  [
    'not-answered',
    (asked) => {
      const evidence = asked.since(undefined, ({ sign, boots }) => sign === 'discover' && boots === true)
      return evidence && asked.reached === 'asked' && !offered(asked) && !asked.last('elsewhere')
        ? { evidence }
        : undefined
    },
  ],
  [
    'no-request',
    (asked) => {
      if (asked.reached !== 'asked') return undefined
      const elsewhere = asked.last('elsewhere')
      const evidence = elsewhere ?? offered(asked)
      if (!evidence) return undefined
      if (elsewhere) return { evidence, about: elsewhere.server ?? 'unknown' }
      return asked.over(evidence, asked.waits.request) ? { evidence } : undefined
    },
  ],
  [
    'no-loader-for-it',
    (asked) => {
      const evidence = named(asked)
      return evidence && evidence.path === undefined && asked.reached === 'address' ? { evidence } : undefined
    },
  ],
  [
    'loader-not-asked',
    (asked) => {
      const evidence = named(asked)
      if (evidence?.path === undefined || asked.reached !== 'address' || asked.since(evidence, isFetch))
        return undefined
      return asked.over(evidence, asked.waits.loader) ? { evidence } : undefined
    },
  ],
  [
    'loader-broken-off',
    (asked) => {
      const address = named(asked)
      const evidence = asked.since(address, isFetch)
      if (!address || !evidence || asked.reached !== 'address' || isWhole(evidence)) return undefined
      return asked.over(evidence, asked.waits.loader) ? { evidence } : undefined
    },
  ],
  [
    'no-config',
    (asked) => {
      const loader = asked.last('loader')
      if (loader) return stalledAt(asked, 'loader', loader, asked.waits.config)
      // A loader of the site's own, by whatever name.
      const evidence = asked.since(named(asked), isFetch)
      const isLoaded = evidence !== undefined && asked.reached === 'address' && isWhole(evidence)
      return isLoaded && asked.over(evidence, asked.waits.config) ? { evidence } : undefined
    },
  ],
  ['no-kernel', (asked) => stalledAt(asked, 'config', asked.last('install'), asked.waits.kernel)],
  ['no-preseed', (asked) => stalledAt(asked, 'kernel', asked.last('kernel'), asked.waits.preseed)],
  [
    'installer-silent',
    (asked) => {
      const { attempt, reached, waits } = asked
      if (reached !== 'preseed' && reached !== 'installing') return undefined
      const evidence = asked.since(
        undefined,
        ({ kind, sign }) => kind !== 'power' && kind !== 'decision' && kind !== 'api' && sign !== 'broken',
      )
      if (!evidence) return undefined
      const quiet = (attempt.ended ?? 0) - (evidence.until ?? evidence.at)
      // One that starts over was not silent: it was interrupted.
      const isSilent = attempt.ended === undefined ? asked.over(evidence, waits.silence) : quiet >= waits.silence
      return isSilent ? { evidence } : undefined
    },
  ],
  [
    'not-rebooted',
    (asked) => {
      const evidence = asked.last('installed', 'netboot-off')
      const { attempt, reached, waits } = asked
      if (!evidence || reached !== 'installed' || attempt.ended !== undefined) return undefined
      const woke = asked.since(
        evidence,
        ({ n, kind, sign }) => n > evidence.n && (kind === 'dhcp' || sign === 'loader'),
      )
      return !woke && asked.over(evidence, waits.reboot) ? { evidence } : undefined
    },
  ],
  [
    'install-failed',
    (asked) => {
      const evidence = asked.last('broken')
      return evidence && !isPast(asked, evidence, 'installed', 'ready', 'disk') ? { evidence } : undefined
    },
  ],
]

const LOADER = /(\.0|\.efi|\.kpxe)$/
const CONFIG = /(pxelinux\.cfg\/|grub\.cfg|\.ipxe$|(^|\/)ipxe\/)/

function isBeyondAddress({ reached }: Asked): boolean {
  return !isBefore(reached, 'loader')
}

function stalledAt(asked: Asked, at: Reached, evidence: TraceEntry | undefined, wait: number): ReturnType<Fits> {
  if (asked.reached !== at || !evidence) return undefined
  // A large file on a slow network is no standstill.
  const newest = asked.since(evidence, isFetch) ?? evidence
  return asked.over(newest, wait) ? { evidence } : undefined
}

/**
 * What the sockets are attacked with, and what must be so afterwards: bytes, paths, files that nobody may have, and what this
 * process holds open.
 */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { OpenFile } from '../../src/lib/files.ts'
import { bootFileSearch } from '../../src/services/boot-file-search.ts'
import { type BootFileRequest, type BootFiles, createBootFiles } from '../../src/services/boot-files.ts'
import { aBlend, aDistro, aSystem, MAC } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { silentLog } from './store.ts'

/** Of `npm test`, so that it tries the same each time; `npm run fuzz` draws others. */
export const SEED = 20261127

/** A message that was good, and a few bytes of it changed, cut off or added; or bytes of no sense at all. */
export function hostileBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    ...{ at: fc.nat(200), byte: fc.nat(255), bytes: fc.uint8Array({ maxLength: 8 }) },
    kind: fc.constantFrom('set', 'cut', 'insert'),
  })
  const mutant = fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 4 })).map(([seed, changes]) => {
    const all = [...seed]
    for (const { at, byte, bytes, kind } of changes) {
      if (kind === 'set') all[at % Math.max(1, all.length)] = byte
      else if (kind === 'cut') all.length = at % (all.length + 1)
      else all.splice(at % (all.length + 1), 0, ...bytes)
    }
    return Buffer.from(all)
  })
  const wild = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof({ weight: 9, arbitrary: mutant }, { weight: 1, arbitrary: wild })
}

/** In no file but the one that nobody may have, and in no block of eight bytes of another. */
const SECRET = Buffer.from('fe00edfa', 'hex')

export function holdsSecret(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes(SECRET)
}

/** Paths out of the root and into it, in every spelling. */
export const hostilePath: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        '..',
        '.',
        '',
        '...',
        '%2e%2e',
        '..%2f',
        '%2e',
        '..%5c',
        '..\\',
        '%00',
        '\0',
        'hidden',
        'hidden\0',
        'hidden%00',
      ],
      ...[
        'out',
        'back',
        'root',
        'file',
        'in',
        'large',
        'images',
        'debian-12-x86_64',
        'linux',
        'initrd.gz',
        'grub.cfg',
        'etc',
      ],
      ...[
        'pxelinux.cfg',
        '01-52-54-00-77-00-01',
        '%',
        '%zz',
        '%c0%ae%c0%ae',
        '\u00e9',
        '~',
        'hidden ',
        'HIDDEN',
        '?',
        '#',
      ],
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join('/'))

export interface HostileSite {
  readonly bootFiles: BootFiles
  readonly folder: string
  /** Of the file called `file`, and of `large`. */
  readonly file: Buffer
  readonly large: Buffer
  /** Boot files that were asked for, and those that were closed again or are not there. */
  readonly counts: { opened: number; closed: number }
  /** Answers when all that was opened is closed. */
  allClosed(): Promise<void>
  remove(): void
}

/** Real boot files: a root with a secret beside it, and links that lead there. */
export function hostileSite(): HostileSite {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-hostile-'))
  const root = join(folder, 'root')
  const file = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
  const large = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * 7) % 239))
  mkdirSync(root)
  writeFileSync(join(folder, 'hidden'), Buffer.alloc(4096, SECRET))
  writeFileSync(join(folder, 'linux'), file)
  writeFileSync(join(folder, 'initrd.gz'), large)
  writeFileSync(join(root, 'file'), file)
  writeFileSync(join(root, 'large'), large)
  writeFileSync(join(root, 'empty'), '')
  symlinkSync('file', join(root, 'in'))
  symlinkSync('../hidden', join(root, 'out'))
  symlinkSync('..', join(root, 'back'))
  const distro = aDistro({ kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') })
  const system = aSystem()
  const bootFiles = createBootFiles({
    systemByMac: (mac) => (mac === MAC ? system : undefined),
    known: (one) => ({ system: one, blend: aBlend({ system: one, distro }) }),
    policy: () => ({ enlist: undefined }),
    macAt: () => MAC,
    search: bootFileSearch({ distro: (name) => (name === distro.name ? distro : undefined), bootRoot: root }),
    template: builtIn('templates'),
    domain: 'lab',
    record: () => {},
    log: silentLog,
  })
  const counts = { opened: 0, closed: 0 }
  let tell = () => {}
  const closed = () => {
    counts.closed++
    tell()
  }
  return {
    ...{ folder, file, large, counts, bootFiles: { open } },
    async allClosed() {
      while (counts.closed < counts.opened) await new Promise<void>((resolve) => (tell = resolve))
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }

  async function open(request: BootFileRequest): Promise<OpenFile | undefined> {
    counts.opened++
    const one = await bootFiles.open(request)
    if (!one) closed()
    return one && counted(one)
  }

  /** A stream closes its file by itself. */
  function counted(one: OpenFile): OpenFile {
    return {
      ...one,
      stream(range) {
        const stream = one.stream(range)
        stream.once('close', closed)
        return stream
      },
      close: () => one.close().finally(closed),
    }
  }
}

/** Sockets of this process, and its files below a folder. */
export function held(folder = '/nowhere'): { sockets: number; files: number } {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the one by which the folder was read
    }
  })
  return {
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    files: links.filter((link) => link.startsWith(folder)).length,
  }
}

/** Those of the test runner too, of which a few come and go: one that is forgotten each time makes many. */
export function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
export const FEW_TIMERS = 5

/** Each peer that has sent nonsense, as often as it was told of in the log. */
export function complaintsIn(lines: readonly string[]): Map<string, number> {
  const told = new Map<string, number>()
  for (const line of lines) {
    const { peer, msg } = JSON.parse(line) as { peer?: string; msg?: string }
    if (peer !== undefined && msg?.endsWith('is not logged')) told.set(peer, (told.get(peer) ?? 0) + 1)
  }
  return told
}

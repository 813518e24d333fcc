/**
 * Tar archives, through the system's own `tar`: what is in one, and a few plain files out of it. Nothing else of an archive
 * ever touches the disk: no links, no devices, no owners.
 */
import type { Exec } from '../lib/exec.ts'
import { isPlainPath, listBelow } from '../lib/files.ts'
import { OrchestraError } from '../model/errors.ts'

/** Archives are unpacked to be looked at: five minutes are enough for any netboot tree. */
const TIMEOUT = 300_000

/** `-rw-r--r-- 0/0 8062592 2023-06-07 10:00 ./linux`, with `-> target` or `link to target` behind a link's name. */
const LINE = /^([-a-zA-Z])\S{9}\S?\s+\S+\s+\d+(?:,\d+)?\s+\d{4}-\d\d-\d\d\s+\d\d:\d\d(?::\d\d)?\s(.*)$/

export interface Tar {
  /** Paths of the plain files, without a `./` in front. */
  readonly files: readonly string[]
  /** Writes these files below a folder that is there and empty. */
  unpack(files: readonly string[], folder: string): Promise<void>
}

/** @throws OrchestraError content.invalid: no tar, or one with names that lead out of it. */
export async function openTar(path: string, exec: Exec): Promise<Tar> {
  const run = (args: readonly string[]) =>
    exec('tar', [`--file=${path}`, '--force-local', ...args], { timeout: TIMEOUT }).catch((cause: unknown) => {
      throw new OrchestraError('content.invalid', `${path} cannot be read as a tar: ${sentence(cause)}`, { cause })
    })
  const listing = await run(['--list', '--verbose', '--numeric-owner', '--quoting-style=escape'])
  const names = namesIn(listing, path)

  return {
    files: [...names.keys()],
    async unpack(files, folder) {
      const members = files.map((file) => names.get(file) ?? file)
      // Only these: a link in the archive that one of them would lead through is not unpacked.
      await run([
        '--extract',
        `--directory=${folder}`,
        '--no-same-owner',
        '--no-same-permissions',
        '--no-wildcards',
        '--no-recursion',
        '--',
        ...members,
      ])
      const there = new Set(listBelow(folder))
      const missing = files.find((file) => !there.has(file))
      if (missing !== undefined) throw new OrchestraError('content.invalid', `${missing} of ${path} is no plain file`)
    },
  }
}

/** The plain files: path → the name that it has in the archive. */
function namesIn(listing: string, path: string): Map<string, string> {
  const names = new Map<string, string>()
  const twice = new Set<string>()
  for (const line of listing.split('\n')) {
    if (line === '') continue
    const [, type, rest = ''] = LINE.exec(line) ?? []
    if (type === undefined) throw new OrchestraError('content.invalid', `${path} lists what tar never says: ${line}`)
    const name = rest.replace(/ (->|link to) .*$/, '')
    const plain = name.replace(/^(\.\/)+/, '').replace(/\/$/, '')
    if (name.startsWith('/') || plain.split('/').includes('..')) {
      throw new OrchestraError('content.invalid', `${path} has an entry that leads out of it: ${name}`)
    }
    // A backslash here is tar's escape for a strange letter: such a file is no kernel.
    if (type !== '-' || !isPlainPath(plain)) continue
    if (names.has(plain)) twice.add(plain)
    names.set(plain, name)
  }
  // Of two entries with one name nobody can say which is meant.
  for (const name of twice) names.delete(name)
  return names
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : String(cause)
}

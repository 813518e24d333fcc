/**
 * The files of users who come from Cobbler: templates, snippets and scripts in its languages, and the logs that installers
 * send. All of them lie below one folder of the data directory; no name leads out of it.
 */
import {
  isPlainPath,
  listBelow,
  openBelow,
  readTextBelow,
  removeBelow,
  writeBelow,
  writtenBelow,
} from '../lib/files.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { OrchestraError } from '../model/errors.ts'
import type { TemplateHistory } from './template-history.ts'

export type FileKind = 'templates' | 'snippets' | 'scripts'

/** Who changes a file, for its history. */
export interface FileDeed {
  readonly by: string
  readonly comment: string
  /** Throws when what is there now is not what was to be changed. */
  readonly expect?: (current: string | undefined) => void
  /** Also a text that could never be rendered. */
  readonly force?: boolean
}

export interface CobblerFiles {
  /** Paths below the folder of that kind. */
  list(kind: FileKind): readonly string[]
  /** Undefined when there is none. */
  read(kind: FileKind, path: string): string | undefined
  /** @throws OrchestraError template.invalid (nothing is written) | item.invalid (the path is none) */
  write(kind: FileKind, path: string, text: string, deed: FileDeed): Promise<void>
  /** Undefined when there was none. */
  remove(kind: FileKind, path: string, deed: FileDeed): Promise<true | undefined>
  /** A part of a log of a machine; false when it is not the next part, or the log is long enough. */
  addToLog(system: string, file: string, offset: number, bytes: Uint8Array): Promise<boolean>
  removeLogs(system: string): Promise<void>
}

/** Larger ones are somebody's mistake. */
export const MOST_BYTES = 1024 * 1024
export const MOST_FILES = 10_000
const MOST_LOG = 4 * 1024 * 1024
const MOST_LOGS = 50

/** @param check throws OrchestraError template.invalid for a text that could never be rendered */
export function openCobblerFiles(
  root: string,
  check: (file: string, text: string) => void,
  history?: Pick<TemplateHistory, 'note'>,
): CobblerFiles {
  const inTurn = oneAtATime()

  /** @param act makes the text what it is to be; undefined: removed */
  async function change(file: string, deed: FileDeed, after: string | undefined, act: () => Promise<void>) {
    const { by, comment } = deed
    const [before, beforeAt] = [readTextBelow(root, file), await writtenBelow(root, file)]
    deed.expect?.(before)
    await act()
    await history?.note({ path: `cobbler/${file}`, before, beforeAt, after, by, comment })
  }

  return {
    list: (kind) => listBelow(root, kind).map((path) => path.slice(kind.length + 1)),
    read: (kind, path) => (isPlainPath(path) ? readTextBelow(root, `${kind}/${path}`) : undefined),

    write: (kind, path, text, deed) =>
      inTurn(async () => {
        checkPath(kind, path)
        const file = `${kind}/${path}`
        if (Buffer.byteLength(text) > MOST_BYTES) {
          throw new OrchestraError('item.invalid', `${file} is larger than ${MOST_BYTES} bytes`)
        }
        const isNew = readTextBelow(root, file) === undefined
        if (isNew && listBelow(root, kind).length >= MOST_FILES) {
          throw new OrchestraError('item.invalid', `there are ${MOST_FILES} ${kind} already; remove some`)
        }
        if (!deed.force) check(path, text)
        await change(file, deed, text, () => writeBelow(root, file, text, 0o600))
      }),

    remove: (kind, path, deed) =>
      inTurn(async () => {
        checkPath(kind, path)
        const file = `${kind}/${path}`
        if (readTextBelow(root, file) === undefined) return undefined
        await change(file, deed, undefined, () => removeBelow(root, file))
        return true
      }),

    async addToLog(system, file, offset, bytes) {
      const path = `logs/${system}/${file}`
      if (!isPlainPath(path) || file.includes('/')) return false
      const before = await readBytes(root, path)
      if (before === undefined && listBelow(root, `logs/${system}`).length >= MOST_LOGS) return false
      const known = before ?? Buffer.alloc(0)
      if (!Number.isInteger(offset) || offset < 0 || offset > known.length) return false
      if (offset + bytes.length > MOST_LOG) return false
      // Sent again, a part takes the place of what came first.
      await writeBelow(root, path, Buffer.concat([known.subarray(0, offset), bytes]), 0o600)
      return true
    },

    async removeLogs(system) {
      if (isPlainPath(`logs/${system}`) && !system.includes('/')) await removeBelow(root, `logs/${system}`)
    },
  }
}

async function readBytes(root: string, path: string): Promise<Buffer | undefined> {
  const file = await openBelow(root, path)
  if (!file) return undefined
  try {
    const bytes = Buffer.alloc(Math.min(file.size, MOST_LOG))
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}

function checkPath(kind: FileKind, path: string): void {
  if (isPlainPath(path) && path.length <= 255 && !/[\x00-\x1f]/.test(path)) return
  throw new OrchestraError('item.invalid', `"${path.slice(0, 100)}" is no path below the folder of ${kind}`)
}

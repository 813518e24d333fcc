/**
 * The templates as people see and change them: listed, read, saved, taken back to what is built in, each change with who
 * made it. A text that does not lint is not saved unless somebody insists: it runs as root on the next machine.
 */
import { createHash } from 'node:crypto'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { OrchestraError } from '../model/errors.ts'
import { type CobblerFiles, type FileDeed, MOST_BYTES, MOST_FILES } from './cobbler-files.ts'
import type { TemplateHistory, TemplateVersion } from './template-history.ts'
import type { LintProblem, LintTemplate } from './template-lint.ts'
import { checkedPlace, placeOf, type TemplateKind, type TemplatePlace } from './template-places.ts'
import type { TemplateShelf } from './template-shelf.ts'
import { ownLanguage, type TemplateLanguage, type TemplateUses } from './template-uses.ts'

export interface TemplateEntry {
  readonly path: string
  readonly kind: TemplateKind
  /** `site`: of the data directory; `uploaded`: in Cobbler's languages. */
  readonly origin: 'built-in' | 'site' | 'uploaded'
  readonly language: TemplateLanguage
  readonly bytes: number
  /** Milliseconds since 1970; null: it is built in. */
  readonly mtime: number | null
  readonly usedBy: readonly string[]
}

export interface TemplateFile extends TemplateEntry {
  readonly text: string
  /** What the site's own stands before; null: nothing. */
  readonly builtIn: string | null
  /** The entity tag: the same for the same text. */
  readonly revision: string
}

/** Who changes a file. */
export interface TemplateDeed {
  readonly by: string
  readonly comment: string
  /** Given the revision that is there now (undefined: none); throws when another was to be changed. */
  readonly expect: (revision: string | undefined) => void
}

export interface TemplateFiles {
  list(): Promise<readonly TemplateEntry[]>
  /** @throws OrchestraError item.missing */
  read(path: string): Promise<TemplateFile>
  /** The site's own is written. @throws OrchestraError item.invalid: no such place, or which lines do not lint */
  save(path: string, text: string, deed: TemplateDeed & { readonly force: boolean }): Promise<TemplateFile>
  /** The site's own is removed. @throws OrchestraError item.missing: it has none; item.in-use: nothing would be left */
  reset(path: string, deed: TemplateDeed): Promise<void>
  /** The newest first; none for a file that was never changed here. @throws OrchestraError item.missing */
  versions(path: string): Promise<readonly TemplateVersion[]>
}

export interface TemplateFilesOptions {
  readonly shelf: TemplateShelf
  readonly files: Pick<CobblerFiles, 'write' | 'remove'>
  readonly history: TemplateHistory
  readonly uses: () => TemplateUses
  readonly lint: LintTemplate
}

export function createTemplateFiles({ shelf, files, history, uses, lint }: TemplateFilesOptions): TemplateFiles {
  const inTurn = oneAtATime()

  async function entryOf(place: TemplatePlace, text: string, known: TemplateUses): Promise<TemplateEntry> {
    const { path, kind } = place
    const isOwn = shelf.siteText(place) !== undefined
    return {
      path,
      kind,
      origin: isOwn ? (place.uploaded ? 'uploaded' : 'site') : 'built-in',
      language: known.languageOf(path),
      bytes: Buffer.byteLength(text),
      mtime: (isOwn ? await shelf.writtenAt(place) : undefined) ?? null,
      usedBy: known.usersOf(path),
    }
  }

  async function fileOf(place: TemplatePlace, text: string): Promise<TemplateFile> {
    const builtIn = shelf.builtInText(place) ?? null
    return { ...(await entryOf(place, text, uses())), text, builtIn, revision: revisionOf(text) }
  }

  /** Compare, write, note: nobody comes in between. @param text undefined: the site's own goes */
  async function change(place: TemplatePlace, text: string | undefined, deed: TemplateDeed): Promise<void> {
    const { by, comment } = deed
    const expect = (current: string | undefined) => deed.expect(current === undefined ? undefined : revisionOf(current))
    if (place.uploaded) {
      const { kind, name } = place.uploaded
      // It was looked at by the linter, which knows more than whether it can be read at all.
      const how: FileDeed = { by, comment, expect, force: true }
      if (text === undefined) await files.remove(kind, name, how)
      else await files.write(kind, name, text, how)
      return
    }
    const [before, beforeAt] = [shelf.text(place), await shelf.writtenAt(place)]
    expect(before)
    await shelf.write(place, text)
    await history.note({ path: place.path, before, beforeAt, after: shelf.text(place), by, comment })
  }

  function checkRoom(place: TemplatePlace, text: string): void {
    const { path } = place
    if (Buffer.byteLength(text) > MOST_BYTES) {
      throw new OrchestraError('item.invalid', `${path} would be larger than ${MOST_BYTES} bytes`, { field: 'text' })
    }
    const paths = shelf.paths()
    if (paths.some((other) => other.startsWith(`${path}/`))) {
      throw new OrchestraError('item.invalid', `${path} is a folder; name a file`, { field: 'path' })
    }
    if (!paths.includes(path) && paths.length >= MOST_FILES) {
      throw new OrchestraError('item.invalid', `there are ${MOST_FILES} templates already; remove some`)
    }
  }

  return {
    async list() {
      const known = uses()
      const entries: TemplateEntry[] = []
      for (const path of shelf.paths()) {
        const place = placeOf(path)
        const text = place && shelf.text(place)
        if (place && text !== undefined) entries.push(await entryOf(place, text, known))
      }
      return entries
    },

    async read(path) {
      const { place, text } = find(shelf, path)
      return await fileOf(place, text)
    },

    async save(path, text, { force, ...deed }) {
      const place = checkedPlace(path)
      checkRoom(place, text)
      if (!force) refuseFaulty(path, await lint({ place, text, engine: languageFor(place, text, uses()) }))
      return await inTurn(async () => {
        await change(place, text, deed)
        return await fileOf(place, text)
      })
    },

    reset: (path, deed) =>
      inTurn(async () => {
        const { place } = find(shelf, path)
        if (shelf.siteText(place) === undefined) {
          throw new OrchestraError('item.missing', `${path} is what is built in: there is nothing to take back`)
        }
        const builtIn = shelf.builtInText(place)
        const [user] = builtIn === undefined ? uses().usersOf(path) : []
        if (user !== undefined) {
          throw new OrchestraError(
            'item.in-use',
            `${path} is used by ${user}, and nothing is built in that would take its place`,
          )
        }
        await change(place, undefined, deed)
      }),

    async versions(path) {
      const place = placeOf(path)
      const versions = place ? await history.versions(path) : []
      if (versions.length === 0) find(shelf, path)
      return versions
    },
  }
}

/** Of a text that is not saved yet: as its readers read it, or by what it says of itself. */
export function languageFor(place: TemplatePlace, text: string, uses: TemplateUses): TemplateLanguage {
  const own = ownLanguage(place, text)
  const isRead = place.uploaded?.kind === 'snippets' && uses.usersOf(place.path).length > 0
  return isRead ? uses.languageOf(place.path) : own
}

export function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** @throws OrchestraError item.missing */
function find(shelf: TemplateShelf, path: string): { readonly place: TemplatePlace; readonly text: string } {
  const place = placeOf(path)
  const text = place && shelf.text(place)
  if (!place || text === undefined) {
    const said = path.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, '?')
    throw new OrchestraError('item.missing', `there is no template "${said}"`)
  }
  return { place, text }
}

/** @throws OrchestraError item.invalid with every line that is wrong */
function refuseFaulty(path: string, problems: readonly LintProblem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const said = errors
    .slice(0, 10)
    .map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`))
  const more = errors.length > 10 ? ` (and ${errors.length - 10} more)` : ''
  throw new OrchestraError('item.invalid', `${path} would not be rendered: ${said.join('; ')}${more}`, {
    field: 'text',
  })
}

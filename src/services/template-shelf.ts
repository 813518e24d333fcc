/**
 * The texts of templates where they lie: those of this program, a site's own of the same name before them, and those that
 * were uploaded in Cobbler's languages.
 */
import { join } from 'node:path'
import { listBelow, readTextBelow, removeBelow, writeBelow, writtenBelow } from '../lib/files.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ReadText } from '../render/template.ts'
import type { CobblerFiles } from './cobbler-files.ts'
import { placeOf, type TemplatePlace, UPLOADED_KINDS } from './template-places.ts'

export interface TemplateFolders {
  /** The data directory: holds a site's own. */
  readonly data: string
  /** Holds templates/ and preseeds/ of this program. */
  readonly builtIn: string
}

export interface TemplateShelf {
  /** All of them, in order. */
  paths(): readonly string[]
  /** What is in force; undefined: there is no such file. */
  text(place: TemplatePlace): string | undefined
  /** Only what the site has put there. */
  siteText(place: TemplatePlace): string | undefined
  /** Undefined: this program has none of that name. */
  builtInText(place: TemplatePlace): string | undefined
  /** Of the site's own, in milliseconds since 1970; undefined: it has none. */
  writtenAt(place: TemplatePlace): Promise<number | undefined>
  /** The site's own of templates/ and preseeds/; undefined: gone. @throws OrchestraError item.invalid */
  write(place: TemplatePlace, text: string | undefined): Promise<void>
}

/** Of templates/ or preseeds/: what machines are given. */
export function readSite({ data, builtIn }: TemplateFolders, folder: 'templates' | 'preseeds'): ReadText {
  return (path) => readTextBelow(join(data, folder), path) ?? readTextBelow(join(builtIn, folder), path)
}

export function createTemplateShelf(
  folders: TemplateFolders,
  files: Pick<CobblerFiles, 'list' | 'read'>,
): TemplateShelf {
  const { data, builtIn } = folders

  const siteText = ({ root, below, uploaded }: TemplatePlace) =>
    uploaded ? files.read(uploaded.kind, uploaded.name) : readTextBelow(join(data, root), below)
  const builtInText = ({ root, below }: TemplatePlace) =>
    root === 'cobbler' ? undefined : readTextBelow(join(builtIn, root), below)

  return {
    paths() {
      const own = [builtIn, data].flatMap((folder) =>
        ['templates', 'preseeds'].flatMap((root) => listBelow(join(folder, root)).map((below) => `${root}/${below}`)),
      )
      const uploaded = UPLOADED_KINDS.flatMap((kind) => files.list(kind).map((name) => `cobbler/${kind}/${name}`))
      return [...new Set([...own, ...uploaded])].filter((path) => placeOf(path) && !/\.part-\d+-\d+$/.test(path)).sort()
    },
    text: (place) => siteText(place) ?? builtInText(place),
    siteText,
    builtInText,
    writtenAt: ({ root, below }) => writtenBelow(join(data, root), below),

    async write({ path, root, below }, text) {
      try {
        if (text === undefined) await removeBelow(join(data, root), below)
        else await writeBelow(join(data, root), below, text, 0o600)
      } catch (cause) {
        if (
          cause instanceof Error &&
          /^not a path below|^(EISDIR|ENOTDIR|EEXIST|ENOTEMPTY|ENAMETOOLONG)\b/.test(cause.message)
        ) {
          throw new OrchestraError(
            'item.invalid',
            `${path} cannot be a file of this site: a folder or a link is in its way`,
            {
              cause,
              field: 'path',
            },
          )
        }
        throw cause
      }
    },
  }
}

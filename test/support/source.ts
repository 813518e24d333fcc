/** The source as the architecture test reads it: files, their imports, and their code without the comments. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

export interface SourceFile {
  /** From the project's root, with slashes: `src/boot/decide.ts`. */
  readonly path: string
  readonly text: string
}

/** Every file below a folder, in order; built things and packages left out. */
export function readFiles(folder: string, ending: RegExp): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|\.git|\.lab|coverage|built)\//.test(path))
    .sort()
    .map((path) => ({ path: path.slice(ROOT.length + 1), text: readFileSync(path, 'utf8') }))
}

export interface Import {
  /** As written, and for a relative one as a path from the root. */
  readonly from: string
  readonly target: string
  readonly typeOnly: boolean
}

/** The imports and re-exports of a file. Biome keeps them in this form; `import()` and types by `import('…')` count too. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const statements = text.matchAll(/^(?:import|export)\b(?<what>[^'"`;]*?)\bfrom ['"](?<from>[^'"]+)['"]/gm)
  const bare = text.matchAll(/^import ['"](?<from>[^'"]+)['"]/gm)
  const dynamic = codeOf(text).matchAll(/\bimport\(\s*['"](?<from>[^'"]+)['"]/g)
  return [...statements, ...bare, ...dynamic].map(({ groups = {} }) => {
    const from = groups['from'] ?? ''
    const target = from.startsWith('.') ? posix.join(posix.dirname(path), from) : from
    return { from, target, typeOnly: /^\s*type\b/.test(groups['what'] ?? '') }
  })
}

/** The code without its comments, line for line. */
export function codeOf(text: string): string {
  return text
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/\s.*$/, ''))
    .join('\n')
}

/** `npm run build`: builds the console when its sources are newer than what was built. npm runs it before start, lab and test. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

const HERE = import.meta.dirname
const ROOT = resolve(HERE, '../..')
const PAGE = join(HERE, 'built/index.html')

/** All that the console is made of: its own files, the nouns that it shares, and the packages. */
function sources(): string[] {
  const below = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  const own = below(HERE).filter((path) => !path.startsWith(join(HERE, 'built')))
  return [...own, ...below(join(ROOT, 'src/model')), ...below(join(ROOT, 'src/lib')), join(ROOT, 'package-lock.json')]
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Answers when what is built is new enough. */
export async function buildConsole(): Promise<void> {
  const built = changedAt(PAGE)
  if (sources().every((path) => changedAt(path) < built)) return
  await build({ configFile: join(HERE, 'vite.config.ts') })
}

if (import.meta.main) await buildConsole()

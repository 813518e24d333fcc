/**
 * Packages of another release than this machine's, unpacked and not installed: through an apt of the lab's own beside the
 * machine's, with Debian's keys and the archive that the machine uses already.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { exec } from '../src/lib/exec.ts'

export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const DEFAULT_MIRROR = 'http://deb.debian.org/debian'
const MINUTES = 60_000

/** The base URL of the Debian archive that this machine uses; else the world's. */
export async function findMirror(): Promise<string> {
  const listed = await exec('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)']).catch(() => '')
  const uri = /^Debian Debian (https?:\S+)$/m.exec(listed)?.[1] ?? DEFAULT_MIRROR
  return uri.replace(/\/$/, '')
}

/** The files of packages from a suite of a Debian archive, all in one folder. Once: they are not renewed. */
export async function unpackFrom(
  mirror: string,
  suite: string,
  packages: readonly string[],
  folder: string,
): Promise<void> {
  if (existsSync(folder)) return
  if (!existsSync(KEYRING)) throw new Error('Debian signs its archive: install the package debian-archive-keyring')
  const work = mkdtempSync(join(tmpdir(), 'orchestra-apt-'))
  mkdirSync(dirname(folder), { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  try {
    const env = { APT_CONFIG: aptRoot(work, mirror, suite) }
    await exec('apt-get', ['-q', 'update'], { env, timeout: 5 * MINUTES })
    await exec('apt-get', ['-q', 'download', ...packages], { env, cwd: work, timeout: 10 * MINUTES })
    for (const deb of readdirSync(work).filter((file) => file.endsWith('.deb'))) {
      await exec('dpkg-deb', ['--extract', join(work, deb), part], { timeout: 5 * MINUTES })
    }
    renameSync(part, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
    rmSync(part, { recursive: true, force: true })
  }
}

/** An apt with sources, lists and a cache of its own, that knows of no installed package. Answers its configuration's path. */
function aptRoot(work: string, mirror: string, suite: string): string {
  for (const name of ['sources.d', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(work, name), { recursive: true })
  }
  writeFileSync(join(work, 'status'), '')
  const source = ['Types: deb', `URIs: ${mirror}`, `Suites: ${suite}`, 'Components: main', `Signed-By: ${KEYRING}`]
  writeFileSync(join(work, 'sources.d/lab.sources'), `${source.join('\n')}\n`)
  const settings = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(work, 'sources.d'),
    'Dir::State': join(work, 'state'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  }
  const path = join(work, 'apt.conf')
  const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`)
  writeFileSync(path, lines.join(''))
  return path
}

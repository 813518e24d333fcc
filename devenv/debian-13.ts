/**
 * The real debian-installer of Debian 13, from its own package: through this machine's apt where that knows it, else through an
 * apt of the lab's own beside it, with Debian's keys and the archive that the machine uses already.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../src/lib/exec.ts'

const SUITE = 'trixie'
const PACKAGE = 'debian-installer-13-netboot-amd64'
const TREE = 'usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
export const DEFAULT_MIRROR = 'http://deb.debian.org/debian'

/** The base URL of the Debian archive that this machine uses; else the world's. */
export async function findMirror(): Promise<string> {
  const listed = await exec('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)']).catch(() => '')
  const uri = /^Debian Debian (https?:\S+)$/m.exec(listed)?.[1] ?? DEFAULT_MIRROR
  return uri.replace(/\/$/, '')
}

/** A folder with `linux` and `initrd.gz`. */
export async function fetchInstaller(cache: string, mirror: string): Promise<string> {
  const folder = join(cache, 'packages', PACKAGE)
  const tree = join(folder, TREE)
  if (existsSync(tree)) return tree
  if (!existsSync(KEYRING)) throw new Error('Debian signs its archive: install the package debian-archive-keyring')
  const work = mkdtempSync(join(tmpdir(), 'orchestra-apt-'))
  try {
    const env = { APT_CONFIG: aptRoot(work, mirror) }
    await exec('apt-get', ['-q', 'update'], { env, timeout: 300_000 })
    await exec('apt-get', ['-q', 'download', PACKAGE], { env, cwd: work, timeout: 300_000 })
    const deb = readdirSync(work).find((file) => file.endsWith('.deb'))
    if (!deb) throw new Error(`apt-get download ${PACKAGE} brought nothing`)
    mkdirSync(join(cache, 'packages'), { recursive: true })
    await exec('dpkg-deb', ['--extract', deb, `${folder}.part`], { cwd: work, timeout: 60_000 })
    renameSync(`${folder}.part`, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return tree
}

/** An apt with sources, lists and a cache of its own, that knows of no installed package. Answers its configuration's path. */
function aptRoot(work: string, mirror: string): string {
  for (const name of ['sources.d', 'state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, name), { recursive: true })
  writeFileSync(join(work, 'status'), '')
  const source = ['Types: deb', `URIs: ${mirror}`, `Suites: ${SUITE}`, 'Components: main', `Signed-By: ${KEYRING}`]
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
  writeFileSync(
    path,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  )
  return path
}

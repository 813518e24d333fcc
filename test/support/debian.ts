/**
 * Debian packages that a test needs, installed when they are missing. A test names what it runs; nobody has to prepare a
 * machine. Installs of several test files at once wait for each other.
 */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'

const MINUTES = 60_000

/** Two that exclude each other and serve alike: what a machine has is not taken from it. */
const AS_GOOD: Readonly<Record<string, string>> = { busybox: 'busybox-static' }

/** Answers when all of these packages are installed. Rejects with the command to type when it may not install them. */
export async function needPackages(...names: string[]): Promise<void> {
  const missing = await missingPackages(names)
  if (missing.length === 0) return
  process.stderr.write(`Installing Debian packages for the tests: ${missing.join(' ')}\n`)
  const install = () => aptGet('install', '-y', '--no-install-recommends', ...missing)

  if (!hasPackageLists()) await aptGet('update')
  // Lists of last month name files that the mirror has replaced since: one update, one more try.
  await install().catch(async () => {
    await aptGet('update')
    await install().catch((cause: unknown) => {
      throw new Error(`install them yourself: sudo apt-get install ${missing.join(' ')}`, { cause })
    })
  })

  const still = await missingPackages(names)
  if (still.length > 0) throw new Error(`apt-get said yes, but these packages are not installed: ${still.join(' ')}`)
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own template
  const listed = await exec('dpkg-query', ['--show', '--showformat', '${Package} ${db:Status-Status}\\n']).catch(
    (cause: unknown) => {
      throw new Error(`the tests need ${names.join(', ')}; this is no Debian, so install them by hand`, { cause })
    },
  )
  const installed = new Set(listed.split('\n'))
  return names.filter((name) => ![name, AS_GOOD[name]].some((one) => installed.has(`${one} installed`)))
}

/** apt-get as root, one at a time. sudo's -n: a test has no terminal to ask for a password on. */
async function aptGet(...args: string[]): Promise<void> {
  const command = [
    'DEBIAN_FRONTEND=noninteractive',
    'flock',
    lockPath(),
    'apt-get',
    '-q',
    '-o',
    'DPkg::Lock::Timeout=300',
  ]
  const [program, before] = process.getuid?.() === 0 ? ['env', []] : ['sudo', ['-n', 'env']]
  await exec(program, [...before, ...command, ...args], { timeout: 15 * MINUTES })
}

/** One lock for each user: a file of another user in the shared folder may not be opened. */
function lockPath(): string {
  return join(tmpdir(), `orchestra-apt-${process.getuid?.() ?? 0}.lock`)
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'))
  } catch {
    return false
  }
}

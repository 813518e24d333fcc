/**
 * Debian and Ubuntu packages for the lab: those that must be installed (QEMU, firmware, loaders), and those whose files are
 * only unpacked into the lab's cache (kernel, busybox, GRUB's modules), so that the machine itself stays as it was.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { exec } from '../src/lib/exec.ts'

const MINUTES = 60_000

/** Names per task, so that a complaint can say what for. */
const NEEDED: Readonly<Record<string, string>> = {
  'qemu-system-x86': 'the virtual machines',
  ovmf: 'UEFI firmware',
  'ipxe-qemu': 'network boot ROMs',
  pxelinux: 'the BIOS loader',
  'syslinux-common': 'its modules',
  ipxe: 'the iPXE loaders',
  'shim-signed': 'the UEFI loader',
  'grub-efi-amd64-signed': 'the UEFI loader',
  'grub-common': 'to build the disk boot loader of the mini profile',
  e2fsprogs: 'to look into disks',
  iproute2: 'the network',
  cpio: 'the ramdisk of the mini profile',
  'xz-utils': 'packed kernel modules',
}

export interface Os {
  readonly id: 'debian' | 'ubuntu'
  /** `12`, `24.04`. */
  readonly version: string
}

/** @throws Error with a sentence when this is neither Debian nor Ubuntu on x86-64. */
export function findOs(text: string = readFileSync('/etc/os-release', 'utf8'), machine: string = process.arch): Os {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  const words = [field('ID'), ...field('ID_LIKE').split(' ')]
  const id = words.find((word) => word === 'ubuntu' || word === 'debian')
  if (id !== 'ubuntu' && id !== 'debian') {
    throw new Error(`the lab knows Debian and Ubuntu; this is ${field('PRETTY_NAME') || 'something else'}`)
  }
  if (machine !== 'x64') throw new Error(`the lab's machines are x86-64; on ${machine} it has not been tried`)
  return { id, version: field('VERSION_ID') }
}

/** Of what the lab needs installed. */
export const missingLabPackages = (also: readonly string[] = []): Promise<string[]> =>
  missingPackages([...Object.keys(NEEDED), ...also])

/** Installs what is missing, and says what. @throws Error with the command to type when it may not. */
export async function needLabPackages(say: (sentence: string) => void, also: readonly string[] = []): Promise<void> {
  const missing = await missingPackages([...Object.keys(NEEDED), ...also])
  if (missing.length === 0) return
  const why = missing.map((name) => (NEEDED[name] ? `${name} (${NEEDED[name]})` : name))
  say(`Installing ${missing.length} Debian packages that the lab needs: ${why.join(', ')}`)
  const root = await howToBeRoot(`apt-get install ${missing.join(' ')}`)
  const install = () => aptGet(root, ['install', '-y', '--no-install-recommends', ...missing])
  if (!hasPackageLists()) await aptGet(root, ['update'])
  // Old lists name files that the mirror has replaced since: one update, one more try.
  if ((await install()) !== 0) {
    await aptGet(root, ['update'])
    if ((await install()) !== 0) throw new Error(`apt-get could not install ${missing.join(' ')}; its reason is above`)
  }
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own template
  const listed = await exec('dpkg-query', ['--show', '--showformat', '${Package} ${db:Status-Status}\\n'])
  const installed = new Set(listed.split('\n'))
  return names.filter((name) => !installed.has(`${name} installed`))
}

/**
 * The words before a command that needs root: none, or sudo, which may ask for a password once.
 * @param what needs it, for the sentence. @throws Error when there is neither
 */
export async function howToBeRoot(what: string): Promise<readonly string[]> {
  if (process.getuid?.() === 0) return []
  // Asked here and now, where there is a terminal: what is started later may have none.
  const child = spawn('sudo', process.stdin.isTTY ? ['-v'] : ['-n', 'true'], {
    stdio: ['inherit', 'ignore', 'inherit'],
  })
  const may = await once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  )
  if (!may) throw new Error(`${what} needs root, and sudo is not there or does not allow it`)
  return ['sudo']
}

/** apt-get in the open, so that its progress and sudo's question are seen; its words go to standard error. */
async function aptGet(root: readonly string[], args: readonly string[]): Promise<number> {
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const [program = 'env', ...rest] = [
    ...root,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    ...wait,
    ...args,
  ]
  const child = spawn(program, rest, { stdio: ['inherit', 2, 2] })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'))
  } catch {
    return false
  }
}

export interface Unpacked {
  /** `linux-image-6.1.0-56-cloud-amd64_6.1.192-2` */
  readonly key: string
  readonly folder: string
}

/**
 * The files of packages, in the cache by name and version: downloaded and unpacked once, not installed.
 * @param cache the lab's cache folder
 * @throws Error with apt's words
 */
export async function unpackPackages(names: readonly string[], cache: string): Promise<Unpacked[]> {
  const candidates = await candidatesOf(names, cache)
  const unpacked: Unpacked[] = []
  for (const { name, version } of candidates) {
    const key = `${name}_${version.replaceAll(':', '-')}`
    const folder = join(cache, 'packages', key)
    if (!existsSync(folder)) await unpack(name, version, folder)
    unpacked.push({ key, folder })
  }
  return unpacked
}

async function unpack(name: string, version: string, folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.part-`)
  try {
    // The sandbox user of apt could not write into our folder; what is downloaded is checked against the signed lists.
    const args = ['-q', '-o', 'APT::Sandbox::User=root', 'download', `${name}=${version}`]
    await exec('apt-get', args, { cwd: work, timeout: 10 * MINUTES })
    const deb = readdirSync(work).find((file) => file.endsWith('.deb'))
    if (!deb) throw new Error(`apt-get download ${name} brought nothing`)
    await exec('dpkg-deb', ['--extract', deb, 'files'], { cwd: work, timeout: MINUTES })
    renameSync(join(work, 'files'), folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

export interface Candidate {
  readonly name: string
  readonly version: string
  /** The names of the packages that it depends on. */
  readonly depends: readonly string[]
}

/** What apt would install of these now; remembered in the cache until apt's lists change, for apt takes its time. */
export async function candidatesOf(names: readonly string[], cache: string): Promise<Candidate[]> {
  const file = join(cache, 'candidates.json')
  const remembered = readRemembered(file)
  const missingIn = (known: readonly Candidate[]) => names.filter((name) => !known.some((one) => one.name === name))
  const missing = missingIn(remembered)
  if (missing.length > 0) {
    remembered.push(...(await askApt(missing)))
    mkdirSync(cache, { recursive: true })
    writeFileSync(file, JSON.stringify({ stamp: listsStamp(), known: remembered }))
  }
  return names.flatMap((name) => remembered.find((one) => one.name === name) ?? [])
}

/** One `apt-get update` when apt knows nothing of one of them. */
async function askApt(names: readonly string[]): Promise<Candidate[]> {
  // It fails when it does not know one of them; what it knows of the others is not needed then.
  const ask = async () => parseStanzas(await exec('apt-cache', ['show', '--no-all-versions', ...names]).catch(() => ''))
  const unknown = (known: readonly Candidate[]) => names.find((name) => !known.some((one) => one.name === name))
  let known = await ask()
  if (unknown(known) !== undefined) {
    await aptGet(await howToBeRoot('apt-get update'), ['update'])
    known = await ask()
  }
  const missing = unknown(known)
  if (missing === undefined) return known
  throw new Error(`apt knows no package ${missing}; is its component (main, universe) enabled?`)
}

function readRemembered(file: string): Candidate[] {
  try {
    const { stamp, known } = JSON.parse(readFileSync(file, 'utf8')) as { stamp: number; known: Candidate[] }
    return stamp === listsStamp() ? known : []
  } catch {
    return []
  }
}

/** `apt-get update` writes its lists anew into this folder. */
function listsStamp(): number {
  return statSync('/var/lib/apt/lists').mtimeMs
}

/** Debian's control format: stanzas parted by empty lines; a dependency is a name, perhaps with a version, or several with `|`. */
export function parseStanzas(text: string): Candidate[] {
  return text.split(/\n\n+/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    const names = [field('Pre-Depends'), field('Depends')].flatMap((list) => list.match(/(?<=^|[,|] *)[\w.+-]+/g) ?? [])
    return field('Package') === '' ? [] : [{ name: field('Package'), version: field('Version'), depends: names }]
  })
}

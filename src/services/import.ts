/** Import: an installer's netboot tree (a folder or a tar of one) becomes a distro and its profiles. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Exec } from '../lib/exec.ts'
import {
  fileExists,
  isPlainPath,
  listBelow,
  makePrivateFolder,
  openRegular,
  readTextBelow,
  removeBelow,
  renameBelow,
  writeBelow,
} from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import type { Distro } from '../model/distro.ts'
import { OrchestraError } from '../model/errors.ts'
import { checkName, type Options } from '../model/item.ts'
import { emptyItem } from '../model/items.ts'
import type { Profile } from '../model/profile.ts'
import type { Catalog } from './catalog.ts'
import { besides, whyNothingBesides } from './import-profiles.ts'
import { findInstaller, flavorFor, type InstallerTree, lastOf, readNote } from './installer-tree.ts'
import { openTar } from './tar.ts'

export interface ImportRequest {
  /** A folder or a tar(.gz) on this server: what is in it, is looked for. */
  readonly path: string
  /** The name of the distro and of its profile. */
  readonly name: string
  readonly arch?: string
  readonly breed?: string
  readonly osVersion?: string
  /** The profile's preseed, a file name below preseeds/. */
  readonly autoinstall?: string
  readonly kernelOptions?: Options
}

export interface ImportResult {
  readonly distro: Distro
  readonly profile: Profile
  /** The sub-profiles for orchestrators. */
  readonly children: readonly Profile[]
  /** SHA-256 by file name. */
  readonly files: Readonly<Record<string, string>>
  /** False: all of it was there already. */
  readonly changed: boolean
  /** One sentence on what was done. */
  readonly because: string
}

export interface ImportOptions {
  readonly catalog: Pick<Catalog, 'get' | 'save'>
  readonly newUid: () => string
  readonly bootRoot: string
  /** A folder of this server's own, for unpacking. */
  readonly scratch: string
  readonly exec: Exec
  readonly log: Log
}

/** Who waits for an import, and may give it up. */
export interface ImportWatch {
  readonly signal: AbortSignal
  say(text: string): void
  /** Bytes, of those that are read. */
  progress(done: number, total: number): void
}

/** @throws OrchestraError, and the signal's reason when it was given up */
export type ImportTree = (request: ImportRequest, watch?: ImportWatch) => Promise<ImportResult>

const NOBODY: ImportWatch = { signal: new AbortController().signal, say: () => {}, progress: () => {} }

/** What was found, as files on this server. */
interface Found {
  readonly tree: InstallerTree
  /** The folder that the tree's paths are below. */
  readonly root: string
}

export function createImport(options: ImportOptions): ImportTree {
  const { catalog, newUid, bootRoot, scratch, exec, log } = options
  /** One at a time: two imports of one name would write the same files. */
  let last: Promise<unknown> = Promise.resolve()

  return (request, watch = NOBODY) => {
    const run = last.then(() => importTree(request, watch))
    last = run.catch(() => {})
    return run
  }

  /** @throws OrchestraError content.invalid | item.invalid | item.exists */
  async function importTree(request: ImportRequest, watch: ImportWatch): Promise<ImportResult> {
    watch.signal.throwIfAborted()
    checkName(request.name)
    if (!isPlainPath(request.name))
      throw new OrchestraError('item.invalid', `Invalid name: '${request.name}'`, { field: 'name' })
    const profile = catalog.get('profile', request.name)
    if (profile && profile.distro !== request.name) {
      throw new OrchestraError(
        'item.exists',
        `profile ${profile.name} is there already and belongs to ${profile.distro || profile.parent}; import under another name`,
      )
    }
    const unpacked = `import-${newUid()}`
    try {
      watch.say(`looking for an installer in ${request.path}`)
      const found = await find(request, unpacked, watch)
      return await take(found, request, watch)
    } finally {
      await removeBelow(scratch, unpacked)
    }
  }

  async function find({ path, arch }: ImportRequest, unpacked: string, { signal }: ImportWatch): Promise<Found> {
    const files = listFiles(path)
    if (files.length > 0) return { root: path, tree: findInstaller(files, arch, path) }
    if (!fileExists(path)) {
      throw new OrchestraError('content.invalid', `nothing to import at ${path}: no folder with files, and no tar`)
    }
    const tar = await openTar(path, (program, args, how) => exec(program, args, { ...how, signal }))
    const tree = findInstaller(tar.files, arch, path)
    const root = join(scratch, unpacked)
    makePrivateFolder(root)
    await tar.unpack([tree.kernel, tree.initrd, ...(tree.note === undefined ? [] : [tree.note])], root)
    return { root, tree }
  }

  async function take({ root, tree }: Found, request: ImportRequest, watch: ImportWatch): Promise<ImportResult> {
    const folder = `images/${request.name}`
    const sources = [tree.kernel, tree.initrd].map((path) => ({ path: join(root, path), file: lastOf(path) }))
    const count = await counted(sources, watch)
    watch.say(`found ${sources.map(({ file }) => file).join(' and ')}, ${count.bytes} bytes; reading them`)
    const files: Record<string, string> = {}
    for (const { path, file } of sources) files[file] = await checksum(path, count.read)

    const isThere = await all(sources, async ({ file }) => {
      const path = join(bootRoot, folder, file)
      return fileExists(path) && (await checksum(path, () => watch.signal.throwIfAborted())) === files[file]
    })
    if (!isThere) {
      watch.say(`copying them to ${folder}`)
      await copy(folder, sources, count.read)
    }

    const distro = await saveIfNew('distro', distroOf(request, { root, tree }, files))
    const { breed, osVersion, arch } = distro.item
    const profile = await saveIfNew('profile', profileOf(request, flavorFor(tree, breed, osVersion)))
    const more = await saveBesides(profile.item, breed)
    const changed = !isThere || distro.changed || profile.changed || more.made.length > 0
    const also = more.made.length > 0 ? `made ${more.made.join(', ')}` : whyNothingBesides(request.name, breed, arch)
    const because = changed
      ? `${request.name} has kernel ${lastOf(tree.kernel)} and initrd ${lastOf(tree.initrd)} of ${request.path}${also === undefined ? '' : `; ${also}`}`
      : `${request.name} is what ${request.path} holds already; nothing was changed`
    log.info({ distro: request.name, changed }, because)
    return { distro: distro.item, profile: profile.item, children: more.children, files, changed, because }
  }

  /** What a site has under these names already is left as it is. */
  async function saveBesides({ name, autoinstall }: Profile, breed: string) {
    const { profiles, classes } = besides(name, breed, autoinstall, newUid)
    const [children, made]: [Profile[], string[]] = [[], []]
    for (const profile of profiles) {
      const before = catalog.get('profile', profile.name)
      if (!before) made.push(`profile ${profile.name}`)
      children.push(before ?? (await catalog.save('profile', profile)))
    }
    for (const one of classes) {
      if (catalog.get('mgmtclass', one.name)) continue
      await catalog.save('mgmtclass', one)
      made.push(`mgmtclass ${one.name}`)
    }
    return { children, made }
  }

  /** Whole or not at all: all bytes are on the disk before the first file takes its name. */
  async function copy(folder: string, sources: readonly Source[], read: Read): Promise<void> {
    const draft = `${folder}/.next`
    try {
      for (const { path, file } of sources) {
        await writeBelow(bootRoot, `${draft}/${file}`, Readable.from(bytesOf(path, read), { objectMode: false }))
      }
      for (const { file } of sources) await renameBelow(bootRoot, `${draft}/${file}`, `${folder}/${file}`)
    } finally {
      await removeBelow(bootRoot, draft)
    }
  }

  function distroOf(request: ImportRequest, { root, tree }: Found, checksums: Record<string, string>): Distro {
    const before = catalog.get('distro', request.name) ?? { ...emptyItem('distro', newUid()), name: request.name }
    const note = tree.note === undefined ? undefined : readNote(tree.note, readTextBelow(root, tree.note) ?? '')
    const path = (file: string) => resolve(bootRoot, 'images', request.name, lastOf(file))
    return {
      ...before,
      kernel: path(tree.kernel),
      initrd: path(tree.initrd),
      arch: request.arch ?? tree.arch ?? note?.arch ?? before.arch,
      breed: request.breed ?? note?.breed ?? before.breed,
      osVersion: request.osVersion ?? note?.osVersion ?? before.osVersion,
      kernelOptions: request.kernelOptions ?? before.kernelOptions,
      checksums,
    }
  }

  /** @param flavor for a profile that is new */
  function profileOf({ name, autoinstall }: ImportRequest, flavor: string | undefined): Profile {
    const known = catalog.get('profile', name)
    const before = known ?? { ...emptyItem('profile', newUid()), name }
    return { ...before, distro: name, autoinstall: autoinstall ?? (known ? undefined : flavor) ?? before.autoinstall }
  }

  async function saveIfNew<Type extends 'distro' | 'profile'>(
    type: Type,
    item: Parameters<typeof catalog.save<Type>>[1],
  ): Promise<{ item: Parameters<typeof catalog.save<Type>>[1]; changed: boolean }> {
    if (isDeepStrictEqual(catalog.get(type, item.name), item)) return { item, changed: false }
    return { item: await catalog.save(type, item), changed: true }
  }
}

function listFiles(path: string): string[] {
  try {
    return listBelow(path)
  } catch (cause) {
    throw new OrchestraError('content.invalid', `${path} cannot be read: ${String(cause)}`, { cause })
  }
}

interface Source {
  readonly path: string
  /** The name that it gets. */
  readonly file: string
}

/** Hears of bytes that were read. @throws when nobody wants any more */
type Read = (bytes: number) => void

/** All is read twice: to know it, and to copy it. */
async function counted(sources: readonly Source[], watch: ImportWatch): Promise<{ bytes: number; read: Read }> {
  let [bytes, done] = [0, 0]
  for (const { path } of sources) {
    const file = await openRegular(path)
    bytes += file?.size ?? 0
    await file?.close()
  }
  return {
    bytes,
    read(count) {
      watch.signal.throwIfAborted()
      done += count
      watch.progress(done, 2 * bytes)
    },
  }
}

async function* bytesOf(path: string, read: Read): AsyncGenerator<Buffer> {
  const file = await openRegular(path)
  if (!file) throw new OrchestraError('content.invalid', `${path} went away while it was imported`)
  for await (const part of file.stream()) {
    read(part.length)
    yield part
  }
}

async function checksum(path: string, read: Read): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of bytesOf(path, read)) hash.update(part)
  return hash.digest('hex')
}

async function all<One>(ones: readonly One[], isSo: (one: One) => Promise<boolean>): Promise<boolean> {
  for (const one of ones) if (!(await isSo(one))) return false
  return true
}

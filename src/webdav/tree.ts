/**
 * The store's files and folders: `webdav/` of the data directory, and beside it a folder for what is not whole yet. What
 * is made, replaced or removed appears and goes in one step. Who may is not asked here.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { makePrivateFolder, type OpenFile, removeBelow } from '../lib/files.ts'
import {
  copyFileBelow,
  type Entry,
  entriesBelow,
  freeBytes,
  isOneFileSystem,
  lookBelow,
  makeFolderBelow,
  moveBelow,
  openEntryBelow,
  receiveBelow,
} from '../lib/folders.ts'
import { nameOf } from './path.ts'

export interface Node {
  readonly path: string
  /** What is `other` cannot be read, listed or written into. */
  readonly kind: Entry['kind']
  readonly size: number
  readonly mtime: number
  readonly made: number
  /** Strong, with its quotes; folders have none. */
  readonly etag: string | undefined
}

/** Something whole that is not in the tree yet, or not any more. */
export interface Draft {
  readonly name: string
  /** Bytes of all its files. */
  readonly size: number
}

export interface Tree {
  look(path: string): Promise<Node | undefined>
  /** What can be listed in a folder, in order. */
  list(path: string): Promise<Node[]>
  /** Where a file or a folder is on the disk, for whoever reads there; undefined: there is none. */
  onDisk(path: string): Promise<string | undefined>
  /** A file and what it is at this moment. */
  open(path: string): Promise<(Node & { readonly file: OpenFile }) | undefined>
  /** All bytes to a file of their own; nothing stays when they break off. */
  receive(chunks: AsyncIterable<Uint8Array>): Promise<Draft>
  /** A copy of a file or a folder, not in the tree yet. @param shallow a folder without what is in it */
  copy(path: string, shallow: boolean): Promise<Draft>
  makeFolder(path: string): Promise<void>
  /** Takes it out of the tree in one step; `discard` is what takes the time. */
  takeOut(path: string): Promise<Draft>
  /** Puts a draft into the tree in one step, over a file that is there. */
  place(draft: Draft, path: string): Promise<void>
  discard(draft: Draft): Promise<void>
  /** In one step, over a file that is there. */
  move(from: string, to: string): Promise<void>
  /** Bytes of all files at or below. */
  measure(path: string): Promise<number>
  freeBytes(): Promise<number>
}

const DRAFTS = 'webdav-uploads'

/** @throws Error when the folders cannot be made, or a rename cannot lead from one to the other */
export async function openTree(data: string): Promise<Tree> {
  const [root, drafts] = [join(data, 'webdav'), join(data, DRAFTS)]
  // What a daemon that was killed left half.
  await removeBelow(data, DRAFTS)
  for (const folder of [drafts, join(root, 'formulas')]) makePrivateFolder(folder)
  if (!(await isOneFileSystem(root, drafts))) {
    throw new Error(`${root} is on another file system than ${data}: mount one for the whole data directory`)
  }
  return treeAt(root, drafts)
}

function treeAt(root: string, drafts: string): Tree {
  const tree: Tree = {
    async look(path) {
      const entry = await lookBelow(root, path)
      return entry && nodeOf(path, entry)
    },

    async list(path) {
      const entries = await entriesBelow(root, path)
      return entries
        .map((entry) => nodeOf(path === '' ? entry.name : `${path}/${entry.name}`, entry))
        .filter(({ kind }) => kind !== 'other')
    },

    async onDisk(path) {
      const node = await tree.look(path)
      return node === undefined || node.kind === 'other' ? undefined : join(root, path)
    },

    async open(path) {
      const entry = await openEntryBelow(root, path)
      return entry && { ...nodeOf(path, entry), file: entry.file }
    },

    async receive(chunks) {
      const name = randomUUID()
      return { name, size: await receiveBelow(drafts, name, chunks) }
    },

    async copy(path, shallow) {
      const name = randomUUID()
      try {
        return { name, size: await copyInto(path, name, shallow) }
      } catch (error) {
        await removeBelow(drafts, name)
        throw error
      }
    },

    makeFolder: (path) => makeFolderBelow(root, path),

    async takeOut(path) {
      const name = randomUUID()
      const size = await tree.measure(path)
      await moveBelow(root, path, drafts, name)
      return { name, size }
    },

    place: ({ name }, path) => moveBelow(drafts, name, root, path),
    discard: ({ name }) => removeBelow(drafts, name),
    move: (from, to) => moveBelow(root, from, root, to),

    async measure(path) {
      const entry = await lookBelow(root, path)
      if (entry?.kind !== 'folder') return entry?.kind === 'file' ? entry.size : 0
      let size = 0
      for (const node of await tree.list(path)) size += node.kind === 'file' ? node.size : await tree.measure(node.path)
      return size
    },

    freeBytes: () => freeBytes(root),
  }

  async function copyInto(path: string, draft: string, shallow: boolean): Promise<number> {
    const node = await tree.look(path)
    if (node?.kind === 'file') {
      await copyFileBelow(root, path, drafts, draft)
      return node.size
    }
    await makeFolderBelow(drafts, draft)
    if (shallow) return 0
    let size = 0
    for (const inside of await tree.list(path)) {
      size += await copyInto(inside.path, `${draft}/${nameOf(inside.path)}`, false)
    }
    return size
  }

  return tree
}

function nodeOf(path: string, { kind, size, mtime, made, mark }: Entry): Node {
  return { path, kind, size, mtime, made, etag: kind === 'file' ? `"${mark}"` : undefined }
}

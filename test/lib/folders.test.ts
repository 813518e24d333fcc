import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  copyFileBelow,
  entriesBelow,
  freeBytes,
  isOneFileSystem,
  lookBelow,
  makeFolderBelow,
  moveBelow,
  openEntryBelow,
  receiveBelow,
} from '../../src/lib/folders.ts'

let folder: string
let root: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-folders-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'sub'), { recursive: true })
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside', 'secret'), 'secret')
  writeFileSync(join(root, 'sub', 'file'), 'hello')
  symlinkSync(join(folder, 'outside'), join(root, 'out'))
  symlinkSync('sub', join(root, 'in'))
  symlinkSync('file', join(root, 'sub', 'link'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function* chunks(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part)
}

describe('a tree in which others write', () => {
  test('is what it is, links and all', async () => {
    expect(await lookBelow(root, '')).toMatchObject({ kind: 'folder' })
    expect(await lookBelow(root, 'sub/file')).toMatchObject({ kind: 'file', size: 5 })
    expect(await lookBelow(root, 'out')).toMatchObject({ kind: 'other' })
    expect(await lookBelow(root, 'no')).toBeUndefined()
    expect((await entriesBelow(root, 'sub')).map(({ name, kind }) => [name, kind])).toEqual([
      ['file', 'file'],
      ['link', 'other'],
    ])
    expect(await entriesBelow(root, 'sub/file')).toEqual([])
  })

  test.each(['out/secret', 'in/file', 'sub/link', '../outside/secret', 'sub/../sub/file', '/etc/passwd', 'sub\0'])(
    'opens nothing by %j',
    async (path) => {
      expect(await openEntryBelow(root, path)).toBeUndefined()
    },
  )

  test('opens a file with the mark of what was opened', async () => {
    const opened = await openEntryBelow(root, 'sub/file')
    writeFileSync(join(root, 'sub', 'new'), 'other')
    await moveBelow(root, 'sub/new', root, 'sub/file')
    expect((await lookBelow(root, 'sub/file'))?.mark).not.toBe(opened?.mark)
    expect(opened && (await text(opened.file.stream()))).toBe('hello')
  })

  test.each(['out/x', 'in/x', '../x', 'no/x', '/x'])('writes nothing to %j', async (path) => {
    await expect(makeFolderBelow(root, path)).rejects.toThrow(/not a path below/)
    await expect(receiveBelow(root, path, chunks('x'))).rejects.toThrow(/not a path below/)
    await expect(moveBelow(root, 'sub/file', root, path)).rejects.toThrow(/not a path below/)
    await expect(copyFileBelow(root, 'sub/file', root, path)).rejects.toThrow(/not a path below/)
    expect(readdirSync(folder).sort()).toEqual(['outside', 'root'])
    expect(readdirSync(join(folder, 'outside'))).toEqual(['secret'])
  })

  test('receives all of a file, or nothing of it', async () => {
    const large = 'x'.repeat(700_000)
    expect(await receiveBelow(root, 'new', chunks('a', large, 'b', large, ''))).toBe(1_400_002)
    expect(readFileSync(join(root, 'new'), 'utf8')).toBe(`a${large}b${large}`)
    const broken = async function* () {
      yield Buffer.from('half')
      throw new Error('gone')
    }
    await expect(receiveBelow(root, 'half', broken())).rejects.toThrow('gone')
    expect(await lookBelow(root, 'half')).toBeUndefined()
    await expect(receiveBelow(root, 'new', chunks('again'))).rejects.toThrow(/EEXIST/)
  })

  test('is on one file system with its neighbor, and has room', async () => {
    expect(await isOneFileSystem(root, folder)).toBe(true)
    expect(await isOneFileSystem(root, '/proc')).toBe(false)
    expect(await freeBytes(root)).toBeGreaterThan(0)
  })
})

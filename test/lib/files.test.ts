/** The jail of lib/files.ts against a real folder with real links: what is below the root, and what only looks like it. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import {
  fileExists,
  isPlainPath,
  listBelow,
  makePrivateFolder,
  openBelow,
  openRegular,
  readTextBelow,
  realFile,
  removeBelow,
  writeBelow,
} from '../../src/lib/files.ts'

let folder: string
let root: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-files-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'sub'), { recursive: true })
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(root, 'hello'), 'hello world')
  writeFileSync(join(root, 'sub/deep'), 'deep')
  writeFileSync(join(folder, 'outside/secret'), 'secret')
  symlinkSync('sub/deep', join(root, 'link-inside'))
  symlinkSync('../outside/secret', join(root, 'link-outside'))
  symlinkSync('../outside', join(root, 'folder-outside'))
  symlinkSync('loop', join(root, 'loop'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function content(path: string): Promise<string | undefined> {
  const file = await openBelow(root, path)
  return file && text(file.stream())
}

const OUTSIDE = [
  '../outside/secret',
  'sub/../../outside/secret',
  '..',
  '.',
  '',
  './hello',
  'sub//deep',
  'hello/',
  'sub/..',
  '..\\outside\\secret',
  'sub\\deep',
  'hello\0.txt',
  'link-outside',
  'folder-outside/secret',
  'loop',
  'missing',
  'hello/under-a-file',
  'sub',
  'x'.repeat(5000),
]

describe('a file below a root', () => {
  test('is opened with its size and its bytes at any offset', async () => {
    const file = await openBelow(root, 'hello')
    if (!file) throw new Error('not there')
    expect([file.size, file.path]).toEqual([11, join(root, 'hello')])
    expect(file.mtime).toBeGreaterThan(1e12)
    const into = new Uint8Array(8)
    expect(await file.read(into, 6)).toBe(5)
    expect(Buffer.from(into.subarray(0, 5)).toString()).toBe('world')
    expect(await file.read(into, 11)).toBe(0)
    await file.close()
  })

  test('streams whole and in part', async () => {
    expect(await content('hello')).toBe('hello world')
    const file = await openBelow(root, 'hello')
    expect(file && (await text(file.stream({ start: 6, end: 8 })))).toBe('wor')
  })

  test('may be a link to another one inside', async () => {
    expect(await content('link-inside')).toBe('deep')
  })

  test.each(OUTSIDE.map((path) => [path.slice(0, 40), path]))('%j is not there', async (_, path) => {
    expect(await openBelow(root, path)).toBeUndefined()
    expect(readTextBelow(root, path)).toBeUndefined()
  })

  test('is not there when the root itself is not', async () => {
    expect(await openBelow(join(folder, 'no-root'), 'hello')).toBeUndefined()
    expect(readTextBelow(join(folder, 'no-root'), 'hello')).toBeUndefined()
    expect(listBelow(join(folder, 'no-root'))).toEqual([])
  })

  test('is found below a root that is a link', async () => {
    symlinkSync('root', join(folder, 'alias'))
    expect(readTextBelow(join(folder, 'alias'), 'sub/deep')).toBe('deep')
    expect(await openBelow(join(folder, 'alias'), 'sub/deep').then((file) => file && text(file.stream()))).toBe('deep')
  })

  test('whatever path is asked for, only files of the root are opened', async () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      'sub',
      'deep',
      'hello',
      'folder-outside',
      'secret',
      'link-outside',
      'outside',
      '\0',
      '/',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const file = await openBelow(root, parts.join('/'))
        if (!file) return
        expect(await text(file.stream())).not.toBe('secret')
        expect(file.path.startsWith(`${root}/`)).toBe(true)
      }),
    )
  })

  test('a pipe is no file, and asking for one does not wait for a writer', async () => {
    await exec('mkfifo', [join(root, 'pipe')])
    expect(await openBelow(root, 'pipe')).toBeUndefined()
    expect(await openRegular(join(root, 'pipe'))).toBeUndefined()
  })
})

describe('a path that an administrator has set', () => {
  test('is opened when it is a regular file, wherever it is', async () => {
    const file = await openRegular(join(root, 'link-outside'))
    expect(file && (await text(file.stream()))).toBe('secret')
  })

  test('is not there when it is a folder or missing', async () => {
    expect(await openRegular(root)).toBeUndefined()
    expect(await openRegular(join(root, 'missing'))).toBeUndefined()
  })

  test('is resolved to its real place', () => {
    expect(realFile(join(root, 'link-inside'))).toBe(join(root, 'sub/deep'))
    expect(realFile(root)).toBeUndefined()
    expect(realFile(join(root, 'loop'))).toBeUndefined()
    expect([fileExists(join(root, 'hello')), fileExists(root)]).toEqual([true, false])
  })
})

describe('a list', () => {
  test('names the files at any depth in order, and none that a link leads to', () => {
    expect(listBelow(root)).toEqual(['hello', 'sub/deep'])
    expect(listBelow(root, 'sub')).toEqual(['sub/deep'])
  })

  test.each(['..', '../outside', '/etc', 'folder-outside', 'missing', 'hello', 'nul\0'])('of %j is empty', (path) => {
    expect(listBelow(root, path)).toEqual([])
  })
})

describe('a write', () => {
  test('makes the folders that are missing and leaves nothing but the file', async () => {
    await writeBelow(root, 'a/b/c.txt', 'one', 0o600)
    expect(readFileSync(join(root, 'a/b/c.txt'), 'utf8')).toBe('one')
    expect(readdirSync(join(root, 'a/b'))).toEqual(['c.txt'])
    expect(statSync(join(root, 'a/b/c.txt')).mode & 0o777).toBe(0o600)
  })

  test('takes text, bytes and streams', async () => {
    await writeBelow(root, 'bytes', Uint8Array.of(1, 2, 3))
    await writeBelow(root, 'stream', Readable.from([Buffer.from('ab'), Buffer.from('c')]))
    expect([...readFileSync(join(root, 'bytes'))]).toEqual([1, 2, 3])
    expect(readFileSync(join(root, 'stream'), 'utf8')).toBe('abc')
  })

  test('that breaks off leaves the old file and no draft', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half')
        throw new Error('gone')
      })(),
    )
    await expect(writeBelow(root, 'hello', broken)).rejects.toThrow('gone')
    expect(readFileSync(join(root, 'hello'), 'utf8')).toBe('hello world')
    expect(readdirSync(root).filter((name) => name.includes('part'))).toEqual([])
  })

  test('of one path twice at once leaves one of the two, whole', async () => {
    const [one, two] = ['1'.repeat(3_000_000), '2'.repeat(2_000_000)]
    await Promise.all([writeBelow(root, 'both', one), writeBelow(root, 'both', two)])
    expect([one.length, two.length]).toContain(readFileSync(join(root, 'both')).length)
    expect(new Set(readFileSync(join(root, 'both'), 'utf8')).size).toBe(1)
  })

  test('never follows a link out of the root', async () => {
    await expect(writeBelow(root, 'folder-outside/new', 'x')).rejects.toThrow()
    await expect(removeBelow(root, 'folder-outside/secret')).rejects.toThrow()
    expect(readdirSync(join(folder, 'outside'))).toEqual(['secret'])
    // A link at the place itself is replaced, not followed.
    await writeBelow(root, 'link-outside', 'new')
    expect(readFileSync(join(folder, 'outside/secret'), 'utf8')).toBe('secret')
  })

  test.each(['', '..', '../x', '/etc/x', 'a/../../x', 'a\\b', 'x\0'])('to %j is refused', async (path) => {
    await expect(writeBelow(root, path, 'x')).rejects.toThrow('not a path below the root')
    await expect(removeBelow(root, path)).rejects.toThrow('not a path below the root')
  })

  test('can be undone, a folder as well as a file', async () => {
    await removeBelow(root, 'sub')
    await removeBelow(root, 'link-outside')
    await removeBelow(root, 'missing')
    expect(listBelow(root)).toEqual(['hello'])
    expect(fileExists(join(folder, 'outside/secret'))).toBe(true)
  })
})

describe('a plain path', () => {
  test('has ordinary names and single slashes, nothing else', () => {
    expect(['a', 'a/b', '..a', 'a..', '...', 'a b', 'é'].filter((path) => !isPlainPath(path))).toEqual([])
    expect(['', '/', '/a', 'a/', 'a//b', '.', 'a/.', '..', '../a', 'a/..', 'a\\b', 'a\0'].filter(isPlainPath)).toEqual(
      [],
    )
  })
})

describe('a private folder', () => {
  test('may be entered by this user only', async () => {
    makePrivateFolder(join(folder, 'p/q'))
    expect(statSync(join(folder, 'p/q')).mode & 0o777).toBe(0o700)
  })

  test('cannot be made where a file is', () => {
    expect(() => makePrivateFolder(join(root, 'hello'))).toThrow(/EEXIST/)
  })
})

test('a big file streams without being held', async () => {
  writeFileSync(join(root, 'big'), Buffer.alloc(5_000_000, 7))
  const file = await openBelow(root, 'big')
  const all = file && (await buffer(file.stream()))
  expect(all?.length).toBe(5_000_000)
})

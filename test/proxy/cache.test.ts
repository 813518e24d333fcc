/** The cache on a real disk: what is whole is found, what is old goes first, and what was broken off is swept away. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Cache, openCache } from '../../src/proxy/cache.ts'
import { fixedClock } from '../support/store.ts'

let root: string
let clock: ReturnType<typeof fixedClock>
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orchestra-cache-'))
  // Near the time that the disk has.
  clock = fixedClock(Date.now())
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const MB = 1024 * 1024
const open = (mostBytes = 10 * MB) => openCache({ root, mostBytes, clock })
const url = (name: string) => `http://mirror/pool/${name}`

async function put(cache: Cache, name: string, size: number): Promise<boolean> {
  clock.advance(1000)
  const draft = await cache.begin({ url: url(name), length: size, headers: { etag: `"${name}"` } })
  if (!draft) return false
  await draft.append(Buffer.alloc(size, name))
  await draft.keep()
  await draft.close()
  return true
}

async function read(cache: Cache, name: string): Promise<string | undefined> {
  const file = await cache.open(url(name))
  if (!file) return undefined
  const bytes = Buffer.alloc(file.length)
  await file.read(bytes, 0)
  await file.close()
  return bytes.toString()
}

const files = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

describe('a file', () => {
  test('is found when it is whole, also after a restart', async () => {
    const cache = await open()
    expect(await read(cache, 'a')).toBeUndefined()
    await put(cache, 'a', 5)
    expect(await read(cache, 'a')).toBe('aaaaa')
    const again = await open()
    expect(again.has(url('a'))).toBe(true)
    expect(await read(again, 'a')).toBe('aaaaa')
    const file = await again.open(url('a'))
    expect(file?.facts.headers).toEqual({ etag: '"a"' })
    await file?.close()
    expect(again.size()).toBe(cache.size())
  })

  test('can be read while it grows, and is not found before', async () => {
    const cache = await open()
    const draft = await cache.begin({ url: url('a'), length: 6, headers: {} })
    await draft?.append(Buffer.from('abc'))
    const bytes = Buffer.alloc(3)
    expect(await draft?.read(bytes, 0)).toBe(3)
    expect(bytes.toString()).toBe('abc')
    expect(cache.has(url('a'))).toBe(false)
    await draft?.append(Buffer.from('def'))
    await draft?.keep()
    expect(await read(cache, 'a')).toBe('abcdef')
    expect(await draft?.read(bytes, 3)).toBe(3)
    expect(bytes.toString()).toBe('def')
    await draft?.close()
  })

  test('that was given up leaves nothing behind', async () => {
    const cache = await open()
    const draft = await cache.begin({ url: url('a'), length: 6, headers: {} })
    await draft?.append(Buffer.from('abc'))
    await draft?.discard()
    await draft?.close()
    expect(files()).toEqual([])
    expect(cache.size()).toBe(0)
  })

  test('that a dead daemon left half is swept away', async () => {
    const cache = await open()
    await put(cache, 'a', 5)
    const draft = await cache.begin({ url: url('b'), length: 6, headers: {} })
    await draft?.append(Buffer.from('bbb'))
    expect(files()).toHaveLength(2)
    const again = await open()
    expect(files()).toHaveLength(1)
    expect(await read(again, 'b')).toBeUndefined()
    await draft?.close()
  })

  test.each([
    ['is cut', (path: string) => truncateSync(path, 40)],
    ['is another', (path: string) => writeFileSync(path, 'not ours at all')],
    ['is gone', (path: string) => rmSync(path)],
  ])('that %s is as good as none', async (_, harm) => {
    const cache = await open()
    await put(cache, 'a', 500)
    const [entry] = files()
    if (!entry) throw new Error('nothing was kept')
    harm(join(entry.parentPath, entry.name))
    expect(await read(cache, 'a')).toBeUndefined()
    expect(cache.size()).toBe(0)
    await put(cache, 'a', 500)
    expect(await read(cache, 'a')).toBe('a'.repeat(500))
  })

  test('of another address in its place is none', async () => {
    const cache = await open()
    await put(cache, 'a', 5)
    await put(cache, 'b', 5)
    const [one, other] = files().map((entry) => join(entry.parentPath, entry.name))
    if (!one || !other) throw new Error('nothing was kept')
    const [text] = [await read(cache, 'a')]
    expect(text).toBe('aaaaa')
    copyFileSync(one, other)
    expect([await read(cache, 'a'), await read(cache, 'b')].filter((found) => found === undefined)).toHaveLength(1)
  })
})

describe('room', () => {
  test('is made by what was not used for longest', async () => {
    const cache = await open(3 * MB + 100_000)
    for (const name of ['a', 'b', 'c']) await put(cache, name, MB)
    await read(cache, 'a')
    await put(cache, 'd', MB)
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.has(url(name)))).toEqual(['a', 'c', 'd'])
    expect(files()).toHaveLength(3)
    expect(cache.size()).toBeLessThanOrEqual(3 * MB + 100_000)
  })

  test('is made by the same after a restart', async () => {
    const first = await open()
    for (const name of ['a', 'b', 'c']) await put(first, name, MB)
    clock.advance(120_000)
    await read(first, 'a')
    // Written behind: seen when the file's time has changed.
    const isTouched = () =>
      files().some((entry) => Math.abs(statSync(join(entry.parentPath, entry.name)).mtimeMs - clock.now()) < 2)
    while (!isTouched()) await new Promise((next) => setImmediate(next))
    const again = await open(2 * MB + 100_000)
    expect(['a', 'b', 'c'].filter((name) => again.has(url(name)))).toEqual(['a', 'c'])
  })

  test('is not made for what is larger than all of it', async () => {
    const cache = await open(MB)
    await put(cache, 'a', 1000)
    expect(await put(cache, 'b', 2 * MB)).toBe(false)
    expect(cache.has(url('a'))).toBe(true)
    expect(await (await open(0)).begin({ url: url('c'), length: 1, headers: {} })).toBeUndefined()
  })

  test('is counted for what is on its way', async () => {
    const cache = await open(2 * MB)
    const one = await cache.begin({ url: url('a'), length: 1.5 * MB, headers: {} })
    expect(await cache.begin({ url: url('b'), length: MB, headers: {} })).toBeUndefined()
    await one?.discard()
    await one?.close()
    expect(await put(cache, 'b', MB)).toBe(true)
  })

  test('is asked for by what does not say how long it is, as it comes', async () => {
    const cache = await open(MB)
    await put(cache, 'a', MB / 2)
    const draft = await cache.begin({ url: url('b'), length: undefined, headers: {} })
    for (let i = 0; i < 7; i++) await draft?.append(Buffer.alloc(MB / 8))
    expect(cache.has(url('a'))).toBe(false)
    await expect(draft?.append(Buffer.alloc(MB / 4))).rejects.toThrow(/no room/)
    await draft?.discard()
    await draft?.close()
    expect(cache.size()).toBe(0)
  })
})

test('a disk that takes nothing makes nothing worse: nothing is kept for a while', async () => {
  const cache = await open()
  writeFileSync(join(root, 'drafts'), 'a file where a folder should be')
  expect(await put(cache, 'a', 5)).toBe(false)
  rmSync(join(root, 'drafts'))
  mkdirSync(join(root, 'drafts'))
  expect(await put(cache, 'a', 5)).toBe(false)
  clock.advance(60_000)
  expect(await put(cache, 'a', 5)).toBe(true)
})

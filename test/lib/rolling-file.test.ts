/** A file that keeps the last of what never ends. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { rollBelow } from '../../src/lib/rolling-file.ts'

const root = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('keeps at least so much, at most twice as much, and answers the end of it', async () => {
  const file = rollBelow(root, 'a/log', 1000)
  let all = ''
  for (let line = 0; line < 500; line++) {
    all += `line ${line}\n`
    await file.append(Buffer.from(`line ${line}\n`))
  }
  expect((await file.tail(1000)).toString()).toBe(all.slice(-1000))
  expect((await file.tail(7)).toString()).toBe(all.slice(-7))
  const kept = (await file.tail(1_000_000)).toString()
  expect(all.endsWith(kept)).toBe(true)
  expect(kept.length).toBeGreaterThanOrEqual(1000)
  expect(kept.length).toBeLessThanOrEqual(2000)
  await file.append(Buffer.alloc(5000, 'x'))
  expect((await file.tail(1_000_000)).length).toBeLessThanOrEqual(2000)
  expect(statSync(join(root, 'a/log')).mode & 0o777).toBe(0o600)
})

test('goes on after a restart with what was there', async () => {
  await rollBelow(root, 'b', 100).append(Buffer.from('before '))
  const file = rollBelow(root, 'b', 100)
  await file.append(Buffer.from('after'))
  expect((await file.tail(100)).toString()).toBe('before after')
})

test('is empty when nothing was written, and when it was removed', async () => {
  const file = rollBelow(root, 'c', 10)
  expect((await file.tail(10)).length).toBe(0)
  await file.append(Buffer.alloc(20))
  await file.append(Buffer.alloc(20))
  await file.remove()
  expect((await file.tail(10)).length).toBe(0)
  expect(readdirSync(root)).not.toContain('c.old')
})

test('is nowhere but below its root', () => {
  expect(() => rollBelow(root, '../c', 10)).toThrow('not a path below the root')
})

/** Secrets: that they are unlike each other, typable, and that only the right one opens. */
import { describe, expect, test } from 'vitest'
import { hashPassword, hashToken, newPassword, newToken, newUid, verifyPassword } from '../../src/lib/secret.ts'

describe('what is made up', () => {
  test('is never the same twice', () => {
    for (const make of [newToken, newUid, newPassword]) {
      expect(new Set(Array.from({ length: 200 }, make)).size).toBe(200)
    }
  })

  test('has the promised shape', () => {
    expect(newToken()).toMatch(/^[\w-]{43}$/)
    expect(newUid()).toMatch(/^[0-9a-f]{32}$/)
    // No l, o, I, O, 0 or 1: they are read wrongly from a screen.
    expect(newPassword()).toMatch(/^[a-km-np-zA-HJ-NP-Z2-9]{20}$/)
  })
})

describe('a password', () => {
  test('is known again by its hash, and no other is', async () => {
    const hash = await hashPassword('correct horse')
    expect(await verifyPassword('correct horse', hash)).toBe(true)
    for (const wrong of ['', 'correct horse ', 'Correct horse', 'correct', 'x'.repeat(10_000)]) {
      expect(await verifyPassword(wrong, hash)).toBe(false)
    }
  })

  test('is salted and never in its hash', async () => {
    const [one, two] = [await hashPassword('same'), await hashPassword('same')]
    expect(one).not.toBe(two)
    expect(one).not.toContain('same')
  })

  test('typed with composed or decomposed accents is the same', async () => {
    expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true)
  })

  test.each(['', 'plain', 'md5$1$2$3$4$5', 'scrypt$16384$8$1$', 'scrypt$16384$8$1$AAAA$'])(
    'opens nothing with the hash %j',
    async (hash) => {
      expect(await verifyPassword('', hash)).toBe(false)
      expect(await verifyPassword('plain', hash)).toBe(false)
    },
  )
})

test('a token hash is the same each time and unlike the token', () => {
  const token = newToken()
  expect(hashToken(token)).toBe(hashToken(token))
  expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/)
})

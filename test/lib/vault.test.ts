import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openVault, vaultOf } from '../../src/lib/vault.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-vault-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a vault', () => {
  test('gives back what it has sealed, whatever the text', () => {
    const vault = vaultOf(randomBytes(32))
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => vault.open(vault.seal(text)) === text))
  })

  test('does not open what another has sealed, what was changed, or what is no seal', () => {
    const vault = vaultOf(randomBytes(32))
    const sealed = vault.seal('hunter2')
    const other = sealed.endsWith('A') ? 'B' : 'A'
    expect(vaultOf(randomBytes(32)).open(sealed)).toBeUndefined()
    expect(vault.open(`${sealed.slice(0, 10)}${sealed[10] === 'x' ? 'y' : 'x'}${sealed.slice(11)}`)).toBeUndefined()
    for (const text of ['', 'v1.', `v1.${other}`, 'hunter2', sealed.slice(3)]) expect(vault.open(text)).toBeUndefined()
  })

  test('keeps its key in a file of its owner, and finds it again', async () => {
    const sealed = (await openVault(folder)).seal('hunter2')
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
    expect((await openVault(folder)).open(sealed)).toBe('hunter2')
  })

  test('refuses a key file that is none, rather than making another', async () => {
    writeFileSync(join(folder, 'key'), 'short')
    await expect(openVault(folder)).rejects.toThrow(/no key of 32 bytes/)
  })
})

/**
 * Secrets at rest: sealed with a key that lies in a file of its own, so that a copy of the database alone tells nothing.
 * AES-256-GCM (NIST SP 800-38D) with a random nonce for each.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readTextBelow, writeBelow } from './files.ts'

export interface Vault {
  /** `v1.<base64url>`; two seals of one text differ. */
  seal(text: string): string
  /** Undefined for what this vault has not sealed. */
  open(sealed: string): string | undefined
}

/** What every sealed text begins with. */
export const SEALED = 'v1.'
const NONCE = 12
const TAG = 16

/** Reads the key file `key` of a folder, and makes it (mode 0600) when there is none. @throws Error when it is no key */
export async function openVault(folder: string): Promise<Vault> {
  let text = readTextBelow(folder, 'key')
  if (text === undefined) {
    text = `${randomBytes(32).toString('base64url')}\n`
    await writeBelow(folder, 'key', text, 0o600)
  }
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== 32) throw new Error(`${folder}/key is no key of 32 bytes; put the one back that was made with it`)
  return vaultOf(key)
}

/** @param key 32 bytes */
export function vaultOf(key: Buffer): Vault {
  return {
    seal(text) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },

    open(sealed) {
      const bytes = Buffer.from(sealed.slice(SEALED.length), 'base64url')
      if (!sealed.startsWith(SEALED) || bytes.length < NONCE + TAG) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
      decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}

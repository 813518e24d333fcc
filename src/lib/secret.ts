/** Secrets: made, hashed and compared. scrypt and SHA-256 from Node's own crypto. */
import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'

/** 256 random bits as 43 letters, digits, `-` and `_`. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A uid: 32 hexadecimal digits. */
export function newUid(): string {
  return randomBytes(16).toString('hex')
}

/** From 0 to 1. */
export function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

/** A password that a person can type: 20 characters without look-alikes, about 110 bits. */
export function newPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  let password = ''
  while (password.length < 20) {
    for (const byte of randomBytes(32)) {
      // Bytes past the last whole multiple would favor the first letters.
      if (byte < 224 && password.length < 20) password += letters.charAt(byte % letters.length)
    }
  }
  return password
}

/** Tokens are random enough that a plain hash keeps them. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

const COST = { N: 16384, r: 8, p: 1 }

/** `scrypt$N$r$p$salt$key`, base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$')
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = hash.split('$')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const wanted = Buffer.from(key, 'base64')
  const given = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

/** HA1 of HTTP Digest with MD5 (RFC 7616 section 3.4.2): as good as the password there, so it is kept sealed. */
export function digestHa1(user: string, realm: string, password: string): string {
  return createHash('md5').update(`${user}:${realm}:${password}`).digest('hex')
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

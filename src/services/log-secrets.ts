/** What must not be read in a machine's log: the passwords that we know it by, and whatever looks like one. */
import type { Json } from '../lib/json.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { INHERIT, type Options } from '../model/item.ts'
import type { System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'

export const MASK = '********'
/** Names of ks_meta under which people keep secrets. */
const SECRET_NAME = /pass(w|phrase|$|[_-])|secret|token|^USER_DATA_BASE64$/i
/** A shorter one would be found in every other word. */
const SHORTEST = 5
/** Hashes of crypt(3), user and password in a URL, and a token for metadata (the kernel logs its command line). */
const LOOKS_SECRET =
  /\$(?:1|2[abxy]|5|6|7|y|gy)\$[./A-Za-z0-9$=,]{8,}|(?<=:\/\/)[^\s/@:]{1,255}:[^\s/@]{1,255}(?=@)|(?<=\/metadata\/)[\w-]{43}/g

/** @param uid of the system that said it */
export type MaskSecrets = (uid: string, message: string) => string

export interface MaskSecretsOptions {
  readonly catalog: Pick<Catalog, 'byUid' | 'changes'>
  readonly blendSystem: (system: System) => Blend | Unresolved
}

export function createMaskSecrets({ catalog, blendSystem }: MaskSecretsOptions): MaskSecrets {
  // By uid: asked for with every line, and changed a few times a day.
  let known = new Map<string, readonly string[]>()
  let madeAt = -1

  function secretsOf(uid: string): readonly string[] {
    if (madeAt !== catalog.changes()) known = new Map()
    madeAt = catalog.changes()
    const before = known.get(uid)
    if (before) return before
    const system = catalog.byUid('system', uid)
    const secrets = system ? findSecrets(system, blendSystem(system)) : []
    known.set(uid, secrets)
    return secrets
  }

  return (uid, message) => masked(message, secretsOf(uid))
}

/** A word that long may be a script with a password in it. */
const BASE64_WORD = /[A-Za-z0-9+/]{40,}={0,2}/g

/** For texts that a machine is sent: what is encoded in them is looked into as well. */
export function textMask(system: System | undefined, blend: Blend | Unresolved): (text: string) => string {
  const secrets = findSecrets(system, blend)
  return (text) =>
    masked(text, secrets).replace(BASE64_WORD, (word) => {
      const plain = Buffer.from(word, 'base64').toString()
      return masked(plain, secrets) === plain ? word : MASK
    })
}

function masked(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), message).replace(LOOKS_SECRET, MASK)
}

function findSecrets(system: System | undefined, blend: Blend | Unresolved): string[] {
  const { meta = INHERIT, power } = system ?? {}
  const levels: readonly Options[] = [meta === INHERIT ? {} : meta, blend.ok ? blend.meta : {}]
  const values = levels.flatMap((level) =>
    Object.entries(level).flatMap(([name, value]) => (SECRET_NAME.test(name) ? textsOf(value) : [])),
  )
  // Base64 is broken into lines by those who make it, and whole where it is written.
  const whole = values.map((text) => text.replace(/\s+/g, ''))
  const secrets = [power?.pass ?? '', ...values, ...whole].filter((text) => text.length >= SHORTEST)
  // The longest first: one may be part of another.
  return [...new Set(secrets)].sort((one, other) => other.length - one.length)
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return Array.isArray(value) ? value.flatMap(textsOf) : []
}

/** What ks_meta says about the first boot: user data, instance id, account. Checked here, carried on as it is. */
import type { Json } from '../lib/json.ts'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { System } from '../model/system.ts'
import { checkedServer, type HostName } from './names.ts'
import { quoteForYaml } from './template.ts'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** USER_DATA_BASE64 in one word; it is never decoded here. Empty when there is none. @throws OrchestraError item.invalid */
export function userDataOf(blend: Blend): string {
  // Old clients break their base64 into lines.
  const text = wordOf(blend, 'USER_DATA_BASE64').replace(/\s+/g, '')
  if (!BASE64.test(text)) throw refuse(blend, 'USER_DATA_BASE64', 'is not base64')
  return text
}

/** What cloud-init knows an installation by. */
export function instanceIdOf(blend: Blend): string {
  return wordOf(blend, 'MACHINE_ID') || blend.system?.uid || blend.profile.uid
}

/** cloud-init's meta-data. A machine id "0" stays a string. */
export function metaDataOf(blend: Blend, { host }: HostName): string {
  return `instance-id: ${quoteForYaml(instanceIdOf(blend))}\nlocal-hostname: ${quoteForYaml(host)}`
}

/** What an installed system calls once it is up. */
export function readyUrlOf({ server }: Pick<Blend, 'server'>, { name }: Pick<System, 'name'>): string {
  return `http://${checkedServer(server)}/cblr/svc/op/trig/mode/firstboot/system/${name}`
}

/** cloud-init calls home as its last act; user data that has a phone_home of its own wins over this one. */
export function vendorDataOf(url: string): string {
  return `#cloud-config\nphone_home:\n  url: ${quoteForYaml(url)}\n  post: [instance_id, hostname]\n  tries: 10`
}

export interface Account {
  readonly name: string
  /** A crypt(3) hash, or `!`: no password opens it. */
  readonly password: string
  /** One key a line. */
  readonly keys: string
}

/** Nobody is let in by default: an account is made for a password hash or for keys, never for nothing. */
export function accountOf(blend: Blend): Account | undefined {
  const password = wordOf(blend, 'password_crypted')
  const keys = keysOf(blend).join('\n')
  if (password === '' && keys === '') return undefined
  if (password !== '' && !/^\$[A-Za-z0-9]+\$[^\s:]+$/.test(password)) {
    throw refuse(blend, 'password_crypted', 'is no password hash (mkpasswd -m sha-512 makes one)')
  }
  const name = wordOf(blend, 'username') || blend.distro.breed
  if (!/^[a-z][-a-z0-9_]{0,31}$/.test(name)) throw refuse(blend, 'username', 'is no user name for an installer')
  return { name, password: password || '!', keys }
}

/** Public keys of whoever may log in. */
export function keysOf(blend: Blend): string[] {
  const value = blend.meta['ssh_authorized_keys'] ?? ''
  const keys = (Array.isArray(value) ? value : [value]) as readonly Json[]
  return keys.map((key) => (typeof key === 'string' ? key.trim() : '')).filter((key) => key !== '')
}

/** A number is as good as its digits: old clients' types are loose. */
export function wordOf(blend: Blend, key: string): string {
  const value = blend.meta[key] ?? ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw refuse(blend, key, 'is no text')
}

function refuse({ system, profile }: Blend, key: string, because: string): OrchestraError {
  const whose = system ? `system ${system.name}` : `profile ${profile.name}`
  return new OrchestraError('item.invalid', `${whose}: ${key} ${because}`, { field: 'meta' })
}

/** A whole XML-RPC server over an in-memory database, called through its bytes. Only the preseeds are made up. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { readTextBelow } from '../../src/lib/files.ts'
import { createLog } from '../../src/lib/log.ts'
import { hashPassword, newUid } from '../../src/lib/secret.ts'
import { vaultOf } from '../../src/lib/vault.ts'
import { blendProfile, blendSystem } from '../../src/model/blend.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { PowerState } from '../../src/model/power.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { System } from '../../src/model/system.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import { type Acquire, createAcquire } from '../../src/services/acquire.ts'
import { type Auth, openAuth } from '../../src/services/auth.ts'
import { type Catalog, openCatalog } from '../../src/services/catalog.ts'
import { type Cobbler, openCobbler } from '../../src/services/cobbler.ts'
import { createImport } from '../../src/services/import.ts'
import { createInstall } from '../../src/services/install.ts'
import { type Journal, openJournal } from '../../src/services/journal.ts'
import { createPower } from '../../src/services/power.ts'
import { openDb } from '../../src/store/db.ts'
import { insertUser } from '../../src/store/users.ts'
import { decodeAnswer } from '../../src/xmlrpc/codec.ts'
import { type AnswerXmlRpc, type AskXmlRpc, createXmlRpc } from '../../src/xmlrpc/dispatch.ts'
import { encodeCall as callText } from '../../src/xmlrpc/encode.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import { testVault } from '../support/store.ts'

export interface TestServer {
  readonly acquire: Acquire
  /** Why a machine is broken, by its name. */
  readonly broken: Map<string, string>
  readonly answer: AnswerXmlRpc
  readonly ask: AskXmlRpc
  readonly cobbler: Cobbler
  readonly journal: Journal
  /** The data directory; removed in the end. */
  readonly data: string
  readonly catalog: Catalog
  readonly auth: Auth
  readonly clock: { at: number; now(): number }
  /** What was asked of machines: `node1 on`. */
  readonly powered: string[]
  /** The value of an answer; rejects with the text of a fault. */
  call(method: string, ...args: Value[]): Promise<Value>
  /** The text of the fault that a call is answered with. */
  fault(method: string, ...args: Value[]): Promise<string>
  /** A token of the admin. */
  login(): Promise<string>
}

export const PAIRS = [
  { available: 'orchestra-juju-available', acquired: 'orchestra-juju-acquired' },
  { available: 'foo-available', acquired: 'foo-acquired' },
]
export const USER = 'admin'
export const PASSWORD = 'a-password-for-tests'
const HASH = hashPassword(PASSWORD)

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

export async function aServer(settings: { anonymousReads?: boolean } = {}): Promise<TestServer> {
  const log = createLog('silent', 'json')
  const db = await openDb(':memory:')
  const clock = { at: Date.UTC(2026, 10, 22, 21, 56, 53), now: () => clock.at }
  const data = mkdtempSync(join(tmpdir(), 'orchestra-xmlrpc-'))
  folders.push(data)
  const journal = await openJournal({ db, clock, log })
  const { record } = journal
  const broken = new Map<string, string>()
  const custody = { pairs: PAIRS, brokenBecause: ({ name }: System) => broken.get(name) }
  const catalog = await openCatalog({ vault: testVault, db, clock, newUid, record, custody })
  await insertUser(db, { name: USER, role: 'admin', hash: await HASH, digest: '' })
  await insertUser(db, { name: 'looker', role: 'viewer', hash: await HASH, digest: '' })
  await insertUser(db, { name: 'worker', role: 'operator', hash: await HASH, digest: '' })
  const admin = { user: USER, password: PASSWORD }
  const auth = await openAuth({ db, clock, vault: vaultOf(randomBytes(32)), admin, tellPassword: () => {} })
  const powered: string[] = []
  const power = createPower({
    findSystem: (name) => catalog.get('system', name),
    drivers: [fakeDriver(powered)],
    exec,
    clock,
    record,
    log,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal, ref: false }),
    makeId: newUid,
  })
  const parents = {
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  const defaults = {
    server: '10.77.0.1:8080',
    autoinstall: 'default.seed',
    nameServers: [],
    nameServersSearch: [],
    owners: [],
  }
  const preseed = async (type: 'system' | 'profile', name: string) => {
    if (name === 'broken') throw new OrchestraError('template.invalid', 'default.seed line 3: unknown name "x"')
    if (!catalog.get(type, name)) throw new OrchestraError('item.missing', `unknown ${type} name ${name}`)
    return `d-i ${type}/name string ${name}\n`
  }
  const blended = {
    blendSystem: (system: System) => blendSystem(system, parents, defaults),
    blendProfile: (profile: Profile) => blendProfile(profile, parents, defaults),
  }
  const acquire = createAcquire({ db, catalog, clock, power, ...blended })
  const template = (path: string) => readTextBelow(resolve(import.meta.dirname, '../../templates'), path)
  const shared = {
    catalog,
    log,
    domain: 'lab',
    template,
    preseed: () => undefined,
    uploaded: () => undefined,
    ...blended,
  }
  const install = createInstall({
    ...shared,
    ...{ ...parents, record },
    system: (name) => catalog.get('system', name),
    known: (system) => ({ system, blend: blended.blendSystem(system) }),
    save: (system) => catalog.save('system', system),
  })
  const bootRoot = join(data, 'boot')
  const importTree = createImport({ catalog, newUid, bootRoot, scratch: join(data, 'scratch'), exec, log })
  const cobbler = await openCobbler({
    ...{ ...shared, data, bootRoot, journal, clock, subnets: 1 },
    loaders: { bios: 'pxelinux', uefi: 'grub' },
  })
  const { answer, ask } = createXmlRpc({
    ...{ catalog, auth, power, cobbler, ...blended },
    install: {
      ...install,
      systemPreseed: (name) => preseed('system', name),
      profilePreseed: (name) => preseed('profile', name),
    },
    importTree: (request) => importTree(request),
    settings: { anonymousReads: settings.anonymousReads ?? true, httpServer: '10.77.0.1:8080', dhcp: true, dns: false },
    clock,
    log,
    newUid,
  })

  const call = async (method: string, ...args: Value[]): Promise<Value> => {
    const xml = [...(await answer(encodeCall(method, args), '127.0.0.1'))].join('')
    return readAnswer(xml)
  }
  return {
    ...{ acquire, broken, answer, ask, catalog, auth, clock, powered, call, cobbler, journal, data },
    fault: async (method, ...args) => {
      const outcome = await call(method, ...args).then(
        (value) => ({ value }),
        (error: Error) => error.message,
      )
      if (typeof outcome !== 'string') throw new Error(`no fault, but ${JSON.stringify(outcome.value)}`)
      return outcome
    },
    login: async () => String(await call('login', USER, PASSWORD)),
  }
}

export function encodeCall(method: string, args: readonly Value[]): Uint8Array {
  return Buffer.from(callText(method, args))
}

/** @throws Error with the fault's text */
export function readAnswer(xml: string): Value {
  const answer = decodeAnswer(Buffer.from(xml))
  if (!answer.ok) throw new Error(answer.fault)
  return answer.value
}

function fakeDriver(powered: string[]): PowerDriver {
  const states = new Map<string, PowerState>()
  return {
    type: 'fake',
    can: ['on', 'off', 'reboot', 'state'],
    async act({ name, power }, action) {
      if (power.address === 'dead') throw new OrchestraError('power.failed', `no answer from ${name}`)
      powered.push(`${name} ${action}`)
      states.set(name, action === 'off' ? 'off' : 'on')
    },
    state: async ({ name }) => states.get(name) ?? 'off',
  }
}

/** A distro, a profile and as many systems as are named, written through the interface itself. */
export async function furnish(server: TestServer, token: string, ...systems: string[]): Promise<void> {
  const { call } = server
  const distro = await call('new_distro', token)
  for (const [field, value] of [
    ['name', 'trixie-x86_64'],
    ['kernel', '/srv/trixie/linux'],
    ['initrd', '/srv/trixie/initrd.gz'],
  ] as const) {
    await call('modify_distro', distro, field, value, token)
  }
  await call('save_distro', distro, token)
  const profile = await call('new_profile', token)
  await call('modify_profile', profile, 'name', 'trixie', token)
  await call('modify_profile', profile, 'distro', 'trixie-x86_64', token)
  await call('save_profile', profile, token)
  const group = await call('new_mgmtclass', token)
  await call('modify_mgmtclass', group, 'name', 'available', token)
  await call('save_mgmtclass', group, token)
  for (const name of systems) {
    const system = await call('new_system', token)
    await call('modify_system', system, 'name', name, token)
    await call('modify_system', system, 'profile', 'trixie', token)
    await call('save_system', system, token)
  }
}

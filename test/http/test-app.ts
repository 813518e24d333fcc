/** The whole application over real services in memory, with one user per role and a power driver that is a variable. */
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../../src/http/app.ts'
import type { Every } from '../../src/lib/clock.ts'
import { hashPassword, newUid } from '../../src/lib/secret.ts'
import { type BlendDefaults, blendProfile, blendSystem, type Parents } from '../../src/model/blend.ts'
import type { Lease } from '../../src/model/lease.ts'
import type { PowerState } from '../../src/model/power.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import { openAuth, type Role } from '../../src/services/auth.ts'
import { openCatalog } from '../../src/services/catalog.ts'
import type { ImportRequest, ImportTree } from '../../src/services/import.ts'
import type { Install } from '../../src/services/install.ts'
import type { InstallStatus } from '../../src/services/install-status.ts'
import { openJournal } from '../../src/services/journal.ts'
import { createPower } from '../../src/services/power.ts'
import { openDb } from '../../src/store/db.ts'
import { insertUser } from '../../src/store/users.ts'
import { addProfile, fixedClock, silentLog } from '../support/store.ts'

export const PASSWORD = 'correct horse battery staple'

const hash = hashPassword(PASSWORD)

const defaults: BlendDefaults = {
  server: '10.0.0.2',
  autoinstall: 'default.seed',
  nameServers: [],
  nameServersSearch: [],
  owners: ['admin'],
}

export async function testApp() {
  const db = await openDb(':memory:')
  const clock = fixedClock()
  for (const role of ['viewer', 'operator', 'admin'])
    await insertUser(db, { name: role, role, hash: await hash, digest: '' })
  const admin = { user: 'admin', password: undefined }
  const auth = await openAuth({ db, clock, admin, tellPassword: () => {} })
  const journal = await openJournal({ db, clock, log: silentLog })
  const catalog = await openCatalog({ db, clock, newUid, record: journal.record })
  await addProfile(catalog)

  const machine = { state: 'off' as PowerState, fails: false }
  const driver: PowerDriver = {
    type: 'test',
    can: ['on', 'off', 'reboot', 'state'],
    async act(_target, action) {
      if (machine.fails) throw new Error('the outlet is on fire')
      machine.state = action === 'off' ? 'off' : 'on'
    },
    state: async () => machine.state,
  }
  const power = createPower({
    findSystem: (name) => catalog.get('system', name),
    drivers: [driver],
    exec: async () => '',
    clock,
    record: journal.record,
    log: silentLog,
    wait: waitOnlyToBeStopped,
    makeId: newUid,
  })

  const logged: unknown[] = []
  const log = { ...quiet, error: (...line: unknown[]) => void logged.push(line) }
  const leases: Lease[] = []
  const imports: ImportRequest[] = []
  const importTree: ImportTree = async (request) => {
    imports.push(request)
    const [distro, profile] = [catalog.draft('distro'), catalog.draft('profile')]
    return { distro, profile, files: {}, changed: imports.length === 1, because: `imported ${request.name}` }
  }
  const advice: string[] = []
  const statuses: InstallStatus[] = []
  const parents: Parents = {
    profile: (name) => catalog.get('profile', name),
    distro: (name) => catalog.get('distro', name),
  }
  const beats = new Set<() => void>()
  const every: Every = (_milliseconds, tick) => {
    beats.add(tick)
    return () => void beats.delete(tick)
  }
  const app = buildApp({
    version: '1.2.3',
    catalog,
    auth,
    power,
    journal,
    leases: () => leases,
    importTree,
    advice: () => advice,
    statuses: () => statuses,
    blendSystem: (system) => blendSystem(system, parents, defaults),
    blendProfile: (profile) => blendProfile(profile, parents, defaults),
    every,
    log,
    boot: { bootFiles: { open: async () => undefined } },
    install: { install: noInstall },
    xmlrpc: { answerXmlRpc: async () => ['<methodResponse/>'] },
    cblr: {
      ...{ clock, systemByMac: catalog.systemByMac, systemAt: catalog.systemByIp },
      ask: async () => null,
      bootFiles: { open: async () => undefined },
      install: { systemPreseed: async () => '' },
    },
  })

  /** `GET /healthz` and so on, as they are registered. */
  const routes = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.add(`${one} ${url}`)
  })
  await app.ready()

  const tokens = new Map<Role, string>()
  const tokenOf = async (role: Role) => {
    const token = tokens.get(role) ?? (await auth.login(role, PASSWORD, '127.0.0.1'))
    tokens.set(role, token)
    return token
  }
  /** One call as the user of that role; the answer's JSON typed by whoever asks. */
  const as = async (role: Role, method: NonNullable<InjectOptions['method']>, url: string, payload?: object) =>
    app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${await tokenOf(role)}` },
      ...(payload && { payload }),
    })
  const close = async () => {
    await app.close()
    power.stop()
    await journal.flushed()
    await db.destroy()
  }
  return {
    app,
    routes,
    as,
    tokenOf,
    catalog,
    journal,
    clock,
    machine,
    leases,
    imports,
    advice,
    statuses,
    logged,
    beats,
    close,
  }
}

export type TestApp = Awaited<ReturnType<typeof testApp>>

export async function listen(app: FastifyInstance): Promise<string> {
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

/** Deadlines never come here; a task that polls would hang, and none does: the machine obeys at once. */
function waitOnlyToBeStopped(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  if (milliseconds < 5_000) return Promise.resolve()
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

const noInstall: Install = {
  systemPreseed: async () => '',
  profilePreseed: async () => '',
  disableNetboot: async () => false,
  trigger: async () => false,
  progress: async () => false,
}

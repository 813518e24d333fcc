/** The whole application over real services in memory, with one user per role and a power driver that is a variable. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../../src/http/app.ts'
import type { Every } from '../../src/lib/clock.ts'
import type { Exec } from '../../src/lib/exec.ts'
import type { Log } from '../../src/lib/log.ts'
import { rollBelow } from '../../src/lib/rolling-file.ts'
import { hashPassword, newUid } from '../../src/lib/secret.ts'
import { openTerminal } from '../../src/lib/terminal-program.ts'
import { vaultOf } from '../../src/lib/vault.ts'
import { type BlendDefaults, blendProfile, blendSystem, type Parents } from '../../src/model/blend.ts'
import type { Lease } from '../../src/model/lease.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { System } from '../../src/model/system.ts'
import { waitsOf } from '../../src/model/verdict-waits.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import { createAcquire } from '../../src/services/acquire.ts'
import { createAudit } from '../../src/services/audit.ts'
import { openAuth, type Role } from '../../src/services/auth.ts'
import type { BootFiles } from '../../src/services/boot-files.ts'
import { createBulk } from '../../src/services/bulk.ts'
import { openCatalog } from '../../src/services/catalog.ts'
import { createConsoles } from '../../src/services/console.ts'
import type { SessionTimes } from '../../src/services/console-session.ts'
import { watchForeignDhcp } from '../../src/services/foreign-dhcp.ts'
import { createImports } from '../../src/services/imports.ts'
import { openInstallLog } from '../../src/services/install-log.ts'
import type { InstallStatus } from '../../src/services/install-status.ts'
import { openJobs } from '../../src/services/jobs.ts'
import { openJournal } from '../../src/services/journal.ts'
import { keptAnswers } from '../../src/services/kept-answers.ts'
import { createMachines } from '../../src/services/machines.ts'
import { createMetrics } from '../../src/services/metrics.ts'
import { createNetworks } from '../../src/services/networks.ts'
import { createPower } from '../../src/services/power.ts'
import { createPowerHands, type PowerCall } from '../../src/services/power-hands.ts'
import { openSentPreseeds } from '../../src/services/sent-preseeds.ts'
import { openStandings } from '../../src/services/standing.ts'
import { openTraces } from '../../src/services/trace.ts'
import { createUnknownMachines } from '../../src/services/unknown-machines.ts'
import { openDb } from '../../src/store/db.ts'
import { insertUser } from '../../src/store/users.ts'
import type { WebDav } from '../../src/webdav/handle.ts'
import { addProfile, fixedClock, silentLog, testVault } from '../support/store.ts'
import { testTemplates } from '../support/templates.ts'
import { noInstall, testImports, testMachine, waitOnlyToBeStopped } from './test-driven.ts'
import { testExplain } from './test-explain.ts'
import { testNetwork, testSettings } from './test-site.ts'

export const PASSWORD = 'correct horse battery staple'

const hash = hashPassword(PASSWORD)
/** Holds no built console: what is served of one is for the tests in a browser. */
const UI = import.meta.dirname

const defaults: BlendDefaults = {
  server: '10.0.0.2',
  autoinstall: 'default.seed',
  nameServers: [],
  nameServersSearch: [],
  owners: ['admin'],
}

/** @param more a store; power drivers beside the variable, and how fast consoles are tried again */
export async function testApp(
  more: {
    readonly webdav?: WebDav
    readonly drivers?: readonly PowerDriver[]
    readonly exec?: Exec
    readonly consoleTimes?: Partial<SessionTimes>
    readonly bootFiles?: BootFiles
    readonly log?: Log
  } = {},
) {
  const { webdav } = more
  const db = await openDb(':memory:')
  const clock = fixedClock()
  for (const role of ['viewer', 'operator', 'admin'])
    await insertUser(db, { name: role, role, hash: await hash, digest: '' })
  const admin = { user: 'admin', password: undefined }
  const auth = await openAuth({ db, clock, vault: vaultOf(randomBytes(32)), admin, tellPassword: () => {} })
  const journal = await openJournal({ db, clock, log: silentLog })
  const pairs = [{ available: 'foo-available', acquired: 'foo-acquired' }]
  const broken = new Map<string, string>()
  const custody = { pairs, brokenBecause: ({ name }: System) => broken.get(name) }
  const catalog = await openCatalog({ vault: testVault, db, clock, newUid, record: journal.record, custody })
  await addProfile(catalog)

  const { machine, driver } = testMachine()
  const metrics = createMetrics({ journal, powerStates: () => [machine.state], consoles: () => consoles.open() })
  const findSystem = (name: string) => catalog.get('system', name)
  const hand = {
    ...{
      findSystem,
      drivers: [driver, ...(more.drivers ?? [])],
      exec: more.exec ?? (async () => ''),
      clock,
      log: silentLog,
    },
    ...{ wait: waitOnlyToBeStopped, observe: (call: PowerCall) => metrics.observeCall(call) },
  }
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
  const consoles = createConsoles({
    ...{ findSystem, hands: createPowerHands(hand), journal, openTerminal, log: silentLog },
    systemByUid: (uid) => catalog.byUid('system', uid),
    recording: (uid) => rollBelow(folder, `consoles/${uid}`, 512 * 1024),
    wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
    times: { linger: 0, ...more.consoleTimes },
  })
  const power = createPower({
    ...hand,
    record: journal.record,
    makeId: newUid,
    observeTask: (type, task) => metrics.observeTask(type, task),
    onTask: (task) => jobs.noteTask(task),
  })

  const logged: unknown[] = []
  const log = more.log ?? { ...quiet, error: (...line: unknown[]) => void logged.push(line) }
  const leases: Lease[] = []
  const { imports, importTree } = testImports(catalog)
  const installLog = await openInstallLog({ db, clock, log: silentLog, keepLines: 100, mask: (_uid, text) => text })
  const minutes = { acquired: 900_000, booting: 900_000, installing: 7_200_000, installed: 1_800_000 }
  const standings = await openStandings({
    ...{ db, journal, catalog, clock, log: silentLog, every: () => () => {} },
    limits: { ...minutes, installs: 3 },
    pairs,
  })
  const traces = await openTraces({
    ...{ db, clock, log: silentLog, waits: waitsOf(1), systemByMac: catalog.systemByMac, macAt: () => undefined },
    systemByName: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
  })
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
  const blended = {
    blendSystem: (system: System) => blendSystem(system, parents, defaults),
    blendProfile: (profile: Profile) => blendProfile(profile, parents, defaults),
  }
  const network = testNetwork()
  const networks = createNetworks({
    ...{ ...network, clock, leases: () => leases, systems: () => catalog.list('system') },
    foreign: watchForeignDhcp({ clock, record: journal.record, isOwn: (ip) => network.own.includes(ip) }),
  })
  const own = testSettings(clock)
  const kept = keptAnswers(db, clock)
  const acquire = createAcquire({ db, catalog, clock, power, ...blended })
  const jobs = await openJobs({ db, clock, log, record: journal.record, newId: newUid, power })
  const unknownMachines = createUnknownMachines({
    db,
    traces,
    catalog,
    leaseOf: (mac) => leases.find((one) => one.mac === mac),
  })
  const machines = createMachines({
    ...{ catalog, standings, power, traces, clock, ...blended, unknownMachines: unknownMachines.count },
    leasedTo: (mac) => leases.find((lease) => lease.mac === mac)?.ip,
  })
  const audit = createAudit({ db, clock, log: silentLog })
  auth.onRefused((user, peer) => void audit.record({ user, peer, door: 'login', action: 'login', outcome: 'denied' }))
  const site = testTemplates({ db, clock, catalog, record: journal.record })
  const sentPreseeds = openSentPreseeds({ db, clock, log: silentLog, bootOf: async () => 7 })
  const app = buildApp({
    templates: site.templates,
    audit,
    kept: { ...kept, keep: (asker, asked, answer) => kept.put(db, asker, asked, answer) },
    acquire,
    jobs,
    bulk: createBulk({ catalog, power, acquire, standings, jobs, clock, log, ...blended }),
    machines,
    version: '1.2.3',
    catalog,
    auth,
    consoles,
    power,
    metrics,
    journal,
    leases: () => leases,
    imports: createImports({ importTree, jobs, storePath: webdav?.onDisk }),
    ...(webdav && { store: { webdav, access: async () => ({ ok: true, user: 'anybody' }), log } }),
    installLog,
    advice: () => advice,
    statuses: () => statuses,
    explain: testExplain(catalog, blended),
    sentPreseeds,
    standings,
    traces,
    unknownMachines,
    networks,
    external: (kind) => `${kind}\n`,
    ...own.doors,
    ...blended,
    every,
    log,
    boot: { bootFiles: more.bootFiles ?? { open: async () => undefined } },
    ui: { folder: UI, page: () => '<script src="/ui/assets/a.js" nonce="__NONCE__"></script>' },
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
    await jobs.stop()
    await consoles.stop()
    rmSync(folder, { recursive: true, force: true })
    power.stop()
    await standings.stop()
    await journal.flushed()
    await installLog.flushed()
    await traces.flushed()
    await sentPreseeds.settled()
    await db.destroy()
    site.close()
    own.remove()
  }
  return {
    app,
    routes,
    as,
    tokenOf,
    catalog,
    journal,
    jobs,
    machines,
    installLog,
    traces,
    sentPreseeds,
    consoles,
    auth,
    audit,
    clock,
    machine,
    broken,
    leases,
    imports,
    advice,
    statuses,
    logged,
    beats,
    site,
    network,
    env: own.env,
    restart: own.restart,
    close,
  }
}

export type TestApp = Awaited<ReturnType<typeof testApp>>

export async function listen(app: FastifyInstance): Promise<string> {
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

/** The services, tied to each other by functions: store → catalog, logins, leases → boot files, installs, power. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { BootPolicy, Known } from '../boot/decide.ts'
import type { Settings } from '../config-schema.ts'
import type { KeptRequests } from '../http/idempotency.ts'
import type { WebDavRoutesOptions } from '../http/routes/webdav.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import { exec } from '../lib/exec.ts'
import { isProgram, readTextBelow } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import type { HostAddress } from '../lib/network.ts'
import { chance, newUid } from '../lib/secret.ts'
import { openVault } from '../lib/vault.ts'
import { asIpv4 } from '../model/address.ts'
import { asIpv6, type Ipv6 } from '../model/address6.ts'
import {
  type Blend,
  type BlendDefaults,
  blendProfile,
  blendSystem,
  type Parents,
  type Unresolved,
} from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { PowerState } from '../model/power.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import { POWER_DRIVERS } from '../power/drivers/index.ts'
import { siteDrivers } from '../power/drivers/site.ts'
import { type Acquire, createAcquire } from '../services/acquire.ts'
import { type Audit, createAudit } from '../services/audit.ts'
import { type Auth, openAuth } from '../services/auth.ts'
import { bootFileSearch } from '../services/boot-file-search.ts'
import { type BootFiles, createBootFiles } from '../services/boot-files.ts'
import { type Catalog, openCatalog } from '../services/catalog.ts'
import { type Cobbler, openCobbler } from '../services/cobbler.ts'
import type { Consoles } from '../services/console.ts'
import { type ForeignDhcp, watchForeignDhcp } from '../services/foreign-dhcp.ts'
import { createImport } from '../services/import.ts'
import type { Install } from '../services/install.ts'
import { type InstallLog, markBoots, openInstallLog } from '../services/install-log.ts'
import { type Journal, openJournal } from '../services/journal.ts'
import { keptAnswers } from '../services/kept-answers.ts'
import { type Leases, openLeases } from '../services/leases.ts'
import { createMaskSecrets } from '../services/log-secrets.ts'
import type { Metadata } from '../services/metadata.ts'
import { createMetrics, type Metrics } from '../services/metrics.ts'
import { createPower, type Power } from '../services/power.ts'
import type { PowerHandsNeeds } from '../services/power-hands.ts'
import { hearMachines } from '../services/power-heard.ts'
import { pollPower } from '../services/power-poll.ts'
import { openStandings, type Standings } from '../services/standing.ts'
import { attentionOf, limitsOf } from '../services/standing-facts.ts'
import type { Templates } from '../services/templates.ts'
import type { Traces } from '../services/trace.ts'
import { createUnknownMachines, type UnknownMachines } from '../services/unknown-machines.ts'
import { startWebhooks } from '../services/webhooks.ts'
import type { Db } from '../store/db.ts'
import { openConsoles } from './consoles.ts'
import { enlistProfile } from './enlist-profile.ts'
import { type Installs, openInstalls } from './installs.ts'
import { macsAt, type NodeUrl } from './links.ts'
import { type LongTasks, openLongTasks } from './long-tasks.ts'
import { openMetadata } from './metadata.ts'
import { openStore } from './store.ts'
import { siteTemplates } from './templates.ts'
import { traceNotes } from './trace-notes.ts'
import { openBootTraces } from './traces.ts'

export interface Services extends LongTasks {
  readonly acquire: Acquire
  readonly audit: Audit
  readonly auth: Auth
  readonly bootFiles: BootFiles
  readonly catalog: Catalog
  readonly cobbler: Cobbler
  readonly consoles: Consoles
  readonly install: Install
  readonly installs: Installs
  readonly installLog: InstallLog
  readonly journal: Journal
  readonly kept: KeptRequests
  readonly leases: Leases
  /** Undefined: the metadata service is off. */
  readonly metadata: Metadata | undefined
  readonly metrics: Metrics
  readonly power: Power
  readonly standings: Standings
  readonly templates: Templates
  readonly traces: Traces
  readonly unknownMachines: UnknownMachines
  readonly foreign: ForeignDhcp
  /** The WebDAV store; undefined: off. */
  readonly store: WebDavRoutesOptions | undefined
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** The domain of names without one; empty: none. */
  readonly domain: string
}

export interface Needs {
  readonly db: Db
  readonly settings: Settings
  readonly log: Log
  readonly addresses: readonly HostAddress[]
  /** Known when the HTTP port is. */
  readonly url: NodeUrl
  /** What installers are told of besides; known when it listens. */
  readonly told: () => Pick<BlendDefaults, 'syslog' | 'proxy'>
  readonly tellPassword: (user: string, password: string) => void
  readonly localToken: string
  readonly onStop: (stop: () => unknown) => void
}

export async function assemble({
  db,
  settings,
  log,
  addresses,
  url,
  told,
  tellPassword,
  localToken,
  onStop,
}: Needs): Promise<Services> {
  const { data, boot, dhcp } = settings
  const domain = dhcp.subnets.find((served) => served.domain !== '')?.domain ?? ''
  const journal = await openJournal({ db, clock, log })
  onStop(() => journal.flushed())
  const { record } = journal
  const vault = await openVault(data).catch((cause: Error) => {
    throw new OrchestraError('config.invalid', cause.message, { cause })
  })
  const catalog = await openCatalog({
    ...{ db, clock, newUid, record, vault },
    custody: { pairs: settings.classes, brokenBecause: (system) => standings.brokenBecause(system) },
  })
  const admin = { user: settings.admin.user, password: settings.admin.password }
  const auth = await openAuth({ db, clock, vault, admin, tellPassword, localToken })
  const audit = createAudit({ db, clock, log, heard: (deed) => traceNotes(traces).deed(deed) })
  onStop(() => audit.flushed())
  auth.onRefused((user, peer) => void audit.record({ user, peer, door: 'login', action: 'login', outcome: 'denied' }))
  const store = await openStore({ db, settings, auth, log })
  const [limits, pairs] = [limitsOf(settings.deadlines), settings.classes]
  const standings = await openStandings({ db, journal, catalog, clock, every, limits, pairs, log })
  onStop(() => standings.stop())
  const { stoppedBecause } = standings

  const profile = (name: string) => catalog.get('profile', name)
  const distro = (name: string) => catalog.get('distro', name)
  const parents: Parents = { profile, distro }
  const defaults = (system?: System, at?: Ipv6): BlendDefaults => ({
    server: url(at ?? (system && leases.addressOf(system))).replace(/^https?:\/\//, ''),
    autoinstall: boot.autoinstall,
    nameServers: [],
    nameServersSearch: domain === '' ? [] : [domain],
    owners: [admin.user],
    ...told(),
  })
  const blended = {
    blendSystem: (system: System, at?: Ipv6) => blendSystem(system, parents, defaults(system, at)),
    blendProfile: (one: Profile) => blendProfile(one, parents, defaults()),
  }
  const known = (system: System, at = ''): Known => {
    const blend = blended.blendSystem(system, asIpv6(at))
    return { system, blend, stopped: stoppedBecause(system) }
  }
  const policy = (): BootPolicy => ({ enlist: enlistProfile(boot.enlist_profile, profile, blended.blendProfile) })

  const ownAddresses = addresses.flatMap(({ address }) => asIpv4(address) ?? [])
  const foreign = watchForeignDhcp({ clock, record, isOwn: (ip) => ownAddresses.includes(ip) })
  const leases = await openLeases({
    db,
    clock,
    subnets: dhcp.subnets,
    ownAddresses,
    systemByMac: catalog.systemByMac,
    systemByIp: catalog.systemByIp,
    known,
    policy,
  })
  onStop(() => leases.settled())
  const macAt = macsAt(leases, catalog)
  const traces = await openBootTraces({ db, settings, clock, log, catalog, journal, macAt, onStop })

  const unknownMachines = createUnknownMachines({ db, traces, catalog, leaseOf: leases.byMac })
  const site = siteTemplates({ data, db, record })
  const bootRoot = join(data, 'boot')
  const { giveToken, answerWith } = await openMetadata({
    ...{ db, settings, clock, log, journal, catalog, leases, domain, onStop },
    ...blended,
  })
  const shared = { known, record, log, domain, giveToken, template: site.template }
  const { note } = traces
  const search = bootFileSearch({ distro, bootRoot })
  const bootFiles = createBootFiles({
    ...shared,
    note,
    systemByMac: catalog.systemByMac,
    policy,
    macAt,
    search,
  })
  const cobbler = await openCobbler({
    ...{ data, bootRoot, catalog, journal, domain, clock, log, ...blended },
    loaders: boot.loaders,
    subnets: dhcp.subnets.length,
    ...{ stoppedBecause, attention: () => standings.list().flatMap(attentionOf) },
    ...site,
  })
  const installs = openInstalls({
    ...{ ...shared, db, clock, catalog, traces, policy, search, onStop },
    ...{ blendProfile: blended.blendProfile, preseed: site.preseed, uploaded: cobbler.texts.autoinstall },
  })
  const { install } = installs
  const templates = site.edit({
    ...{ catalog, files: cobbler.files, defaults, domain, stoppedBecause, ...blended },
    hasMetadata: giveToken !== undefined,
  })
  const mask = createMaskSecrets({ catalog, blendSystem: blended.blendSystem })
  const installLog = await openInstallLog({
    db,
    clock,
    log,
    keepLines: settings.syslog.keep_lines,
    mask,
    heard: traceNotes(traces).syslog,
  })
  onStop(() => installLog.flushed())
  if (settings.syslog.enabled) onStop(markBoots(journal, (name) => catalog.get('system', name)?.uid, installLog.append))
  const importTree = createImport({ catalog, newUid, bootRoot, scratch: join(data, 'scratch'), exec, log })
  const powerStates = () => catalog.list('system').map(({ name }): PowerState => power.last(name)?.state ?? 'unknown')
  const hand: PowerHandsNeeds = {
    findSystem: (name) => catalog.get('system', name),
    drivers: [...siteDrivers(settings.power.drivers, POWER_DRIVERS, isProgram), ...POWER_DRIVERS],
    ...{ exec, clock, log, atOnce: settings.power.at_once },
    readFile: (path) => readTextBelow(data, path),
    wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
    observe: (call) => metrics.observeCall(call),
  }
  const consoles = openConsoles({ hand, data, catalog, journal, log })
  const metrics = createMetrics({ journal, powerStates, consoles: consoles.open })
  const power = createPower({
    ...hand,
    record,
    makeId: newUid,
    observeTask: metrics.observeTask,
    waves: { wave: settings.power.wave, within: settings.power.wave_seconds * 1000 },
    onTask: (task) => tasks.jobs.noteTask(task),
  })
  const acquire = createAcquire({ db, catalog, clock, power, blendSystem: blended.blendSystem })
  const all = { db, log, journal, catalog, power, acquire, standings, traces, leases, store, ...blended }
  const tasks = await openLongTasks({ ...all, ...foreign, unknownMachines, importTree, onStop })
  // After the calls have ended (stops run last to first): controllers have few places for sessions, and get them back.
  onStop(() => Promise.allSettled(POWER_DRIVERS.map((driver) => driver.close?.())))
  onStop(() => power.stop())
  onStop(() => tasks.jobs.stop())
  onStop(() => consoles.stop())
  onStop(hearMachines(journal, power))
  if (settings.power.poll_seconds > 0) {
    const visible = () => catalog.list('system').flatMap(({ name }) => (power.canSee(name) ? [name] : []))
    const interval = settings.power.poll_seconds * 1000
    onStop(pollPower({ ...power, read: power.look, visible, clock, every, random: chance, interval }))
  }
  const kept = keptAnswers(db, clock)
  onStop(
    startWebhooks({
      ...{ db, hooks: settings.webhooks, journal, clock, log },
      wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
    }),
  )
  return {
    ...tasks,
    acquire,
    audit,
    auth,
    bootFiles,
    catalog,
    cobbler,
    consoles,
    install,
    installs,
    installLog,
    journal,
    kept: { ...kept, keep: (asker, asked, answer) => kept.put(db, asker, asked, answer) },
    leases,
    metadata: answerWith(install),
    metrics,
    power,
    standings,
    traces,
    unknownMachines,
    foreign,
    store,
    templates,
    domain,
    ...blended,
  }
}

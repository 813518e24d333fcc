/** The servers, tied to the services by functions: HTTP first, because its port is part of what all others tell. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bootFile } from '../boot/bootfile.ts'
import { externalDhcp } from '../boot/external-dhcp.ts'
import type { Settings } from '../config-schema.ts'
import type { Listen } from '../config-values.ts'
import { startDhcp } from '../dhcp/server.ts'
import { buildApp } from '../http/app.ts'
import type { SettingsRoutesOptions } from '../http/routes/settings.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import { readTextBelow } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { type HostAddress, hostAddresses, mtus } from '../lib/network.ts'
import { newUid } from '../lib/secret.ts'
import { asIpv4 } from '../model/address.ts'
import { asIpv6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import { createGivenIpv6 } from '../services/given-ipv6.ts'
import { startTftp } from '../tftp/server.ts'
import { createXmlRpc } from '../xmlrpc/dispatch.ts'
import type { XmlRpcServices, XmlRpcSettings } from '../xmlrpc/method.ts'
import { arpProbes } from './arp.ts'
import type { Services } from './assemble.ts'
import { tieExplain } from './explain.ts'
import { installerAdvice } from './installer-advice.ts'
import { startIpv6 } from './ipv6.ts'
import { type Link, type NodeUrl, nodeUrl, systemAt } from './links.ts'
import { alsoListenAt, type Link6, servedLinks6 } from './links6.ts'
import { startNameServer } from './name-server.ts'
import { type NetworkParts, openNetworks } from './networks.ts'
import { traceNotes } from './trace-notes.ts'

/** Where everybody listens; undefined or empty: off. */
export interface Listening {
  readonly http: string
  readonly tftp: string | undefined
  readonly dhcp: readonly string[]
  readonly dns: string | undefined
}

export interface ListenNeeds {
  readonly settings: Settings
  readonly log: Log
  readonly version: string
  readonly services: Services
  readonly addresses: readonly HostAddress[]
  /** The interfaces that DHCP serves; none: DHCP is off. */
  readonly links: readonly Link[]
  readonly isRoot: boolean
  readonly settingsDoor: SettingsRoutesOptions
  readonly onStop: (stop: () => unknown) => void
  readonly setUrl: (url: NodeUrl) => void
}

/** What `npm run build` makes of src/ui. */
const CONSOLE = join(import.meta.dirname, '../ui/built')

/** @throws OrchestraError config.invalid: which address cannot be listened on, and why */
export async function listen(needs: ListenNeeds): Promise<Listening> {
  const { settings, addresses, links } = needs
  let url: NodeUrl = () => ''
  let served: readonly Link[] = links
  const networks = openNetworks({ ...needs, links: () => served })
  let tftp: string | undefined
  const http = await startHttp(
    needs,
    () => served,
    networks,
    (at) => url(at),
    () => tftp,
  )
  url = nodeUrl(settings, http.port, links, addresses, hostAddresses('IPv6'))
  needs.setUrl(url)
  const links6 = servedLinks6(settings, links, hostAddresses('IPv6'))
  const given = createGivenIpv6(clock)
  tftp = settings.tftp.enabled ? await startTftpServer(needs, links6) : undefined
  const dns = settings.dns.enabled ? await startNameServer(needs, links6, given) : undefined
  await startIpv6(needs, links6, given, http.port)
  served = await networks.free(links, needs.log)
  const dhcp = served.length > 0 ? await startDhcpServer(needs, served, networks, url) : []
  return { http: `http://${host(http)}`, tftp, dhcp, dns }
}

/** Milliseconds in which what is being answered may come to its end. */
const GRACE = 1000

async function startHttp(
  needs: ListenNeeds,
  served: () => readonly Link[],
  { networks, setup }: NetworkParts,
  url: NodeUrl,
  tftp: () => string | undefined,
): Promise<Listen> {
  const { settings, log, version, services, onStop } = needs
  const { auth, bootFiles, catalog, imports, install, installLog, journal, leases, power } = services
  const importTree: XmlRpcServices['importTree'] = (request, by) => imports.start(request, by).result
  const cobbler = createXmlRpc({
    ...services,
    importTree,
    settings: cobblerSettings(needs, served, url),
    clock,
    log,
    newUid,
  })
  const notes = traceNotes(services.traces)
  const app = buildApp({
    auth,
    audit: services.audit,
    kept: services.kept,
    acquire: services.acquire,
    log,
    version,
    catalog,
    power,
    metrics: services.metrics,
    journal,
    every,
    leases: leases.list,
    imports,
    jobs: services.jobs,
    bulk: services.bulk,
    machines: services.machines,
    installLog,
    templates: services.templates,
    advice: () => [
      ...services.cobbler.advice({ dhcp: served().length > 0, anonymousReads: settings.cobbler.anonymous_reads }),
      ...installerAdvice(settings, url(), services),
    ],
    statuses: services.cobbler.statuses,
    standings: services.standings,
    blendSystem: services.blendSystem,
    blendProfile: services.blendProfile,
    explain: tieExplain({
      ...{ ...services, parts: services.installs.explained },
      ...{ settings, links: served, url, tftp },
    }),
    sentPreseeds: services.installs.sentPreseeds,
    boot: { bootFiles, note: notes.boot },
    install: { install, note: notes.preseed },
    metadata: services.metadata,
    noteMetadata: notes.metadata,
    noteTalk: notes.http,
    traces: services.traces,
    unknownMachines: services.unknownMachines,
    networks,
    external: (kind) =>
      externalDhcp(kind, { http: url(), server: new URL(url()).hostname, loaders: settings.boot.loaders }),
    setup,
    ...needs.settingsDoor,
    consoles: services.consoles,
    xmlrpc: { answerXmlRpc: cobbler.answer },
    store: services.store && { ...services.store, audit: services.audit },
    ui: { folder: CONSOLE, page: () => readTextBelow(CONSOLE, 'index.html') },
    cblr: {
      ...{ ask: cobbler.ask, install, bootFiles, clock, systemByMac: catalog.systemByMac },
      systemAt: (ip) => systemAt(services, ip),
    },
  })
  onStop(async () => {
    // A download of an hour does not hold up a stop: who was cut off asks again.
    const late = setTimeout(() => app.server.closeAllConnections(), GRACE)
    await app.close()
    clearTimeout(late)
  })
  const { address, port } = settings.http.listen
  await bound('http.listen', settings.http.listen, () => app.listen({ host: address, port }))
  const actual = app.server.address()
  return { address, port: typeof actual === 'object' && actual ? actual.port : port }
}

/** What Cobbler's clients are told of us; the URL is known when HTTP listens, which is when somebody can ask. */
function cobblerSettings({ settings }: ListenNeeds, served: () => readonly Link[], url: () => string): XmlRpcSettings {
  return {
    anonymousReads: settings.cobbler.anonymous_reads,
    get httpServer() {
      return url().replace(/^https?:\/\//, '')
    },
    get dhcp() {
      return served().length > 0
    },
    dns: settings.dns.enabled,
  }
}

async function startTftpServer(
  { settings: { tftp }, log, services, onStop }: ListenNeeds,
  links6: readonly Link6[],
): Promise<string> {
  const open = async (path: string, peer: string) => {
    const ip = asIpv4(peer) ?? asIpv6(peer)
    return ip && (await services.bootFiles.open({ path, peer: ip, via: 'tftp' }))
  }
  const { tftp: onTransfer, tftpTalk: onTalk } = traceNotes(services.traces)
  const at = { open, mtuAt: mtus(clock), clock, log, onTransfer, onTalk }
  const server = await bound('tftp.listen', tftp.listen, () => startTftp({ ...at, listen: tftp.listen }))
  onStop(() => server.close())
  for (const one of alsoListenAt(tftp.listen, links6)) {
    const also = await boundInTime('tftp.listen', one, () => startTftp({ ...at, listen: one }))
    onStop(() => also.close())
  }
  return host(server)
}

/** PXE 2.1, section 2.2.4; IANA "altserviceboot". */
const BOOT_SERVER_PORT = 4011

async function startDhcpServer(
  { settings, log, services, onStop }: ListenNeeds,
  links: readonly Link[],
  { seen, isOwnMac }: NetworkParts,
  url: NodeUrl,
): Promise<string[]> {
  const { leases, journal } = services
  const trace = traceNotes(services.traces).dhcp
  const { loaders } = settings.boot
  const arp = arpProbes(log)
  onStop(() => arp.close())
  const server = await startDhcp({
    links,
    bootServerPort: settings.dhcp.subnets.some(({ mode }) => mode === 'proxy') ? BOOT_SERVER_PORT : undefined,
    clock,
    log,
    lookUp(question) {
      const view = leases.lookUp(question)
      const http = url(view.subnet?.subnet.network)
      return { ...view, bootFile: (decision, machine) => bootFile(decision, machine, { http, loaders }) }
    },
    apply: leases.apply,
    note(exchange) {
      trace(exchange)
      seen.exchange(exchange)
    },
    onOffering: seen.offering,
    whoHas: arp.whoHas,
    isOwn: isOwnMac,
    onSeen: (seen) => {
      const { mac, ip } = seen
      if (seen.seen === 'unknown') journal.record('machine.unknown', { mac, ip, asked: seen.asked })
      else
        journal.record('boot.step', {
          mac,
          system: seen.system,
          step: 'address',
          because: seen.because,
        })
    },
  })
  onStop(() => server.close())
  return links.map((link) => `${link.interface} (${link.address})`)
}

export function host({ address, port }: Listen): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Listening fails for three reasons that a person can mend; each is said with the setting that mends it. */
export async function bound<Server>(setting: string, at: Listen, start: () => Promise<Server>): Promise<Server> {
  try {
    return await start()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why: Record<string, string> = {
      EADDRINUSE: 'is in use by another program; stop that, or choose another address or port',
      EACCES: 'is only for root; start as root, or choose a port above 1023',
      EADDRNOTAVAIL: 'is no address of this host; choose one of its own, or 0.0.0.0 for all',
    }
    throw new OrchestraError(
      'config.invalid',
      `${setting}: ${host(at)} ${why[code ?? ''] ?? `cannot be listened on (${message})`}`,
      { cause },
    )
  }
}

/** Milliseconds between two tries, and how often: a network asks for a second whether somebody has a new address (RFC 4862, 5.4). */
const [AGAIN, TRIES] = [250, 20]

/** Of an address that the interface has, but maybe not to use yet. */
export async function boundInTime<Server>(setting: string, at: Listen, start: () => Promise<Server>): Promise<Server> {
  for (let tries = 1; tries < TRIES; tries++) {
    try {
      return await start()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') break
      await wait(AGAIN)
    }
  }
  return bound(setting, at, start)
}

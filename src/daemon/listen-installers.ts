/** The servers that installers are told of besides: syslog and the proxy for packages. HTTP listens already. */
import { join } from 'node:path'
import type { Settings } from '../config-schema.ts'
import type { Listen } from '../config-values.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { HostAddress } from '../lib/network.ts'
import type { BlendDefaults, ToldServer } from '../model/blend.ts'
import { startProxy } from '../proxy/server.ts'
import { startSyslog } from '../syslog/server.ts'
import type { Services } from './assemble.ts'
import { isLoopbackHost, systemAt } from './links.ts'
import { bound, host } from './listen.ts'

export type Told = Pick<BlendDefaults, 'syslog' | 'proxy'>

export interface InstallerNeeds {
  readonly settings: Settings
  readonly log: Log
  readonly services: Services
  readonly addresses: readonly HostAddress[]
  /** What nodes are told to fetch from. */
  readonly url: string
  readonly onStop: (stop: () => unknown) => void
}

export interface InstallerServers {
  readonly listening: { readonly syslog: string | undefined; readonly proxy: string | undefined }
  readonly told: Told
}

/** @throws OrchestraError config.invalid: which address cannot be listened on, and why */
export async function listenForInstallers(needs: InstallerNeeds): Promise<InstallerServers> {
  const { settings, url } = needs
  const syslog = settings.syslog.enabled ? await startSyslogServer(needs) : undefined
  const proxy = settings.proxy.enabled ? await startProxyServer(needs) : undefined
  const other = settings.proxy.url === undefined ? undefined : `${settings.proxy.url}/`
  return {
    listening: { syslog: syslog && host(syslog), proxy: proxy && host(proxy) },
    told: { syslog: syslog && toldServer(syslog, url), proxy: other ?? (proxy && toldServer(proxy, url)) },
  }
}

async function startSyslogServer({ settings, log, services, onStop }: InstallerNeeds): Promise<Listen> {
  const { installLog } = services
  const { listen } = settings.syslog
  const server = await bound('syslog.listen', listen, () =>
    startSyslog({
      listen,
      whose: (ip) => systemAt(services, ip)?.uid,
      keep: installLog.append,
      clock,
      every,
      log,
    }),
  )
  onStop(() => server.close())
  return { address: listen.address, port: server.port }
}

async function startProxyServer({ settings, log, addresses, onStop }: InstallerNeeds): Promise<Listen> {
  const { listen, mirrors, cache_bytes: cacheBytes } = settings.proxy
  const ownAddresses = addresses.map(({ address }) => address)
  const root = join(settings.data, 'proxy')
  const server = await bound('proxy.listen', listen, () =>
    startProxy({ listen, root, cacheBytes, mirrors, ownAddresses, clock, log }),
  )
  onStop(() => server.close())
  return { address: listen.address, port: server.port }
}

/** Undefined: machines could not reach it where it listens. */
export function toldServer({ address, port }: Listen, url: string): ToldServer | undefined {
  if (address === '0.0.0.0' || address === '::') return { host: undefined, port }
  // Installers write `host:port`, and take no brackets.
  if (address.includes(':')) return undefined
  return isLoopbackHost(address) && !isLoopbackHost(new URL(url).hostname) ? undefined : { host: address, port }
}

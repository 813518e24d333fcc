/** Starts the daemon in its order and stops it in the other: lock, store, services, servers, the line that says ready. */
import { join } from 'node:path'
import type { Settings } from '../config-schema.ts'
import type { SettingsRoutesOptions } from '../http/routes/settings.ts'
import { makePrivateFolder, removeBelow, writeBelow } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { hostAddresses } from '../lib/network.ts'
import { OrchestraError } from '../model/errors.ts'
import { lockFolder, openDb } from '../store/db.ts'
import { assemble } from './assemble.ts'
import { fittingLoaders } from './fitting-loaders.ts'
import { dhcpIsOn, type NodeUrl, servedLinks } from './links.ts'
import { listen } from './listen.ts'
import { listenForInstallers, type Told } from './listen-installers.ts'
import type { Ports } from './supervise.ts'

export interface Daemon {
  /** On which ports it listens; undefined: not at all. */
  readonly ports: Ports
  close(): Promise<void>
}

export interface ServeOptions {
  readonly settings: Settings
  readonly log: Log
  readonly version: string
  readonly isRoot: boolean
  readonly tellPassword: (user: string, password: string) => void
  /** For the command line beside the daemon: it outlives a start anew. */
  readonly localToken: string
  readonly settingsDoor: SettingsRoutesOptions
}

/**
 * What was started is stopped again when a later part cannot start.
 * @throws OrchestraError config.invalid: one sentence on what is in the way
 */
export async function serve(options: ServeOptions): Promise<Daemon> {
  const stops: (() => unknown)[] = []
  const close = async () => {
    while (stops.length > 0) await stops.pop()?.()
  }
  try {
    const ports = await start(options, (stop) => void stops.push(stop))
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(options: ServeOptions, onStop: (stop: () => unknown) => void): Promise<Ports> {
  const { log, version, isRoot, tellPassword, localToken, settingsDoor } = options
  const { data, boot } = options.settings
  const usable = (act: () => unknown) => dataPart(data, act)
  await usable(() => makePrivateFolder(data))
  onStop((await usable(() => lockFolder(join(data, 'lock')))) as () => void)
  const db = await openDb(join(data, 'orchestra.db')).catch((error: unknown) => Promise.reject(unusable(data, error)))
  onStop(() => db.destroy())

  const loaders = await fittingLoaders(boot, join(data, 'boot'))
  const settings = { ...options.settings, boot: { ...boot, loaders } }
  const addresses = hostAddresses()
  const links = dhcpIsOn(settings, isRoot) ? servedLinks(settings, addresses) : []
  let url: NodeUrl = () => ''
  let told: Told = {}
  const services = await assemble({
    db,
    settings,
    log,
    addresses,
    url: (at) => url(at),
    told: () => told,
    tellPassword,
    localToken,
    onStop,
  })
  const first = await listen({
    settings,
    log,
    version,
    services,
    addresses,
    links,
    isRoot,
    settingsDoor,
    onStop,
    setUrl: (told) => {
      url = told
    },
  })

  const installers = await listenForInstallers({ settings, log, services, addresses, url: url(), onStop })
  told = installers.told
  const listening = { ...first, ...installers.listening }

  // For the command line on this machine: where the daemon is, and a token that dies with it.
  await writeBelow(
    data,
    'daemon.json',
    JSON.stringify({ url: listening.http, token: services.auth.localToken() }),
    0o600,
  )
  onStop(() => removeBelow(data, 'daemon.json'))

  const { http, tftp, dhcp, dns, syslog, proxy } = listening
  const parts = [
    `http ${http}`,
    `tftp ${tftp ?? 'off'}`,
    `dhcp ${dhcp.join(', ') || 'off'}`,
    `dns ${dns ?? 'off'}`,
    `syslog ${syslog ?? 'off'}`,
    `proxy ${proxy ?? 'off'}`,
  ]
  log.info({ listening, url: url(), data }, `ready: ${parts.join('; ')}; nodes are told ${url()}`)
  if (!isRoot) {
    log.info(
      'not root: DHCP needs port 67 and stays off; as root Orchestra would also serve DHCP, and HTTP and TFTP on ports 80 and 69, where machines look first',
    )
  } else if (links.length === 0) {
    log.info(
      'DHCP is off: list what it shall serve in dhcp.subnets, as [{subnet: 10.77.0.0/24, pool: 10.77.0.100-10.77.0.250}]',
    )
  }
  const port = (where: string | undefined) => (where === undefined ? undefined : Number(/\d+$/.exec(where)?.[0]))
  return { http: port(http), tftp: port(tftp), dns: port(dns), syslog: port(syslog), proxy: port(proxy) }
}

async function dataPart<Result>(data: string, act: () => Result): Promise<Result> {
  try {
    return act()
  } catch (error) {
    throw error instanceof OrchestraError ? error : unusable(data, error)
  }
}

function unusable(data: string, error: unknown): OrchestraError {
  const { code, message } = error as NodeJS.ErrnoException
  return new OrchestraError(
    'config.invalid',
    `the data directory ${data} cannot be used (${code ?? message}); choose another with data:, or make it this user's`,
    { cause: error },
  )
}

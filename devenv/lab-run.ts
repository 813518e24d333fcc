/**
 * The lab as a value: starts the daemon and its machines in a network of their own, and answers what a test or a person needs
 * to drive them. The terminal program is lab.ts; both go through here.
 */
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isAnswered, type Ran, runInside, switchDaemon } from './control-client.ts'
import { daemonConfig } from './daemon-config.ts'
import { environments } from './environments.ts'
import { faultTools, type Undo } from './fault-tools.ts'
import { FAULT_PACKAGES, FAULTS, type FaultName } from './faults.ts'
import { type InsidePlan, KEEP } from './inside.ts'
import { type LabApi, openLabApi } from './lab-api.ts'
import { type NodeHandle, nodeHandle, warningsIn } from './lab-node.ts'
import { hasIpv6 } from './network.ts'
import { CLASSES, fitFor, LAB_USER, type ProfileName } from './nodes.ts'
import { needLabPackages } from './packages.ts'
import { packagesOf, placeImage, prepareParts, rootOffsetOf, startParts } from './profile-parts.ts'
import { addProfile, profileOf, siteTemplates } from './profiles.ts'
import { type LabNode, type LabSettings, type NodeFirmware, readLabSettings } from './settings.ts'
import { type Inside, startInside } from './start-inside.ts'

export type Loader = 'pxelinux' | 'ipxe' | 'grub'

export interface LabOptions {
  /** Those of settings.yaml unless told. */
  readonly settings?: LabSettings
  /** `mini` unless told. */
  readonly profile?: ProfileName
  /** Of all machines; else each as the settings have it. */
  readonly firmware?: NodeFirmware
  /** Else what the firmware gets by default. */
  readonly loader?: Loader
  /** False: the machines are there, and Orchestra knows of none. */
  readonly register?: boolean
  /** The machines to have; all of the settings unless told. */
  readonly nodes?: readonly string[]
  /** Their user-data; a small script unless told. */
  readonly userData?: string
  /** Of the administrator; made up unless told. The lab is a network of its own: a password that everybody knows may do. */
  readonly password?: string
  /** Record each machine's packets in NAME.pcap. */
  readonly capture?: boolean
  /** `trace.patience` of the daemon: 0.1 calls a boot stalled ten times as soon. */
  readonly patience?: number
  /** Faults will be injected: install what they need. */
  readonly faults?: boolean
  /** Base URL of a package mirror for Debian's profiles. */
  readonly mirror?: string
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  /** Told what takes time. */
  readonly say?: (sentence: string) => void
}

export interface Lab {
  /** Sockets, disks, logs and database; removed by stop(). */
  readonly folder: string
  /** The unix socket that leads to the daemon's HTTP. */
  readonly gateway: string
  /** Of the user `cobbler`. */
  readonly password: string
  readonly api: LabApi
  readonly nodes: readonly NodeHandle[]
  /** @throws Error when the lab has no such machine */
  node(name: string): NodeHandle
  /** Starts the daemon again on its data, or ends it; `kill` is SIGKILL. The machines run on. */
  daemon(action: 'start' | 'stop' | 'kill'): Promise<void>
  /** Runs a program in the lab's network, on the server's host. Rejects when it cannot be started. */
  run(program: string, args: readonly string[], stdin?: string): Promise<Ran>
  /** Lets something go wrong with a machine, from the next time on that it is turned on; answers how to undo it. */
  inject(fault: FaultName, node: string): Promise<Undo>
  /** Ends everything. */
  stop(options?: { readonly keep: boolean }): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = 'orchestra-lab-'
export const CACHE = join(ROOT, '.lab')

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { profile = 'mini', say = () => {} } = options
  await needLabPackages(say, [...(options.faults ? FAULT_PACKAGES : []), ...packagesOf(profile)])
  const settings = settingsOf(options)
  const { nodes, server } = settings
  const folder = mkdtempSync(join(shortTemp(), FOLDER))
  const password = options.password ?? randomBytes(12).toString('base64url')
  const stopping = new AbortController()
  let inside: Inside | undefined
  let stopParts = () => {}
  let api: LabApi | undefined
  try {
    const parts = await prepareParts(profile, { cache: CACHE, mirror: options.mirror, say })
    if (parts.image) placeImage(parts.image, join(folder, 'data/boot'))
    siteTemplates(join(folder, 'data/templates'), options.loader)
    writeFileSync(join(folder, 'orchestra.yaml'), daemonConfig(settings, hasIpv6()))
    const plan: InsidePlan = {
      ...{ folder, settings },
      machines: nodes.map((node) => ({
        node,
        qemu: parts.qemu,
        accel: process.env['LAB_ACCEL'] === 'kvm' ? 'kvm' : 'tcg',
        capture: options.capture ?? false,
      })),
      daemon: {
        main: join(ROOT, 'src/main.ts'),
        config: join(folder, 'orchestra.yaml'),
        env: daemonEnv(folder, options),
      },
    }
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan, null, 2))
    writeFileSync(join(folder, 'environments.yaml'), environments(server.ip, password, profile), { mode: 0o600 })
    stopParts = await startParts(parts, join(folder, 'mirror.sock'), mirrorLog(folder))
    const started = await startInside(folder, password, options.signal)
    inside = started
    void started.closed.then(() => stopping.abort())
    const gateway = join(folder, 'gateway.sock')
    const control = join(folder, 'control.sock')
    const open = await openLabApi(gateway, password)
    api = open
    options.signal?.throwIfAborted()
    await addProfile(profile, open, { cache: CACHE, server: server.ip, parts, say })
    for (const node of options.register === false ? [] : nodes)
      await addSystem(node, profile, folder, open, options.userData)

    const handles = nodes.map((node) =>
      nodeHandle(node, {
        api: open,
        folder,
        rootOffset: rootOffsetOf(profile),
        stopping: stopping.signal,
        onEnded: (listener) => started.onEnded(node.name, listener),
      }),
    )
    return {
      folder,
      gateway,
      password,
      api: open,
      nodes: handles,
      node(name) {
        const found = handles.find((one) => one.name === name)
        if (!found)
          throw new Error(`the lab has no machine "${name}", only ${handles.map((one) => one.name).join(', ')}`)
        return found
      },
      daemon: (action) => switchDaemon(control, action),
      run: (program, args, stdin = '') => runInside(control, { program, args, stdin }),
      inject: async (fault, node) =>
        await FAULTS[fault].inject(await faultTools({ folder, control, settings, api: open }, node)),
      async stop({ keep } = { keep: false }) {
        stopping.abort()
        await open.close()
        if (keep) writeFileSync(join(folder, KEEP), '')
        await started.stop()
        stopParts()
        // It has done this itself, unless it was killed.
        if (!keep) await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (cause) {
    const warnings = api ? warningsIn(join(folder, 'daemon.log')).slice(-5) : []
    await api?.close()
    await inside?.stop()
    stopParts()
    await rm(folder, { recursive: true, force: true })
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new Error([because, ...warnings].join('\n  '), { cause })
  }
}

/** What the archive did not have: the first thing to look at when an installer stops. */
function mirrorLog(folder: string): (line: string) => void {
  return (line) => appendFileSync(join(folder, 'mirror.log'), `${line}\n`)
}

/** With the machines that were asked for, fit for the profile. */
function settingsOf({ settings = readLabSettings(), nodes, firmware, profile = 'mini' }: LabOptions): LabSettings {
  const all = settings.nodes
  const unknown = nodes?.find((name) => !all.some((node) => node.name === name))
  if (unknown)
    throw new Error(`there is no machine "${unknown}" in the lab, only ${all.map(({ name }) => name).join(', ')}`)
  const chosen = all.filter(({ name }) => nodes?.includes(name) ?? true)
  const fit = chosen.map((node) => fitFor(profile, { ...node, firmware: firmware ?? node.firmware }))
  return { ...settings, nodes: fit }
}

/** The folder of the lab that was started last and still runs. */
export async function findRunningLab(): Promise<string | undefined> {
  const names = readdirSync(shortTemp()).filter((name) => name.startsWith(FOLDER))
  const folders = names.map((name) => join(shortTemp(), name))
  const answers = await Promise.all(folders.map((folder) => isAnswered(join(folder, 'control.sock'))))
  const running = folders.filter((_, at) => answers[at])
  return running.toSorted((a, b) => statSync(b).birthtimeMs - statSync(a).birthtimeMs)[0]
}

/** A unix socket's path has at most 107 bytes. */
export function shortTemp(): string {
  return tmpdir().length > 60 ? '/tmp' : tmpdir()
}

function daemonEnv(folder: string, { loader, patience }: LabOptions): Record<string, string> {
  return {
    ORCHESTRA_DATA: join(folder, 'data'),
    ORCHESTRA_ADMIN__USER: LAB_USER,
    ORCHESTRA_LOG__FORMAT: 'json',
    ...(patience !== undefined && { ORCHESTRA_TRACE__PATIENCE: `${patience}` }),
    ...((loader === 'pxelinux' || loader === 'ipxe') && { ORCHESTRA_BOOT__LOADERS__BIOS: loader }),
    ...((loader === 'grub' || loader === 'ipxe') && { ORCHESTRA_BOOT__LOADERS__UEFI: loader }),
  }
}

const USER_DATA = '#!/bin/sh\necho "Hello from the first boot of $(hostname)"\n'

async function addSystem(
  node: LabNode,
  profile: ProfileName,
  folder: string,
  api: LabApi,
  userData = USER_DATA,
): Promise<void> {
  await api.call('POST', '/api/systems', {
    name: node.name,
    profile: profileOf(profile),
    mgmtClasses: [CLASSES.available],
    hostname: node.name,
    interfaces: { eth0: { macAddress: node.mac, ipAddress: node.ip, static: true } },
    meta: { USER_DATA_BASE64: Buffer.from(userData).toString('base64') },
    power: { type: 'lab', address: `unix:${join(folder, 'control.sock')}`, id: node.name },
  })
}

/**
 * The lab as a value: starts the daemon and its machines in a network of their own, and answers what a test or a person needs
 * to drive them. The terminal program is lab.ts; both go through here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'undici'
import { exec } from '../src/lib/exec.ts'
import { findMirror } from './archive.ts'
import { soundQemu } from './debian-13.ts'
import { type InsidePlan, KEEP } from './inside.ts'
import { type LabApi, openLabApi } from './lab-api.ts'
import { type NodeHandle, nodeHandle, warningsIn } from './lab-node.ts'
import { startMirror } from './mirror.ts'
import { HARDWARE, type LabNode, NODES, type NodeFirmware, type ProfileName } from './nodes.ts'
import { howToBeRoot, needLabPackages, unpackPackages } from './packages.ts'
import { addProfile, siteTemplates } from './profiles.ts'

export type Loader = 'pxelinux' | 'ipxe' | 'grub'

export interface LabOptions {
  /** `mini` unless told. */
  readonly profile?: ProfileName
  /** Of all machines; else each as nodes.ts has it. */
  readonly firmware?: NodeFirmware
  /** Else what the firmware gets by default. */
  readonly loader?: Loader
  /** The machines to have; all of nodes.ts unless told. */
  readonly nodes?: readonly string[]
  /** Their user-data; a small script unless told. */
  readonly userData?: string
  /** Record each machine's packets in NAME.pcap. */
  readonly capture?: boolean
  /** Base URL of a package mirror for the debian-13 profile. */
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
  readonly password: string
  readonly api: LabApi
  readonly nodes: readonly NodeHandle[]
  /** @throws Error when the lab has no such machine */
  node(name: string): NodeHandle
  /** Starts the daemon again on its data, or ends it; `kill` is SIGKILL. The machines run on. */
  daemon(action: 'start' | 'stop' | 'kill'): Promise<void>
  /** Ends everything. */
  stop(options?: { readonly keep: boolean }): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '..')
export const CACHE = join(ROOT, '.lab')

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { profile = 'mini', say = () => {} } = options
  await needLabPackages(say)
  const nodes = chooseNodes(options)
  const [radvd] = await unpackPackages(['radvd'], CACHE)
  if (!radvd) throw new Error('radvd was not unpacked')
  const folder = mkdtempSync(join(shortTemp(), 'orchestra-lab-'))
  const password = randomBytes(12).toString('base64url')
  const stopping = new AbortController()
  let inside: Inside | undefined
  let stopMirror = () => {}
  let api: LabApi | undefined
  try {
    const qemu = profile === 'debian-13' ? await soundQemu(CACHE) : undefined
    siteTemplates(join(folder, 'data/templates'), options.loader)
    const plan: InsidePlan = {
      folder,
      radvd: join(radvd.folder, 'usr/sbin/radvd'),
      machines: nodes.map((node) => ({
        node,
        hardware: HARDWARE[profile],
        qemu,
        accel: process.env['LAB_ACCEL'] === 'kvm' ? 'kvm' : 'tcg',
        capture: options.capture ?? false,
      })),
      daemon: {
        main: join(ROOT, 'src/main.ts'),
        config: join(ROOT, 'devenv/orchestra.yaml'),
        env: daemonEnv(folder, options.loader),
      },
    }
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan, null, 2))
    const mirror = profile === 'mini' ? undefined : (options.mirror ?? (await findMirror()))
    if (mirror) stopMirror = await startMirror(join(folder, 'mirror.sock'), mirror, mirrorLog(folder))
    const started = await startInside(folder, password, options.signal)
    inside = started
    void started.closed.then(() => stopping.abort())
    const gateway = join(folder, 'gateway.sock')
    const open = await openLabApi(gateway, password)
    api = open
    options.signal?.throwIfAborted()
    await addProfile(profile, open, { cache: CACHE, say })
    for (const node of nodes) await addSystem(node, profile, folder, open, options.userData)

    const handles = nodes.map((node) =>
      nodeHandle(node, {
        api: open,
        folder,
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
      daemon: (action) => switchDaemon(folder, action),
      async stop({ keep } = { keep: false }) {
        stopping.abort()
        await open.close()
        if (keep) writeFileSync(join(folder, KEEP), '')
        await started.stop()
        stopMirror()
        // It has done this itself, unless it was killed.
        if (!keep) await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (cause) {
    const warnings = api ? warningsIn(join(folder, 'daemon.log')).slice(-5) : []
    await api?.close()
    await inside?.stop()
    stopMirror()
    await rm(folder, { recursive: true, force: true })
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new Error([because, ...warnings].join('\n  '), { cause })
  }
}

/** What the archive did not have: the first thing to look at when an installer stops. */
function mirrorLog(folder: string): (line: string) => void {
  return (line) => appendFileSync(join(folder, 'mirror.log'), `${line}\n`)
}

function chooseNodes({ nodes, firmware }: LabOptions): LabNode[] {
  const unknown = nodes?.find((name) => !NODES.some((node) => node.name === name))
  if (unknown)
    throw new Error(`there is no machine "${unknown}" in the lab, only ${NODES.map(({ name }) => name).join(', ')}`)
  const chosen = NODES.filter(({ name }) => nodes?.includes(name) ?? true)
  return chosen.map((node) => ({ ...node, firmware: firmware ?? node.firmware }))
}

/** A unix socket's path has at most 107 bytes. */
function shortTemp(): string {
  return tmpdir().length > 60 ? '/tmp' : tmpdir()
}

function daemonEnv(folder: string, loader: Loader | undefined): Record<string, string> {
  return {
    ORCHESTRA_DATA: join(folder, 'data'),
    ORCHESTRA_LOG__FORMAT: 'json',
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
    profile,
    hostname: node.name,
    interfaces: { eth0: { macAddress: node.mac } },
    meta: { USER_DATA_BASE64: Buffer.from(userData).toString('base64') },
    power: { type: 'lab', address: `unix:${join(folder, 'control.sock')}`, id: node.name },
  })
}

async function switchDaemon(folder: string, action: string): Promise<void> {
  const client = new Client('http://lab', { socketPath: join(folder, 'control.sock'), headersTimeout: 120_000 })
  try {
    const { statusCode, body } = await client.request({
      method: 'PUT',
      path: '/daemon',
      body: JSON.stringify({ action }),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`the daemon did not ${action}: ${text}`)
  } finally {
    await client.close()
  }
}

interface Inside {
  readonly closed: Promise<unknown>
  onEnded(name: string, listener: (words: string) => void): () => void
  stop(): Promise<void>
}

/**
 * Starts inside.ts in namespaces of its own: network, mounts and processes. It is the first process of the last, so that the
 * kernel ends whatever it started when it ends, even killed; and it ends when this process does, which holds its input.
 */
async function startInside(folder: string, password: string, signal: AbortSignal | undefined): Promise<Inside> {
  const [program = 'unshare', ...before] = await unshareCommand()
  const args = [...before, process.execPath, join(import.meta.dirname, 'inside.ts'), join(folder, 'plan.json')]
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: folder,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    // Ctrl-C on the terminal is for lab.ts alone, which then ends the rest in order. (sudo knows us by our terminal.)
    detached: program !== 'sudo',
  })
  const closed = once(child, 'close')
  signal?.addEventListener('abort', () => end(child))
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (words = (words + part).slice(-8000)))
  child.stdin.on('error', () => {}).write(`${password}\n`)

  const listeners = new Set<(line: string) => void>()
  const ready = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { what: string; words: string }
    if (told.what === 'ready') ready.resolve()
    else for (const listener of [...listeners]) listener(told.words)
  })
  void closed.then(() => ready.reject(new Error(`the lab could not start: ${words.trim() || 'it said nothing'}`)))
  await ready.promise
  return {
    closed,
    onEnded(name, listener) {
      const mine = (line: string) => line.startsWith(`${name}: `) && listener(line.slice(name.length + 2))
      listeners.add(mine)
      return () => void listeners.delete(mine)
    },
    async stop() {
      end(child)
      await closed
    },
  }
}

function end(child: ChildProcess): void {
  child.stdin?.end()
}

/** Root may; an ordinary user may in a user namespace, where the kernel allows that; sudo is the last resort. */
async function unshareCommand(): Promise<string[]> {
  const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL']
  if (process.getuid?.() === 0) return ['unshare', ...apart]
  const asUser = ['--user', '--map-root-user', ...apart]
  const probe = ['ip', 'tuntap', 'add', 'dev', 'probe', 'mode', 'tap']
  const may = await exec('unshare', [...asUser, ...probe]).then(
    () => true,
    () => false,
  )
  if (may) return ['unshare', ...asUser]
  const root = await howToBeRoot('a network of its own, which the kernel of this machine lets no ordinary user make,')
  return [...root, 'unshare', ...apart]
}

/**
 * A lab that goes on when who started it has gone: a process of its own that holds it, and a note of where it is, by which the
 * other verbs find it. Started by qemu-backend.ts with the path of the settings; it ends by SIGTERM.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { request } from 'undici'
import type { LabLogin, Say } from './backend.ts'
import { openDoor } from './expose.ts'
import { LAB_USER } from './nodes.ts'
import { type LabSettings, readLabSettings } from './settings.ts'

/** What is noted of a lab that runs. */
export interface HeldLab {
  /** Of the process that holds it. */
  readonly pid: number
  readonly folder: string
  /** The lab's own switches, or libvirt's URI. */
  readonly switches: string
  /** Undefined where the server's passwords are its own. */
  readonly login: LabLogin | undefined
  /** A file for a shell to read, after which the command line is the lab's administrator; undefined as the login. */
  readonly env: string | undefined
}

/** From the holder to who started it, over their pipe. */
type Message = { readonly say: string } | { readonly ready: true } | { readonly failed: string }

const FIRST_PORT = 8080

/** The folder of a lab by its network's name. */
const folderOf = (network: string) => join(tmpdir(), `orchestra-devenv-${process.getuid?.() ?? 0}-${network}`)
const noteOf = (network: string) => join(folderOf(network), 'lab.json')
const logOf = (network: string) => join(folderOf(network), 'lab.log')

/** Nobody else may look into it: the note has a password. @throws Error when somebody else was there first */
function makeFolder(network: string): void {
  const folder = folderOf(network)
  mkdirSync(folder, { mode: 0o700, recursive: true })
  const { uid, mode } = statSync(folder)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${folder} is not yours alone; remove it`)
}

/** Undefined when it does not run; what one that was killed has left is cleared away. */
export async function findHeld(network: string): Promise<HeldLab | undefined> {
  const note = noteOf(network)
  if (!existsSync(note)) return undefined
  const held = JSON.parse(readFileSync(note, 'utf8')) as HeldLab
  if (isHolder(held.pid)) return held
  rmSync(folderOf(network), { recursive: true })
  return undefined
}

/** Answers when the lab is up. @throws Error with the reason why it is not */
export async function startHeld(
  settingsFile: string,
  { backend, network: { name: network } }: LabSettings,
  say: Say,
): Promise<HeldLab> {
  makeFolder(network)
  const log = openSync(logOf(network), 'a', 0o600)
  const child = spawn(process.execPath, [import.meta.filename, settingsFile, backend], {
    // Of its own session: Ctrl-C is for who started it, not for the lab.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    cwd: '/',
  })
  closeSync(log)
  const interrupt = () => void child.kill('SIGTERM')
  process.once('SIGINT', interrupt)
  try {
    await new Promise<void>((ready, failed) => {
      child.on('message', (message: Message) => {
        if ('say' in message) say(message.say)
        else if ('ready' in message) ready()
        else failed(new Error(message.failed))
      })
      child.once('exit', (code, signal) =>
        failed(new Error(`the lab ended (${signal ?? code}); see ${logOf(network)}`)),
      )
    })
  } finally {
    process.off('SIGINT', interrupt)
    if (child.connected) child.disconnect()
    child.unref()
  }
  const held = await findHeld(network)
  if (!held) throw new Error(`the lab is up and has left no note in ${folderOf(network)}`)
  return held
}

/** Answers when all of it is gone. */
export async function endHeld(network: string, { pid }: HeldLab): Promise<void> {
  process.kill(pid, 'SIGTERM')
  // It is nobody's child here, and tells of its end by no pipe.
  while (isHolder(pid)) await wait(100)
  rmSync(folderOf(network), { recursive: true, force: true })
}

/** Whether this process is the one that holds a lab, and not another that has its number now. */
function isHolder(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(import.meta.filename)
  } catch {
    return false
  }
}

async function hold(settingsFile: string, backend: string): Promise<void> {
  const tell = (message: Message) => {
    if (process.connected) process.send?.(message)
  }
  const stopping = new AbortController()
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => stopping.abort())
  try {
    const settings = readLabSettings(settingsFile)
    const { name } = settings.network
    // The console is built before a start, here as everywhere.
    await (await import('../src/ui/build.ts')).buildConsole()
    const say = (sentence: string) => tell({ say: sentence })
    const { stop, ...lab } = await (backend === 'libvirt'
      ? onLibvirt(settings, say)
      : onQemu(settings, say, stopping.signal))
    const note = noteOf(name)
    // Whole or not at all: others may be looking.
    writeFileSync(
      `${note}.new`,
      JSON.stringify({ pid: process.pid, ...lab, env: await writeEnv(name, lab.login) } satisfies HeldLab),
      { mode: 0o600 },
    )
    renameSync(`${note}.new`, note)
    tell({ ready: true })
    await ended
    await stop()
    process.exit(0)
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${failed}\n`)
    tell({ failed })
    process.exit(1)
  }
}

/** The token stands in a file: it is on no screen. */
async function writeEnv(network: string, login: LabLogin | undefined): Promise<string | undefined> {
  if (!login) return undefined
  const { url, user, password } = login
  const { statusCode, body } = await request(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  })
  if (statusCode !== 200) throw new Error(`${url} did not let ${user} in: ${await body.text()}`)
  const { token } = (await body.json()) as { token: string }
  const file = join(folderOf(network), 'env')
  writeFileSync(file, `export ORCHESTRA_SERVER=${url}\nexport ORCHESTRA_TOKEN=${token}\n`, { mode: 0o600 })
  return file
}

type Lab = Omit<HeldLab, 'pid' | 'env'> & { readonly stop: () => Promise<void> }

async function onQemu(settings: LabSettings, say: Say, signal: AbortSignal): Promise<Lab> {
  const { startLab } = await import('./lab-run.ts')
  const lab = await startLab({ settings, register: false, say, signal })
  const door = await openDoor(lab.gateway, FIRST_PORT)
  return {
    ...{ folder: lab.folder, switches: join(lab.folder, 'control.sock') },
    login: { url: door.url, user: LAB_USER, password: lab.password },
    async stop() {
      door.close()
      await lab.stop()
    },
  }
}

async function onLibvirt(settings: LabSettings, say: Say): Promise<Lab> {
  const { startLibvirtLab } = await import('./libvirt/lab.ts')
  const { uri, ...lab } = await startLibvirtLab(settings, say)
  return { ...lab, switches: uri }
}

if (import.meta.main) await hold(process.argv[2] ?? '', process.argv[3] ?? '')

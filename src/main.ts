/** The door of the program: `serve` and `config check` here; everything else is the command line of a running daemon. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Build, CommandEntry } from './cli/commands.ts'
import { CliError, type Io } from './cli/io.ts'
import { findDataFolder } from './cli/local.ts'
import { runCli } from './cli/main.ts'
import { terminalIo } from './cli/terminal.ts'
import type { Settings } from './config-schema.ts'
import { systemClock } from './lib/clock.ts'
import { readTextBelow } from './lib/files.ts'
import { isJsonObject } from './lib/json.ts'
import { OrchestraError } from './model/errors.ts'

const { env } = process

const io: Io = terminalIo(
  {
    clock: systemClock,
    version: readVersion(),
    env: { server: env['ORCHESTRA_SERVER'], token: env['ORCHESTRA_TOKEN'] },
    findLocal,
  },
  (code) => process.exit(code),
)

// What the daemon needs takes a while to load: a command of its client does without.
const more: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'run the daemon: DHCP, TFTP, HTTP boot, installs, power and the APIs',
    load: async () => buildServe,
  },
  { name: 'config', summary: 'the settings of the daemon: shown, changed, checked', load: loadConfigCommand },
  {
    name: 'devenv',
    summary: 'a lab of virtual machines: made, used, watched, taken down',
    load: loadDevenv,
  },
  { name: 'doctor', summary: 'what may be wrong around the daemon: other DHCP servers', load: loadDoctor },
]

const [first = '', ...others] = process.argv.slice(2)
/** The launcher says under which name it was called. */
const called = /^--called=(.+)$/.exec(first)?.[1]
const typed = called === undefined ? process.argv.slice(2) : others
process.exitCode = await runCli(typed, io, {
  ...(called !== undefined && { name: called }),
  more,
})

function buildServe(command: Command): void {
  command
    .option(
      '--config <file>',
      'orchestra.yaml; else ORCHESTRA_CONFIG, ./orchestra.yaml, /etc/orchestra/orchestra.yaml, or that in the data directory',
    )
    .action(async ({ config }: { config?: string }) => run(config, await settingsOf(config)))
}

async function loadConfigCommand(): Promise<Build> {
  const { buildConfig } = await import('./cli/commands/config.ts')
  return (command, context) => {
    buildConfig(command, context)
    buildConfigCheck(command)
  }
}

/** A program beside the daemon's and its client's, which neither of them needs. */
async function loadDevenv(): Promise<Build> {
  const { buildDevenv } = await import('./cli/commands/devenv.ts')
  const { execHere } = await import('./lib/exec.ts')
  const program = join(import.meta.dirname, '../devenv/devenv.ts')
  const after = typed.slice(typed.indexOf('devenv') + 1)
  return (command) => buildDevenv(command, () => execHere(process.execPath, [program, ...after]))
}

async function loadDoctor(): Promise<Build> {
  const { buildDoctor } = await import('./cli/commands/doctor.ts')
  return (command, context) =>
    buildDoctor(command, context, async () => {
      if (process.getuid?.() !== 0) return undefined
      return (await import('./daemon/networks.ts')).localNetwork
    })
}

function buildConfigCheck(command: Command): void {
  command
    .command('check')
    .description('check orchestra.yaml and the environment as serve would; tells all faults at once')
    .option('--config <file>', 'the file to check')
    .action(async ({ config }: { config?: string }) => {
      await settingsOf(config)
      io.stdout.write('The configuration is good.\n')
    })
}

/** @throws CliError with all faults, one on a line */
async function settingsOf(config: string | undefined): Promise<Settings> {
  const { loadConfig } = await import('./config.ts')
  const loaded = loadConfig(config, env)
  if (loaded.ok) return loaded.settings
  const [only, ...more] = loaded.faults
  if (more.length === 0) throw new CliError(`the configuration has a fault: ${only}`)
  throw new CliError(
    `the configuration has ${loaded.faults.length} faults:\n${loaded.faults.map((fault) => `  ${fault}`).join('\n')}`,
  )
}

/** Runs until a signal ends it. @throws CliError when it cannot start */
async function run(config: string | undefined, first: Settings): Promise<void> {
  // Nobody else on this host may read leases, tokens and user data.
  process.umask(0o077)
  const { createLog } = await import('./lib/log.ts')
  const logOf = ({ log: { level, format } }: Settings) =>
    createLog(level, format === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : format)
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
  const log = logOf(first)
  const { runDaemon } = await import('./daemon/run.ts')
  const isRoot = process.getuid?.() === 0
  const asSentence = (error: unknown) => {
    throw error instanceof OrchestraError ? new CliError(error.message) : error
  }
  const { version } = io
  const daemon = await runDaemon({ config, env, first, logOf, version, isRoot, tellPassword }).catch(asSentence)
  const signal = await Promise.race([ended, daemon.failed]).catch(asSentence)
  log.info(`${signal}: stopping`)
  await daemon.close()
  log.info('stopped')
}

/** Once, at the first start, and not into the log. */
function tellPassword(user: string, password: string): void {
  io.stdout.write(
    `First start: log in as ${user} with the password ${password} (made up now, kept as a hash, never shown again)\n`,
  )
}

/** What the daemon of this machine left for its command line, if this user may read it. */
async function findLocal(): Promise<{ url: string; token: string } | undefined> {
  const folder = await findDataFolder({ env, isRoot: process.getuid?.() === 0, home: homedir, read: readIfThere })
  const text = folder === undefined ? undefined : await readIfThere(join(folder, 'daemon.json'))
  const found: unknown = JSON.parse(text ?? 'null')
  if (!isJsonObject(found)) return undefined
  const { url, token } = found
  return typeof url === 'string' && typeof token === 'string'
    ? { url: url.replace('//0.0.0.0', '//127.0.0.1'), token }
    : undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await io.readFile(path).catch(() => undefined)
}

function readVersion(): string {
  const about: unknown = JSON.parse(readTextBelow(join(import.meta.dirname, '..'), 'package.json') ?? '{}')
  return isJsonObject(about) ? String(about['version']) : 'unknown'
}

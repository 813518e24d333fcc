/** The door of the program: `serve` and `config check` here; everything else is the command line of a running daemon. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { CliError, type Io } from './cli/io.ts'
import { buildProgram, runCli } from './cli/main.ts'
import { terminalIo } from './cli/terminal.ts'
import { loadConfig } from './config.ts'
import type { Settings } from './config-schema.ts'
import { readTextBelow } from './lib/files.ts'
import { isJsonObject } from './lib/json.ts'
import { createLog } from './lib/log.ts'
import { OrchestraError } from './model/errors.ts'

const { env } = process
const version = readVersion()

const io: Io = terminalIo(
  {
    version,
    env: { server: env['ORCHESTRA_SERVER'], token: env['ORCHESTRA_TOKEN'] },
    findLocal: async () => findLocal(),
  },
  (code) => process.exit(code),
)
const program = buildProgram(io)
addServe(program)
addConfig(program)
process.exitCode = await runCli(process.argv.slice(2), io, program)

function addServe(parent: Command): void {
  parent
    .command('serve')
    .description('run the daemon: DHCP, TFTP, HTTP boot, installs, power and the APIs')
    .option('--config <file>', 'orchestra.yaml; else ORCHESTRA_CONFIG, ./orchestra.yaml, /etc/orchestra/orchestra.yaml')
    .action(async ({ config }: { config?: string }) => run(settingsOf(config)))
}

function addConfig(parent: Command): void {
  parent
    .command('config')
    .description('the settings of the daemon')
    .command('check')
    .description('check orchestra.yaml and the environment as serve would; tells all faults at once')
    .option('--config <file>', 'the file to check')
    .action(({ config }: { config?: string }) => {
      settingsOf(config)
      io.stdout.write('The configuration is good.\n')
    })
}

/** @throws CliError with all faults, one on a line */
function settingsOf(config: string | undefined): Settings {
  const loaded = loadConfig(config, env)
  if (loaded.ok) return loaded.settings
  const [only, ...more] = loaded.faults
  if (more.length === 0) throw new CliError(`the configuration has a fault: ${only}`)
  throw new CliError(
    `the configuration has ${loaded.faults.length} faults:\n${loaded.faults.map((fault) => `  ${fault}`).join('\n')}`,
  )
}

/** Runs until a signal ends it. @throws CliError when it cannot start */
async function run(settings: Settings): Promise<void> {
  // Nobody else on this host may read leases, tokens and user data.
  process.umask(0o077)
  const { level, format } = settings.log
  const log = createLog(level, format === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : format)
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
  // Loaded when needed: the command line answers sooner without the daemon's parts.
  const { serve } = await import('./daemon/serve.ts')
  const daemon = await serve({ settings, log, version, isRoot: process.getuid?.() === 0, tellPassword }).catch(
    (error: unknown) => {
      throw error instanceof OrchestraError ? new CliError(error.message) : error
    },
  )
  const signal = await ended
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
function findLocal(): { url: string; token: string } | undefined {
  const loaded = loadConfig(undefined, env)
  if (!loaded.ok) return undefined
  const found: unknown = JSON.parse(readTextBelow(loaded.settings.data, 'daemon.json') ?? 'null')
  if (!isJsonObject(found)) return undefined
  const { url, token } = found
  return typeof url === 'string' && typeof token === 'string'
    ? { url: url.replace('//0.0.0.0', '//127.0.0.1'), token }
    : undefined
}

function readVersion(): string {
  const about: unknown = JSON.parse(
    readTextBelow(join(dirname(fileURLToPath(import.meta.url)), '..'), 'package.json') ?? '{}',
  )
  return isJsonObject(about) ? String(about['version']) : 'unknown'
}

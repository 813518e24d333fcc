/**
 * The command line: it reads what every command shares, loads the one command that is meant, and speaks to the daemon's
 * REST API alone. What each command does is commands/.
 */
import { Command, CommanderError } from 'commander'
import { type Arguments, takeArguments } from './arguments.ts'
import { connect } from './client.ts'
import { COMMANDS, type CommandEntry } from './commands.ts'
import type { Context } from './context.ts'
import { CliError, type Io, safeJson, tell } from './io.ts'
import { repr } from './python.ts'
import { findServer } from './server.ts'

export interface CliOptions {
  /** As it was called: `orchestra` or `cobbler`. */
  readonly name?: string
  /** Commands that are not a client's. */
  readonly more?: readonly CommandEntry[]
}

/** @param argv what follows the program's name. Answers the exit code; nothing is thrown for what a user did. */
export async function runCli(argv: readonly string[], io: Io, options: CliOptions = {}): Promise<number> {
  const { name = 'orchestra', more = [] } = options
  let json = argv.includes('--json')
  try {
    const given = takeArguments(argv, name)
    json = given.json
    const program = await buildProgram(given, io, name, [...COMMANDS, ...more])
    await program.parseAsync(given.rest, { from: 'user' })
    return 0
  } catch (error) {
    // Help and its like are no errors; of errors, Commander's sentence begins with that word.
    if (error instanceof CommanderError && !error.message.startsWith('error: ')) return error.exitCode
    if (!(error instanceof CliError || error instanceof CommanderError)) throw error
    if (error.message !== '') tell(io, ...sayError(error, name, json).split('\n'))
    return error.exitCode
  }
}

function sayError(error: CliError | CommanderError, name: string, json: boolean): string {
  const message = error.message.replace(/^error: /, '')
  const refusal = error instanceof CliError ? error.refusal : undefined
  if (json) {
    return safeJson({
      error: { message, ...(refusal && { code: refusal.code }), ...(refusal?.field && { field: refusal.field }) },
    })
  }
  if (refusal && name === 'cobbler') return `exception on server: ${repr(message)}`
  return `${name}: ${message}`
}

/** The program with all its commands by name, and the one that is meant with all its options. */
async function buildProgram(
  given: Arguments,
  io: Io,
  name: string,
  entries: readonly CommandEntry[],
): Promise<Command> {
  const context: Context = { io, name, json: given.json, client: async () => connect(await findServer(io, given)) }
  const words = given.rest[0] === 'help' ? given.rest.slice(1) : given.rest
  const program = new Command(name)
    .description('Installs machines over the network.')
    .option('--server <url>', 'the daemon to speak to (or ORCHESTRA_SERVER); else the one of this machine')
    .option(
      '--token-file <file>',
      'a file with the token (or ORCHESTRA_TOKEN, see login); none is needed beside the daemon',
    )
    .option('--json', 'results, and errors, for programs')
    // They are taken out already, wherever they stood; what is left of that name is a command's own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {},
    })
  for (const entry of entries) {
    const isMeant = words[0] === entry.name || entry.aliases?.includes(words[0] ?? '')
    // An alias is a command of its own: which name was typed decides what the help says.
    const command = program.command(isMeant ? (words[0] ?? '') : entry.name, entry.isHidden ? { hidden: true } : {})
    command.description(entry.summary)
    if (isMeant) (await entry.load())(command, context, words[1])
  }
  return program
}

/** The command line: all commands but those that are the daemon itself. It speaks to the daemon's REST API alone. */
import { Command, CommanderError } from 'commander'
import { connect } from './client.ts'
import { addEventCommand } from './commands/events.ts'
import { addImportCommand } from './commands/import.ts'
import { addItemCommands } from './commands/items.ts'
import { addListCommands } from './commands/list.ts'
import { addLoginCommand } from './commands/login.ts'
import { addPowerCommands } from './commands/power.ts'
import { addSyncCommand } from './commands/sync.ts'
import { addVersionCommand } from './commands/version.ts'
import type { Context } from './context.ts'
import { CliError, type Io, tell } from './io.ts'
import { findServer } from './server.ts'

/** The program with the commands of a client; whoever runs the daemon adds `serve` and `config` to it. */
export function buildProgram(io: Io): Command {
  const program = new Command('orchestra')
    .description('Installs machines over the network.')
    .option('--server <url>', 'the daemon to speak to (or ORCHESTRA_SERVER); else the one of this machine')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text.replace(/^error: /, 'orchestra: ')),
    })
    .addHelpText(
      'after',
      '\nA token comes from ORCHESTRA_TOKEN (see login); none is needed on the machine of the daemon.',
    )

  const context: Context = {
    io,
    client: async () => connect(await findServer(io, program.opts<{ server?: string }>().server)),
  }
  const nouns = addItemCommands(program, context)
  addPowerCommands(nouns.system, context)
  addImportCommand(program, context)
  addListCommands(program, context)
  addEventCommand(program, context)
  addLoginCommand(program, context)
  addSyncCommand(program, context)
  addVersionCommand(program, context)
  return program
}

/** @param argv what follows the program's name. Answers the exit code; nothing is thrown for what a user did. */
export async function runCli(argv: readonly string[], io: Io, program = buildProgram(io)): Promise<number> {
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode
    if (!(error instanceof CliError)) throw error
    if (error.message !== '') tell(io, ...`orchestra: ${error.message}`.split('\n'))
    return error.exitCode
  }
}

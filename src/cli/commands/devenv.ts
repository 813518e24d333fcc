/** `orchestra devenv …`: hands everything on to the lab's own program, which knows its verbs. */
import type { Command } from 'commander'
import { CliError } from '../io.ts'

/** @param run the lab's program with all that was typed after its name, on this terminal; answers its exit code */
export function buildDevenv(command: Command, run: () => Promise<number>): void {
  command
    .argument('[verb...]', 'check, up, setup, list, status, power, console, vnc, reset, down, build-image')
    .allowUnknownOption()
    .helpOption(false)
    .action(async () => {
      const code = await run()
      if (code !== 0) throw new CliError('', code)
    })
}

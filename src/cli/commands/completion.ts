/** `orchestra completion bash|zsh|fish` prints a script; what the script asks at each TAB is answered here too. */
import type { Command } from 'commander'
import { complete } from '../complete.ts'
import { isShell, SCRIPTS } from '../completion-scripts.ts'
import type { Context } from '../context.ts'
import { CliError } from '../io.ts'

export function buildCompletion(command: Command, { io }: Context): void {
  command
    .argument('<shell>', Object.keys(SCRIPTS).join(', '))
    .addHelpText('after', '\nIn ~/.bashrc: source <(orchestra completion bash)')
    .action((shell: string) => {
      if (!isShell(shell)) throw new CliError(`there is no script for ${shell}; there is one for bash, zsh and fish`)
      io.stdout.write(SCRIPTS[shell])
    })
}

/** Hidden: the words so far, the last one being typed; answers what it could become, one a line. Silent on any trouble. */
export function buildComplete(command: Command, context: Context): void {
  command
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      for (const word of await complete(words, context)) context.io.stdout.write(`${word}\n`)
    })
}

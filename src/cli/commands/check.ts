/** `orchestra check`: what would stop a machine from booting, and how to mend it, as Cobbler prints it. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'

export function buildCheck(command: Command, { io, json, client }: Context): void {
  command.action(async () => {
    const advice = await (await client()).get<string[]>(apiPath('check'))
    if (json) return printJson(io, advice)
    if (advice.length === 0) return print(io, 'No configuration problems found.  All systems go.')
    print(io, 'The following are potential configuration items that you may want to fix:', '')
    print(io, ...advice.flatMap((sentence, index) => [`${index + 1} : ${sentence}`, '']))
    print(io, 'What is mended is seen at once: nothing needs a restart or a sync but orchestra.yaml.')
  })
}

/** `orchestra acquire`: take a free machine, and be told why others were passed over. */
import type { Command } from 'commander'
import type { HandedMachine } from '../../model/handed-machine.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson, tell } from '../io.ts'

interface Given {
  readonly class?: readonly string[]
  readonly arch?: string
  readonly name?: string
  readonly pair?: string
  readonly key?: string
  readonly dryRun?: boolean
}

interface Taken {
  readonly system: HandedMachine
  readonly dryRun: boolean
  readonly passedOver: readonly { readonly name: string; readonly because: string }[]
  readonly morePassedOver: number
}

/** Of those that were passed over, people are shown so many. */
const MOST_SHOWN = 20

export function buildAcquire(command: Command, { io, name: program, json, client }: Context): void {
  const one = (word: string, before: readonly string[] = []) => [...before, word]
  command
    .option('--class <class>', 'a management class that it must have; may be said again', one)
    .option('--arch <arch>', 'its architecture: amd64, i386, arm64 …')
    .option('--name <name>', 'its name, or a pattern (*, ? and […] work)')
    .option('--pair <class>', 'which pair of classes, by one of the two; else the first that has a machine')
    .option('--key <key>', 'repeated with the same key within a day, the command takes no second machine')
    .option('--dry-run', 'say which it would be, and take none')
    .action(async ({ class: classes = [], arch, name, pair, key, dryRun }: Given) => {
      const wanted = {
        classes: [...classes],
        ...(arch !== undefined && { arch }),
        ...(name !== undefined && { name }),
        ...(pair !== undefined && { pair }),
        ...(dryRun && { dryRun }),
      }
      const { send } = await client()
      const taken = await send<Taken>('POST', apiPath('acquire'), wanted, key === undefined ? {} : { key })
      if (json) return printJson(io, taken)
      const { system, passedOver, morePassedOver } = taken
      for (const other of passedOver.slice(0, MOST_SHOWN)) tell(io, `passed over ${other.name}: ${other.because}`)
      const more = passedOver.length + morePassedOver - MOST_SHOWN
      if (more > 0) tell(io, `passed over ${more} more`)
      print(io, `${taken.dryRun ? 'would acquire' : 'acquired'} ${system.name} (uid ${system.uid})`)
      if (!taken.dryRun) {
        print(
          io,
          `turn it on, to install it: ${program} system poweron --name ${system.name}`,
          `give it back: orchestra release ${system.name}`,
        )
      }
    })
}

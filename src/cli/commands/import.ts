/** `orchestra import`: a netboot tree on the server becomes a distro and its profiles. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError } from '../io.ts'
import { showTask, taskId } from '../task.ts'

interface Given {
  readonly path: string
  readonly name: string
  readonly arch?: string
  readonly breed?: string
  readonly osVersion?: string
  readonly autoinstall?: string
  readonly kickstart?: string
  readonly availableAs?: string
  readonly rsyncFlags?: string
}

interface Imported {
  readonly because: string
  readonly distro: JsonObject
  readonly profile: JsonObject
  readonly changed: boolean
}

export function buildImport(command: Command, context: Context): void {
  command
    .requiredOption('--path <path>', 'a folder or a tar of one, on the server')
    .requiredOption(
      '--name <name>',
      'the name of the distro and its profile; SERIES-ARCH (precise-x86_64) makes NAME-juju and NAME-ensemble too',
    )
    .option('--arch <arch>', 'x86_64, i386, aarch64')
    .option('--breed <breed>', 'debian, ubuntu, redhat, suse')
    .option('--os-version <version>', 'trixie, noble')
    .option('--kickstart, --autoinstall <file>', 'file name of the preseed, autoinstall, kickstart …')
    .option('--available-as <url>', "Cobbler's; the preseed says where packages come from")
    .option('--rsync-flags <flags>', "Cobbler's; nothing is fetched")
    .action(async (given: Given) => {
      const { availableAs, rsyncFlags, ...wanted } = given
      if (/^(rsync|https?|ftp|nfs):\/\//.test(given.path) || /^[^/]*:/.test(given.path) || rsyncFlags !== undefined) {
        throw new CliError('Orchestra imports what is on its own disk: fetch the tree first, then name its folder')
      }
      if (availableAs !== undefined) {
        throw new CliError(
          'an import takes kernel and initial ramdisk only; where packages come from is said in the preseed (see --autoinstall-meta), so leave --available-as out',
        )
      }
      const { send } = await context.client()
      await showTask(context, { id: taskId(context.io, 'import'), title: 'Media import' }, async (say) => {
        say(`importing ${given.path} …`)
        const body = { ...wanted, name: nameOf(given, context.name), path: resolve(given.path) }
        const imported = await send<Imported>('POST', apiPath('import'), body, { patient: true })
        return { ...imported, state: 'complete' }
      })
    })
}

/** Cobbler's documents go on with NAME-ARCH. */
function nameOf({ name, arch }: Given, program: string): string {
  return program !== 'cobbler' || arch === undefined || name.endsWith(`-${arch}`) ? name : `${name}-${arch}`
}

/** `orchestra import`: a Debian netboot tree on the server becomes a distro and a profile. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, tell } from '../io.ts'

interface Given {
  readonly path: string
  readonly name: string
  readonly arch?: string
  readonly breed?: string
  readonly osVersion?: string
  readonly autoinstall?: string
}

export function addImportCommand(program: Command, { io, client }: Context): void {
  program
    .command('import')
    .description('make a distro and a profile of a Debian netboot tree')
    .requiredOption('--path <path>', 'a folder or a tar of one, on the server')
    .requiredOption('--name <name>', 'the name of both')
    .option('--arch <arch>', 'x86_64, i386, aarch64')
    .option('--breed <breed>', 'debian, ubuntu')
    .option('--os-version <version>', 'trixie, noble')
    .option('--kickstart, --autoinstall <file>', 'file name of the preseed')
    .action(async (given: Given) => {
      const server = await client()
      tell(io, `importing ${given.path} …`)
      const { because } = await server.send<{ because: string }>('POST', apiPath('import'), {
        ...given,
        path: resolve(given.path),
      })
      print(io, because)
    })
}

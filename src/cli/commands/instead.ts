/** Commands of Cobbler's that Orchestra has no use for: each says in a sentence what there is instead, and fails. */
import type { Command } from 'commander'
import { CliError } from '../io.ts'

const INSTEAD = {
  buildiso:
    'Orchestra builds no ISO: machines boot over the network; one that cannot starts from a stick with iPXE, whose DHCP finds Orchestra',
  reposync:
    'Orchestra mirrors no repositories: installers fetch packages from the mirror that their preseed names; put a caching proxy or apt-mirror there',
  replicate:
    'Orchestra copies nothing from another Cobbler by itself: "orchestra report --json" there and "orchestra system add" here do, or any XML-RPC client',
  hardlink:
    'Orchestra makes no hard links: it keeps a kernel and an initial ramdisk per distro, and no trees that could be shared',
  aclsetup:
    'Orchestra goes by users and tokens, not by the owners of files: who may do what is the role of the user (viewer, operator, admin)',
  mkloaders:
    'Orchestra builds no loaders: it serves those of the distribution\'s packages, signed as they are; "orchestra check" tells which package is missing',
  signature:
    'Orchestra has no signatures to load: "orchestra import" recognizes a tree by what is in it, and --breed, --arch and --os-version say otherwise',
  setting: 'settings are in orchestra.yaml on the server: edit it, then "orchestra config check" and a restart',
} as const

export function buildInstead(command: Command, name: keyof typeof INSTEAD): void {
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new CliError(INSTEAD[name])
    })
}

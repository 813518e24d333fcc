/** Profile: what a kind of machine gets. A profile with a parent inherits from that profile instead of from a distro. */
import { OrchestraError } from './errors.ts'
import type { Inheritable, Item, Options } from './item.ts'

export interface Profile extends Item {
  /** Name of the distro; empty in a sub-profile. */
  readonly distro: string
  /** Name of the parent profile; empty for none. */
  readonly parent: string
  readonly kernelOptions: Inheritable<Options>
  readonly kernelOptionsPost: Inheritable<Options>
  readonly meta: Inheritable<Options>
  /** The preseed's file name below preseeds/ (Cobbler: autoinstall, kickstart). */
  readonly autoinstall: Inheritable<string>
  readonly nameServers: Inheritable<readonly string[]>
  readonly nameServersSearch: Inheritable<readonly string[]>
  /** What machines are told to fetch from; inherited from the setting unless set. */
  readonly server: Inheritable<string>
  /** What machines boot by, where their firmware leaves a choice: `pxe`, `grub`, `ipxe`; the first that fits. */
  readonly bootLoaders: Inheritable<readonly string[]>
  /** The boot file that DHCP names, in place of a loader that we know. */
  readonly filename: Inheritable<string>
}

/** @throws OrchestraError item.invalid */
export function checkProfile(profile: Profile): void {
  if (profile.distro === '' && profile.parent === '') {
    throw new OrchestraError('item.invalid', `Error with profile ${profile.name} - distro is required`, {
      field: 'distro',
    })
  }
}

/** The loaders as they are installed here: a GRUB that knows no HTTP would leave a machine of UEFI HTTP Boot at its prompt. */
import { buffer } from 'node:stream/consumers'
import type { Settings } from '../config-schema.ts'
import { bootFileSearch } from '../services/boot-file-search.ts'

/** What GRUB says to servers; there is nothing else to see of the modules that are in it. */
const SPEAKS_HTTP = 'HTTP/1.1'

/** The choice of loaders, with `uefi_http` where it was left open. */
export async function fittingLoaders(
  { loaders }: Settings['boot'],
  bootRoot: string,
): Promise<Settings['boot']['loaders']> {
  if (loaders.uefi !== 'grub' || loaders.uefi_http !== undefined) return loaders
  const { file } = await bootFileSearch({ distro: () => undefined, bootRoot }).loader('grubx64.efi')
  // One that is not here is missed by its name, when a machine asks for it.
  const isFit = !file || (await buffer(file.stream())).includes(SPEAKS_HTTP)
  return { ...loaders, uefi_http: isFit ? 'grub' : 'ipxe' }
}

/** What the lab installs: a profile's netboot tree, imported into the daemon, and the site's own templates that go with it. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LabApi } from './lab-api.ts'
import { buildMiniImage } from './mini-image.ts'
import { MIRROR_PORT, type ProfileName, SUITES } from './nodes.ts'
import { IMAGE_PATH, type ProfileParts } from './profile-parts.ts'

export interface ProfileNeeds {
  readonly cache: string
  /** The server's address. */
  readonly server: string
  /** Of all but mini. */
  readonly parts?: ProfileParts
  readonly say: (sentence: string) => void
}

/** The old orchestrators' word for a release: they make the names of profiles of it. */
const SERIES: Readonly<Record<ProfileName, string>> = { mini: 'mini', ...SUITES }

export const seriesOf = (name: ProfileName): string => SERIES[name]
/** `<series>-<arch>`, as Orchestra's import named them. */
export const profileOf = (name: ProfileName): string => `${SERIES[name]}-x86_64`

/** The import makes beside it the profile that orchestrators give to the machines that they start. */
export async function addProfile(wanted: ProfileName, api: LabApi, needs: ProfileNeeds): Promise<void> {
  const name = profileOf(wanted)
  switch (wanted) {
    case 'mini': {
      const { folder } = await buildMiniImage(needs.cache, needs.say)
      await api.call('POST', '/api/import', {
        path: folder,
        name,
        arch: 'x86_64',
        breed: 'debian',
        osVersion: 'mini',
        kernelOptions: {
          console: 'ttyS0,115200',
          // The installed system's kernel, as a mirror would have it.
          'mini/kernel': `http://${needs.server}/boot/images/${name}/vmlinuz`,
          'ipv6.disable': '1',
          quiet: null,
        },
      })
      return
    }
    case 'debian': {
      // The mini profile's kernel and ramdisk, which run the script that streams the image.
      const { folder } = await buildMiniImage(needs.cache, needs.say)
      await api.call('POST', '/api/import', {
        ...{ path: folder, name, arch: 'x86_64', breed: 'debian', osVersion: SERIES[wanted] },
        autoinstall: 'raw.sh',
        kernelOptions: { console: 'ttyS0,115200', 'ipv6.disable': '1', quiet: null },
      })
      await api.call('PATCH', `/api/profiles/${name}`, {
        // Without its checksum: an emulated processor takes a minute for that.
        meta: { image_url: `http://${needs.server}/boot/${IMAGE_PATH}` },
      })
      return
    }
    case 'debian-12':
    case 'debian-13': {
      const { installer } = needs.parts ?? {}
      if (!installer) throw new Error(`${wanted} needs its installer`)
      await api.call('POST', '/api/import', {
        path: installer.folder,
        name,
        arch: 'x86_64',
        breed: 'debian',
        osVersion: SERIES[wanted],
        kernelOptions: {
          ...{ console: 'ttyS0,115200', DEBIAN_FRONTEND: 'text', 'ipv6.disable': '1' },
          // The ramdisk has those that are needed.
          'anna/no_kernel_modules': 'true',
        },
      })
      await api.call('PATCH', `/api/profiles/${name}`, {
        kernelOptionsPost: { console: 'ttyS0,115200' },
        meta: {
          mirror_hostname: `${needs.server}:${MIRROR_PORT}`,
          // What the lab's mirror has not, and what takes time.
          apt_services: '',
          allow_unauthenticated: `${installer.amended.size > 0}`,
          ntp: 'false',
          kernel_image: 'linux-image-cloud-amd64',
          install_recommends: 'false',
        },
      })
      return
    }
  }
}

/**
 * QEMU's BIOS ROM is an iPXE, so it is given a script, and never PXELINUX. To see PXELINUX at work, the lab's site templates
 * make that script go on to it, as a ROM that knows no scripts would have been told by DHCP.
 */
export function siteTemplates(folder: string, loader: string | undefined): void {
  if (loader !== 'pxelinux') return
  mkdirSync(join(folder, 'ipxe'), { recursive: true, mode: 0o700 })
  for (const name of ['install.cfg', 'local.cfg']) {
    cpSync(join(import.meta.dirname, 'pxelinux.ipxe'), join(folder, 'ipxe', name))
  }
}

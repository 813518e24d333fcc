/**
 * What can go wrong with a boot, as data: what each fault does to one machine of the lab, and what the verdict on that boot
 * must be. Injected before the machine is powered on; undone, it boots as if nothing had been.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { EventMap } from '../src/model/event.ts'
import type { VerdictName } from '../src/model/verdict.ts'
import { type FaultTools, type Undo, withSystem } from './fault-tools.ts'

export interface Fault {
  /** What is done, as one would tell it. */
  readonly does: string
  /** `ready`: it must come through. */
  readonly verdict: VerdictName
  /** Where it cannot be told with either firmware. */
  readonly firmware?: 'bios' | 'uefi'
  inject(tools: FaultTools): Promise<Undo>
}

export const FAULTS = {
  unplugged: {
    does: 'the cable is pulled out of the switch',
    verdict: 'no-dhcp',
    async inject({ inside, tap, bridge }) {
      await inside('ip', 'link', 'set', tap, 'nomaster')
      return async () => void (await inside('ip', 'link', 'set', tap, 'master', bridge))
    },
  },

  'dhcp-dropped': {
    does: 'a switch drops what it asks by DHCP',
    verdict: 'no-dhcp',
    inject: ({ drop }) => drop('in', 'udp dport 67'),
  },

  'dhcp-delayed': {
    does: 'for its first five seconds nobody hears what it asks by DHCP',
    verdict: 'ready',
    async inject({ api, drop, name }) {
      const hear = await drop('in', 'udp dport 67')
      const heard = Promise.withResolvers<void>()
      const stop = api.events.on(({ name: event, payload }) => {
        if (event !== 'boot.step' || (payload as EventMap['boot.step']).system !== name) return
        stop()
        heard.resolve(wait(5000).then(hear))
      })
      return async () => {
        stop()
        await heard.promise
      }
    },
  },

  'other-dhcp': {
    does: 'another DHCP server answers too, and the machine likes its offer better',
    verdict: 'no-request',
    firmware: 'bios',
    async inject({ inside, folder, mac, name, bridge, prefix }) {
      // To QEMU's ROM, which is an iPXE, it says that its word counts more.
      const [rogue, offered] = [`${prefix}.9`, `${prefix}.240`]
      const pid = `${folder}/rogue-${name}.pid`
      const port = `rogue-${name}`
      // Process 1 is the lab's first, in whose network the other end of the link is.
      const commands = [
        'ip link set lo up',
        `ip link add eth0 type veth peer name ${port} netns 1`,
        `ip address add ${rogue}/24 dev eth0`,
        'ip link set eth0 up',
        `exec dnsmasq --conf-file=/dev/null --port=0 --pid-file=${pid} --user=root --no-ping --dhcp-authoritative \
          --dhcp-leasefile=${folder}/rogue-${name}.leases --dhcp-range=${offered},${offered},1h \
          --dhcp-host=${mac},${offered} --dhcp-ignore=tag:!known --dhcp-option=encap:175,1,100b`,
      ]
      await inside('unshare', '--net', 'sh', '-c', commands.join(' && '))
      await inside('ip', 'link', 'set', port, 'master', bridge, 'up')
      return async () => void (await inside('sh', '-c', 'kill "$(cat "$0")"', pid))
    },
  },

  'loader-blocked': {
    does: 'a firewall drops what the machine asks for by TFTP and HTTP',
    verdict: 'loader-not-asked',
    inject: ({ drop }) => drop('in', 'udp dport 69', 'tcp dport 80'),
  },

  'loader-gone': {
    does: 'the package of the loader was taken off the server',
    verdict: 'loader-missing',
    firmware: 'uefi',
    async inject({ inside }) {
      // The lab has its own view of the file system.
      await inside('mount', '-t', 'tmpfs', 'none', '/usr/lib/shim')
      return async () => void (await inside('umount', '/usr/lib/shim'))
    },
  },

  'loader-broken': {
    does: 'the loader is a file that the firmware cannot start',
    verdict: 'no-config',
    firmware: 'uefi',
    inject: ({ put }) => put('boot/shimx64.efi', 'This is no program.\n'.repeat(500)),
  },

  'kernel-gone': {
    does: 'the kernel of its distro was deleted',
    verdict: 'kernel-missing',
    async inject(tools) {
      const { api, folder, name } = tools
      const distro = `gone-${name}`
      const files = { kernel: `${folder}/${distro}/vmlinuz`, initrd: `${folder}/${distro}/initrd.img` }
      await api.call('POST', '/api/distros', { name: distro, ...files })
      await api.call('POST', '/api/profiles', { name: distro, distro })
      return await withSystem(tools, { profile: distro })
    },
  },

  'large-packets-lost': {
    does: 'a switch on the way drops packets of full size: an MTU black hole',
    verdict: 'no-kernel',
    firmware: 'bios',
    inject: ({ drop }) => drop('out', 'meta length > 1400'),
  },

  'no-driver': {
    does: 'the kernel of the installer finds no network card',
    verdict: 'no-preseed',
    inject: (tools) => withSystem(tools, { kernelOptions: { pci: 'off' } }),
  },

  'preseed-broken': {
    does: 'its preseed names something that nobody knows',
    verdict: 'preseed-error',
    async inject(tools) {
      const undo = await tools.put('preseeds/broken.seed', 'd-i debian-installer/locale string {{nobody_knows_this}}\n')
      const back = await withSystem(tools, { autoinstall: 'broken.seed' })
      return async () => {
        await back()
        await undo()
      }
    },
  },

  'installer-asks': {
    does: 'the installer asks a question that the preseed does not answer',
    verdict: 'installer-silent',
    inject: (tools) => withSystem(tools, { kernelOptions: { 'mini/hang': 'disk' } }),
  },

  'late-command-fails': {
    does: 'the late command fails',
    verdict: 'install-failed',
    inject: (tools) => withSystem(tools, { meta: { ENSEMBLE_LATE_COMMAND: 'exit 3' } }),
  },

  'disk-full': {
    does: 'its disk is full before the late command',
    verdict: 'install-failed',
    inject: (tools) => withSystem(tools, { kernelOptions: { 'mini/fill': 'disk' } }),
  },

  'daemon-killed': {
    does: 'the daemon is killed in the middle of its installation, and started again',
    verdict: 'ready',
    async inject({ api, daemon, name }) {
      const killed = Promise.withResolvers<void>()
      const stop = api.events.on((event) => {
        if (event.name !== 'boot.step') return
        const { system, step } = event.payload as EventMap['boot.step']
        if (system !== name || step !== 'kernel') return
        stop()
        killed.resolve(daemon('kill').then(() => daemon('start')))
      })
      return async () => {
        stop()
        killed.resolve()
        await killed.promise
      }
    },
  },

  'never-rebooted': {
    does: 'the installed machine waits for a key instead of booting again',
    verdict: 'not-rebooted',
    inject: (tools) => withSystem(tools, { kernelOptions: { 'mini/hang': 'reboot' } }),
  },

  'no-late-command': {
    does: "a preseed of the site's own has no late command, so that nobody says that the install has ended",
    verdict: 'reinstall-loop',
    async inject(tools) {
      const undo = await tools.put('preseeds/site.seed', 'd-i partman-auto/disk string /dev/vda\n')
      const back = await withSystem(tools, { autoinstall: 'site.seed' })
      return async () => {
        await back()
        await undo()
      }
    },
  },

  'dead-bmc': {
    does: 'its power controller does not answer',
    verdict: 'power-failed',
    inject: (tools) => withSystem(tools, { power: { type: 'lab', address: 'unix:/nowhere.sock', id: tools.name } }),
  },

  'deaf-bmc': {
    does: 'network boot is off in the firmware, and the controller does not take the order to use it',
    verdict: 'bmc-disobeyed',
    firmware: 'bios',
    async inject({ netboot }) {
      await netboot(false)
      return () => netboot(true)
    },
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof FAULTS

/** Beside what the lab needs anyhow. */
export const FAULT_PACKAGES = ['nftables', 'dnsmasq-base'] as const

/** What is said of each fault of a boot: the step that is missing, a sentence, and what a person can try next. */
import type { TraceEntry } from './trace.ts'

export interface Words {
  /** The step that should have come. */
  readonly missing: string
  readonly says: (machine: string, evidence: TraceEntry, about: string) => string
  readonly next: (machine: string, evidence: TraceEntry) => string
}

const why = ({ because, text }: TraceEntry): string => because ?? text

export type FaultName =
  | 'no-dhcp'
  | 'not-answered'
  | 'no-request'
  | 'no-loader-for-it'
  | 'loader-not-asked'
  | 'loader-missing'
  | 'loader-broken-off'
  | 'no-config'
  | 'config-refused'
  | 'no-kernel'
  | 'kernel-missing'
  | 'no-preseed'
  | 'preseed-error'
  | 'installer-silent'
  | 'install-failed'
  | 'not-rebooted'
  | 'reinstall-loop'
  | 'bmc-disobeyed'
  | 'disk-instead'
  | 'power-failed'

export const FAULTS: Readonly<Record<FaultName, Words>> = {
  'no-dhcp': {
    missing: 'a DHCP request',
    says: (machine) => `${machine} was turned on, and nothing came from it by DHCP`,
    next: () =>
      'look at its console: is network boot on and first in its boot order, is the cable in the interface whose MAC address is known here, is the switch port up (spanning tree), does a relay or VLAN lead here?',
  },
  'not-answered': {
    missing: 'an answer to its DHCP request',
    says: (machine, evidence) => `${machine} asked to boot, and was not answered: ${why(evidence)}`,
    next: (machine) =>
      `mend what is said there; if it is a new machine, add it as a system with its MAC address (${machine})`,
  },
  'no-request': {
    missing: 'the DHCP request for the address that was offered',
    says: (machine, { server }) =>
      server === undefined
        ? `${machine} was offered an address, and did not ask for it: another DHCP server was faster, or our offer did not reach it`
        : `${machine} was offered an address, and took the one of another DHCP server, ${server}`,
    next: (_, { server }) =>
      server === undefined
        ? 'look for another DHCP server on this network, and for a firewall or switch (DHCP snooping) that drops our offers'
        : `stop the DHCP server ${server} on this network, or let it send machines here to boot (next-server and file name)`,
  },
  'no-loader-for-it': {
    missing: 'a loader for its architecture',
    says: (machine, evidence) => `${machine} got an address and no loader: ${why(evidence)}`,
    next: () =>
      'choose another way to boot in its firmware (UEFI or BIOS, PXE or HTTP), or name a loader in its system',
  },
  'loader-not-asked': {
    missing: 'the request for the loader',
    says: (machine, { path }) => `${machine} got its address, and never asked for its loader ${path ?? ''}`.trimEnd(),
    next: (_, { firmware, path }) =>
      `is TFTP (UDP port 69) or HTTP to this server blocked by a firewall? Is ${path ?? 'the loader'} right for ${firmware ?? 'its firmware'}? ${
        firmware === undefined || firmware.startsWith('uefi')
          ? 'UEFI firmware drops offers that lack what it wants, so see that no proxy DHCP answers beside this server'
          : 'See that no other DHCP server or proxy answers beside this one'
      }`,
  },
  'loader-missing': {
    missing: 'the loader',
    says: (machine, evidence) =>
      `${machine} asked for ${evidence.path ?? 'its loader'}, which is not here: ${why(evidence)}`,
    next: (_, evidence) => {
      const [, command] = /(apt-get install [^\s,]+)/.exec(why(evidence)) ?? []
      return command
        ? `${command}, and start it again`
        : 'put the loader into the boot folder, or correct its name; orchestra check tells what is missing'
    },
  },
  'loader-broken-off': {
    missing: 'the rest of the loader',
    says: (machine, { path, outcome, text }) =>
      `${machine} asked for ${path ?? 'its loader'} and did not get it whole${outcome === 'ok' ? '' : `: ${text}`}`,
    next: () =>
      'look for a firewall that drops TFTP (its data comes from ports above 1023), for packet loss, and for an MTU that is too large',
  },
  'no-config': {
    missing: 'the request for a boot config',
    says: (machine, evidence) => `${machine} has its loader, and asked for no boot config: ${evidence.text}`,
    next: () =>
      'look at its console: Secure Boot may have refused the loader, the loader may not know its network card (try another one), or it looks for its config on another server',
  },
  'config-refused': {
    missing: 'its boot config',
    says: (machine, evidence) => `${machine} asked for its boot config and got none: ${why(evidence)}`,
    next: (machine) => `mend what is said there (orchestra system report --name ${machine}), and start it again`,
  },
  'no-kernel': {
    missing: 'the kernel',
    says: (machine) => `${machine} has its boot config, and did not fetch its kernel whole`,
    next: () =>
      'look at its console: too little memory, a kernel that Secure Boot refuses, or a network that loses packets (the large ones alone: an MTU that is too large on the way); fetch by HTTP rather than TFTP',
  },
  'kernel-missing': {
    missing: 'the kernel or initrd',
    says: (machine, evidence) =>
      `${machine} asked for ${evidence.path ?? 'its kernel'}, which is not here: ${why(evidence)}`,
    next: () => 'import the distro again, or correct its kernel and initrd; orchestra check tells what is missing',
  },
  'no-preseed': {
    missing: 'the request for the preseed',
    says: (machine) => `${machine} has its kernel, and asked for no preseed`,
    next: (machine) =>
      `look at its console: the kernel may not know its hardware (the network card's firmware, too little memory), the installer may have got no address, or it cannot reach this server by HTTP; see the kernel's line with orchestra system report --name ${machine}`,
  },
  'preseed-error': {
    missing: 'the preseed',
    says: (machine, evidence) => `${machine} asked for its preseed, which cannot be made: ${why(evidence)}`,
    next: (machine) =>
      `mend that, see that orchestra system get-autoinstall --name ${machine} answers, and start it again`,
  },
  'installer-silent': {
    missing: 'a word of the installer',
    says: (machine, evidence) => `the installer of ${machine} has fallen silent; the last of it: ${evidence.text}`,
    next: (machine) =>
      `look at its console: it may ask a question that the preseed does not answer, or wait for a mirror; its last lines are in orchestra log ${machine}`,
  },
  'install-failed': {
    missing: 'the end of the install',
    says: (machine, evidence) => `${machine} failed: ${why(evidence)}`,
    next: (machine) =>
      `its last lines are in orchestra log ${machine}; mend the cause, then orchestra repair ${machine}, and start it again`,
  },
  'not-rebooted': {
    missing: 'the reboot after the install',
    says: (machine) => `${machine} was installed, and has not booted since`,
    next: (machine) =>
      `look at its console: it may wait for a key, hang on the way down, or boot from its disk without a word; turn it off and on (orchestra system reboot --name ${machine})`,
  },
  'reinstall-loop': {
    missing: 'the end of an install',
    says: (machine, evidence, installs) =>
      `${machine} is in a reinstall loop${Number(installs) > 1 ? `: told to install ${installs} times in a row, and none came to its end` : ''} (${evidence.text})`,
    next: (machine) =>
      `the installer does not reach its last call (orchestra log ${machine}): see that the preseed's late command runs and can reach this server; then orchestra repair ${machine}`,
  },
  'bmc-disobeyed': {
    missing: 'a boot by network',
    says: (machine, evidence, then) =>
      `the controller of ${machine} did not take the order to boot by network: ${evidence.text}; ${then}`,
    next: (machine) =>
      `put network boot first in the firmware's boot order by hand, or mend the controller's settings (orchestra power test ${machine}), and start it again`,
  },
  'disk-instead': {
    missing: 'a boot by network',
    says: (machine, { text }) => `${machine} is to be installed, and booted from its disk: ${text}`,
    next: () =>
      'put network boot first in its boot order, or use a power driver that can order it for one boot (IPMI, Redfish)',
  },
  'power-failed': {
    missing: 'a machine that is on',
    says: (machine, evidence) => `${machine} could not be turned on: ${why(evidence)}`,
    next: (machine) => `try its controller: orchestra power test ${machine}`,
  },
}

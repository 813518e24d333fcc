/** How far a site is from its first install: an interface, DHCP, a distribution, a machine. */

export interface FirstRun {
  readonly needed: boolean
  /** True: done. */
  readonly steps: {
    readonly interface: boolean
    readonly dhcp: boolean
    readonly distro: boolean
    readonly machine: boolean
  }
  /** The command line of the lab. */
  readonly lab: string
}

export interface FirstRunFacts {
  /** Somebody has decided that another DHCP server does it all. */
  readonly dhcpIsOff: boolean
  readonly subnets: number
  /** An interface is served, or could be with the settings as they are. */
  readonly hasInterface: boolean
  readonly distros: number
  readonly systems: number
}

export function firstRun({ dhcpIsOff, subnets, hasInterface, distros, systems }: FirstRunFacts): FirstRun {
  const steps = {
    interface: hasInterface || dhcpIsOff,
    dhcp: subnets > 0 || dhcpIsOff,
    distro: distros > 0,
    machine: systems > 0,
  }
  return { needed: !(steps.dhcp && steps.distro && steps.machine), steps, lab: 'npm run lab' }
}

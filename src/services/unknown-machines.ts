/** Machines that asked for something and are no system of ours: what is known of them, and how they become systems. */
import type { Ipv4, Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Lease } from '../model/lease.ts'
import { emptyInterface, type System } from '../model/system.ts'
import { type BootAttempt, lastSeen } from '../model/trace.ts'
import type { Db } from '../store/db.ts'
import { strangersSeen } from '../store/traces.ts'
import type { Catalog } from './catalog.ts'
import type { Traces } from './trace.ts'

export interface UnknownMachine {
  readonly mac: Mac
  readonly ip: Ipv4 | null
  /** Who made its network card, as the IEEE has it. */
  readonly vendor: string | null
  /** Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  /** How many boots of it were seen. */
  readonly times: number
  /** What it asked last. */
  readonly asked: string
  readonly bootId: number | null
  readonly verdict: string | null
}

export interface Enrolment {
  /** Made of the MAC unless told. */
  readonly name?: string | undefined
  /** The only one there is, unless told. */
  readonly profile?: string | undefined
  readonly mgmtClasses?: readonly string[] | undefined
  /** Whether its next boot installs it; not, unless told. */
  readonly netboot?: boolean | undefined
}

export interface UnknownMachines {
  /** Of the last week, those that were seen last first. */
  list(): Promise<UnknownMachine[]>
  count(): number
  /** @throws OrchestraError item.missing (nothing was seen of it) | item.exists | item.invalid */
  enrol(mac: Mac, how: Enrolment, by: string): Promise<System>
}

export interface UnknownMachinesOptions {
  readonly db: Db
  readonly traces: Pick<Traces, 'last' | 'of' | 'verdict' | 'claim' | 'flushed'>
  readonly catalog: Pick<Catalog, 'systemByMac' | 'list' | 'draft' | 'save'>
  readonly leaseOf: (mac: Mac) => Lease | undefined
}

/** More than anybody looks through. */
const MOST = 1_000

export function createUnknownMachines({ db, traces, catalog, leaseOf }: UnknownMachinesOptions): UnknownMachines {
  function* strangers(): Generator<BootAttempt & { readonly mac: Mac }> {
    for (const attempt of traces.last()) {
      const { mac, uid } = attempt
      if (mac !== undefined && uid === undefined && !catalog.systemByMac(mac)) yield { ...attempt, mac }
    }
  }

  function profileFor({ profile }: Enrolment): string {
    if (profile !== undefined) return profile
    const [only, ...others] = catalog.list('profile').map(({ name }) => name)
    if (only !== undefined && others.length === 0) return only
    const which =
      only === undefined ? 'there is none yet: import a distro first' : `one of ${[only, ...others].join(', ')}`
    throw new OrchestraError('item.invalid', `name the profile that it gets: ${which}`.slice(0, 500), {
      field: 'profile',
    })
  }

  return {
    async list() {
      await traces.flushed()
      const found = [...strangers()].map((attempt) => ({ attempt, last: lastSeen(attempt) }))
      const shown = found.sort((one, other) => other.last - one.last).slice(0, MOST)
      const seen = await strangersSeen(
        db,
        shown.map(({ attempt }) => attempt.mac),
      )
      const vendorOf = shown.length === 0 ? () => null : await vendors()
      return shown.map(({ attempt, last }): UnknownMachine => {
        const { mac, id, started } = attempt
        const { first = started, times = 1 } = seen.get(mac) ?? {}
        const verdict = traces.verdict(attempt).verdict
        const ip = leaseOf(mac)?.ip ?? null
        return { mac, ip, vendor: vendorOf(mac), first, last, times, asked: askedIn(attempt), bootId: id, verdict }
      })
    },

    count: () => [...strangers()].length,

    async enrol(mac, how, by) {
      const known = catalog.systemByMac(mac)
      if (known) throw new OrchestraError('item.exists', `${mac} is the system ${known.name} already`, { field: 'mac' })
      if ((await traces.of(mac, { limit: 1 })).length === 0) {
        const next = 'let it boot here once, or add it with orchestra system add'
        throw new OrchestraError('item.missing', `nothing was seen of ${mac} yet; ${next}`)
      }
      const system: System = {
        ...catalog.draft('system'),
        name: how.name ?? `node-${mac.replaceAll(':', '')}`,
        profile: profileFor(how),
        netbootEnabled: how.netboot ?? false,
        interfaces: { eth0: { ...emptyInterface(), macAddress: mac } },
        ...(how.mgmtClasses && { mgmtClasses: how.mgmtClasses }),
      }
      const saved = await catalog.save('system', system, { by })
      await traces.claim(saved)
      return saved
    },
  }
}

/** `DISCOVER by uefi-x64: no answer` without its answer. */
function askedIn({ entries }: BootAttempt): string {
  const asked = entries.findLast(({ kind }) => kind === 'dhcp') ?? entries.at(-1)
  return (asked?.text ?? '').replace(/: [^:]*$/, '')
}

/** The IEEE's table takes megabytes: it is read when somebody looks. Addresses that somebody made up are in no table. */
async function vendors(): Promise<(mac: Mac) => string | null> {
  // By a name that the type checker does not follow: it would read all of the table as a type.
  const table: string = 'oui-data'
  const { default: names } = (await import(table, { with: { type: 'json' } })) as { default: Record<string, string> }
  return (mac) => names[mac.replaceAll(':', '').slice(0, 6).toUpperCase()]?.split('\n', 1)[0] ?? null
}

/** What people do to many machines, or for long, tied to the services that do it: jobs, imports, bulk actions, the machines at a look. */
import { systemClock as clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { newUid } from '../lib/secret.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import type { Acquire } from '../services/acquire.ts'
import { type Bulk, createBulk } from '../services/bulk.ts'
import type { Catalog } from '../services/catalog.ts'
import type { ImportTree } from '../services/import.ts'
import { createImports, type Imports } from '../services/imports.ts'
import { type Jobs, openJobs } from '../services/jobs.ts'
import type { Journal } from '../services/journal.ts'
import type { Leases } from '../services/leases.ts'
import { createMachines, type Machines } from '../services/machines.ts'
import type { Power } from '../services/power.ts'
import type { Standings } from '../services/standing.ts'
import type { Traces } from '../services/trace.ts'
import type { UnknownMachines } from '../services/unknown-machines.ts'
import type { Db } from '../store/db.ts'
import type { WebDav } from '../webdav/handle.ts'

export interface LongTasks {
  readonly jobs: Jobs
  readonly imports: Imports
  readonly bulk: Bulk
  readonly machines: Machines
}

interface Needs {
  readonly db: Db
  readonly log: Log
  readonly journal: Journal
  readonly catalog: Catalog
  readonly power: Power
  readonly acquire: Acquire
  readonly standings: Standings
  readonly traces: Traces
  readonly leases: Leases
  readonly unknownMachines: Pick<UnknownMachines, 'count'>
  readonly importTree: ImportTree
  readonly store: { readonly webdav: WebDav } | undefined
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly foreignDhcp: () => number
  readonly onStop: (stop: () => unknown) => void
}

/** Before power is told how to stop: what its tasks say at their end is written down. */
export async function openLongTasks({ store, importTree, leases, onStop, ...needs }: Needs): Promise<LongTasks> {
  const { power, unknownMachines } = needs
  const jobs = await openJobs({ ...needs, clock, record: needs.journal.record, newId: newUid })
  onStop(async () => {
    await Promise.all(power.underWay().map(({ id }) => power.finished(id)))
    await jobs.flushed()
  })
  return {
    jobs,
    imports: createImports({ importTree, jobs, storePath: store?.webdav.onDisk }),
    bulk: createBulk({ ...needs, jobs, clock }),
    machines: createMachines({
      ...{ ...needs, clock, unknownMachines: unknownMachines.count },
      leasedTo: (mac) => leases.byMac(mac)?.ip,
    }),
  }
}

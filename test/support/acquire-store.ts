/** Taking machines over a real database, which can be opened again; only the power service is a list of what was asked of it. */
import { newUid } from '../../src/lib/secret.ts'
import { blendSystem } from '../../src/model/blend.ts'
import type { OrchestraError } from '../../src/model/errors.ts'
import type { System } from '../../src/model/system.ts'
import { type Acquire, type AcquireRequest, createAcquire } from '../../src/services/acquire.ts'
import { type Catalog, openCatalog } from '../../src/services/catalog.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { addProfile, fixedClock, testVault } from './store.ts'

export const ann = { user: 'ann' }
export const POWER = { type: 'wol', address: '', user: '', pass: '', id: '', options: '' }

export type AcquireStore = Awaited<ReturnType<typeof acquireStore>>

export async function acquireStore() {
  const world = {
    ...(await openAll(':memory:')),

    /** Ends what is open, and opens the database of a file; its profile is made when it is new. */
    async open(path: string): Promise<void> {
      await world.db.destroy()
      Object.assign(world, await openAll(path, world))
    },
    add: (name: string, classes: string, fields: Partial<System> = {}) =>
      world.catalog.save('system', {
        ...world.catalog.draft('system'),
        ...{ name, profile: 'debian-13', mgmtClasses: classes.split(' '), power: { ...POWER } },
        ...fields,
      }),
    take: (request: Partial<AcquireRequest> = {}, key?: string) =>
      world.acquire.acquire({ classes: [], dryRun: false, ...request }, { ...ann, key }),
    async taken(request: Partial<AcquireRequest> = {}, key?: string) {
      const answer = await world.take(request, key)
      if (!answer.ok) throw new Error(answer.because)
      return answer
    },
    async refusal(request: Partial<AcquireRequest> = {}) {
      const answer = await world.take(request)
      if (answer.ok) throw new Error(`took ${answer.system.name}`)
      return answer
    },
    classes: (name: string) => world.catalog.get('system', name)?.mgmtClasses,
  }
  return world
}

interface Opened {
  readonly db: Db
  readonly catalog: Catalog
  readonly acquire: Acquire
  readonly clock: ReturnType<typeof fixedClock>
  readonly events: { name: string; payload: object }[]
  readonly broken: Map<string, string>
  /** What was asked of the power service, and what it throws instead. */
  readonly power: { orders: string[]; error: OrchestraError | undefined }
}

const pairs = [
  { available: 'available', acquired: 'acquired' },
  { available: 'foo-available', acquired: 'foo-acquired' },
]

async function openAll(path: string, before?: Opened): Promise<Opened> {
  const { clock = fixedClock(), broken = new Map<string, string>(), events = [] } = before ?? {}
  const power: Opened['power'] = before?.power ?? { orders: [], error: undefined }
  const db = await openDb(path)
  const record = (name: string, payload: object) => void events.push({ name, payload })
  const custody = { pairs, brokenBecause: ({ name }: System) => broken.get(name) }
  const catalog = await openCatalog({ db, clock, newUid, record, custody, vault: testVault })
  if (!catalog.get('profile', 'debian-13')) await addProfile(catalog)
  const parents = {
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  const defaults = { server: 's', autoinstall: '', nameServers: [], nameServersSearch: [], owners: [] }
  const acquire = createAcquire({
    ...{ db, catalog, clock },
    blendSystem: (system) => blendSystem(system, parents, defaults),
    power: {
      async start(system, action) {
        if (power.error) throw power.error
        power.orders.push(`${system} ${action}`)
        const id = `t${power.orders.length}`
        return { id, system, action, state: 'running', because: '', started: 0, ended: undefined }
      },
    },
  })
  return { db, catalog, acquire, clock, events, broken, power }
}

/**
 * The Ensemble (later Juju) client's "orchestra" provider in our own words: what its commands put on the wire and what they
 * need back. It is as particular as the original: it reads without a token, logs in only when a fault says so, and gives up
 * where that would have given up. One client is one process of that program.
 */
import { readState, writeState } from './ensemble-client-documents.ts'
import type { Dial } from './ensemble-client-http.ts'
import { asNames, MachinesNotFound, openSession, ProviderError } from './ensemble-client-session.ts'
import { openStorage } from './ensemble-client-storage.ts'
import { isList, isStruct, type Struct, type Value } from './ensemble-client-xmlrpc.ts'

/** July 2011: a late command; 2011: user data; 2012: also constraints and the profile. */
export type Generation = 'july 2011' | '2011' | '2012'

/** As it stands in environments.yaml. */
export interface Environment {
  readonly type?: 'orchestra'
  readonly 'orchestra-server': string
  readonly 'orchestra-user': string
  readonly 'orchestra-pass': string
  readonly 'acquired-mgmt-class': string
  readonly 'available-mgmt-class': string
  readonly 'storage-url'?: string
  readonly 'storage-user'?: string
  readonly 'storage-pass'?: string
}

export interface Machine {
  readonly uid: string
  /** The system's name is its DNS name. */
  readonly name: string
  readonly state: 'pending' | 'provisioned'
}

type UserData = string | Uint8Array

export interface Launch {
  /** The `#cloud-config`, or for July 2011 the late command; it names the machine that was acquired. */
  readonly userData: UserData | ((machine: Pick<Machine, 'uid' | 'name'>) => UserData)
  /** 2012: `orchestra-classes` and `ubuntu-series`. */
  readonly classes?: readonly string[]
  readonly series?: string
}

export interface EnsembleOptions {
  readonly environment: Environment
  readonly generation?: Generation
  readonly dial?: Dial
}

const ARCHES = ['x86_64', 'i386']
const KEYS = { 'july 2011': ['ENSEMBLE_LATE_COMMAND'], 2011: ['MACHINE_ID', 'USER_DATA_BASE64'] } as const

export type EnsembleClient = ReturnType<typeof ensembleClient>

export function ensembleClient({ environment, generation = '2011', dial }: EnsembleOptions) {
  const { 'available-mgmt-class': available, 'acquired-mgmt-class': acquired } = environment
  const { 'orchestra-user': user, 'orchestra-pass': password } = environment
  const files = openStorage({
    url: environment['storage-url'] ?? `http://${environment['orchestra-server']}/webdav`,
    user: environment['storage-user'] ?? user,
    password: environment['storage-pass'] ?? password,
    dial,
  })
  const ownKeys: readonly string[] = KEYS[generation === 'july 2011' ? generation : '2011']
  const wire: string[] = []
  const { call, callWithToken, change, power } = openSession({
    server: environment['orchestra-server'],
    user,
    password,
    dial,
    note: (method) => void wire.push(method),
  })

  /** The systems of this environment, whole. */
  async function ours(uids?: readonly string[]): Promise<readonly Struct[]> {
    const all = await call('get_systems')
    if (!isList(all)) throw new ProviderError(`get_systems answered ${JSON.stringify(all)}`)
    const mine = all.filter((system) => classesOf(system).includes(acquired)).map(checked)
    if (!uids) return mine
    const missing = uids.filter((uid) => !mine.some((system) => system['uid'] === uid))
    if (missing.length > 0) throw new MachinesNotFound(`not ours: ${missing.join(', ')}`)
    return mine.filter((system) => uids.includes(String(system['uid'])))
  }

  function checked(system: Value): Struct {
    if (!isStruct(system)) throw new ProviderError('a system that is no struct')
    const { uid, name, netboot_enabled, ks_meta, profile } = system
    if (typeof uid !== 'string' || typeof name !== 'string' || typeof netboot_enabled !== 'boolean')
      throw new ProviderError(`uid, name or netboot_enabled of ${name} are of the wrong type`)
    if (!isStruct(ks_meta)) throw new ProviderError(`ks_meta of ${name} is no struct`)
    if (generation === '2012' && typeof profile !== 'string') throw new ProviderError(`profile of ${name} is no text`)
    return system
  }

  async function one(uid: string): Promise<Struct> {
    const [system] = await ours([uid])
    if (!system) throw new MachinesNotFound(`not ours: ${uid}`)
    return system
  }

  /** The first half of acquiring: whom to take. Nothing is written. */
  async function look({ classes = [] }: Partial<Launch> = {}): Promise<Struct> {
    const wanted = generation === '2012' ? [available, ...classes].join(' ') : available
    const names = asNames(await call('find_system', { mgmt_classes: wanted, netboot_enabled: 'true' }))
    for (const name of names) {
      const system = await call('get_system', name)
      if (system === '~') continue
      if (!isStruct(system)) throw new ProviderError(`get_system answered ${JSON.stringify(system)}`)
      if (classesOf(system).includes(acquired)) continue
      if (generation === '2012' && archOf(system) === undefined) continue
      return system
    }
    throw new ProviderError('no system is both available and set to boot from the network')
  }

  /** The second half: what was looked at is written. Answers the uid. */
  async function take(system: Struct): Promise<string> {
    const uid = system['uid']
    if (typeof uid !== 'string') throw new ProviderError('a system without a uid')
    const classes = classesOf(system).map((name) => (name === available ? acquired : name))
    await change(uid, { mgmt_classes: classes })
    return uid
  }

  async function start(uid: string, machineId: string, launch: Launch): Promise<Machine> {
    const system = await one(uid)
    const { userData } = launch
    const data = Buffer.from(typeof userData === 'function' ? userData(machineOf(system)) : userData)
    const values = generation === 'july 2011' ? [data.toString()] : [machineId, data.toString('base64')]
    const added = Object.fromEntries(ownKeys.map((key, at) => [key, values[at] ?? '']))
    const name = await change(uid, {
      ks_meta: { ...metaOf(system), ...added },
      netboot_enabled: true,
      ...(generation === '2012' && { profile: `${launch.series}-${archOf(system)}-juju` }),
    })
    await power(name, 'on')
    return machineOf(await one(uid))
  }

  async function release(uid: string): Promise<void> {
    const system = await one(uid)
    const kept = Object.entries(metaOf(system)).filter(([key]) => !ownKeys.includes(key))
    const classes = classesOf(system).map((name) => (name === acquired ? available : name))
    const values = { ks_meta: Object.fromEntries(kept), mgmt_classes: classes, netboot_enabled: true }
    await power(await change(uid, values), 'off')
  }

  async function launch(machineId: string, what: Launch): Promise<Machine> {
    const uid = await take(await look(what))
    return await start(uid, machineId, what).catch(async (error) => {
      await release(uid).catch(() => {})
      throw error
    })
  }

  const storage = {
    urlOf: files.urlOf,
    get(name: string) {
      wire.push(`GET ${name}`)
      return files.get(name)
    },
    put(name: string, bytes: Uint8Array | string) {
      wire.push(`PUT ${name}`)
      return files.put(name, bytes)
    },
  }

  /** @throws MachinesNotFound when the environment is not bootstrapped, or its machines are gone */
  async function findZookeepers(): Promise<Machine[]> {
    const uids = readState(await storage.get('provider-state'))
    const found: Machine[] = []
    for (const uid of uids) {
      const [system] = await ours([uid]).catch((error) => {
        if (error instanceof MachinesNotFound) return []
        throw error
      })
      if (system) found.push(machineOf(system))
    }
    if (found.length === 0) throw new MachinesNotFound('the environment is not bootstrapped')
    return found
  }

  return {
    /** Every call and every file access so far, by name. */
    wire: wire as readonly string[],
    storage,
    look,
    take,
    launch,
    start,
    release,
    change,
    call,
    callWithToken,

    /** Answers the machine of the first ZooKeeper, and whether it was launched now. */
    async bootstrap(what: Launch): Promise<{ readonly machine: Machine; readonly launched: boolean }> {
      const [before] = await findZookeepers().catch((error) => {
        if (error instanceof MachinesNotFound) return []
        throw error
      })
      if (before) return { machine: before, launched: false }
      await storage.put('bootstrap-verify', 'storage is writable')
      const machine = await launch('0', what)
      await storage.put('provider-state', writeState([machine.uid]))
      return { machine, launched: true }
    },

    /** What the provisioning agent on machine 0 does for a unit that needs a machine. */
    async deploy(machineId: string, what: Launch): Promise<Machine> {
      await findZookeepers()
      return await launch(machineId, what)
    },

    async status(): Promise<Machine[]> {
      await findZookeepers()
      return (await ours()).map(machineOf)
    },

    async terminate(...uids: string[]): Promise<void> {
      await ours(uids)
      for (const uid of uids) await release(uid)
    },

    async destroyEnvironment(): Promise<void> {
      await storage.put('provider-state', '{}\n').catch(() => {})
      const uids = (await ours()).map((system) => String(system['uid']))
      await ours(uids)
      for (const uid of uids) await release(uid)
    },
  }

  function classesOf(system: Value): readonly string[] {
    const classes = isStruct(system) ? system['mgmt_classes'] : undefined
    if (classes === undefined || !isList(classes)) throw new ProviderError('a system whose mgmt_classes are no list')
    return asNames(classes)
  }
}

function metaOf(system: Struct): Struct {
  const meta = system['ks_meta']
  if (!isStruct(meta)) throw new ProviderError('a system whose ks_meta is no struct')
  return meta
}

/** Guessed from the name of the profile: `oneiric-x86_64`. */
function archOf(system: Struct): string | undefined {
  const part = String(system['profile'] ?? '').split('-')[1] ?? ''
  return ARCHES.includes(part) ? part : undefined
}

function machineOf(system: Struct): Machine {
  const { uid, name, netboot_enabled } = system
  return { uid: String(uid), name: String(name), state: netboot_enabled === true ? 'pending' : 'provisioned' }
}

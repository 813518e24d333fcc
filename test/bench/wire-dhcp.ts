/**
 * DHCP beside Kea: whole exchanges of four in a second, by perfdhcp. Orchestra syncs each lease to the disk before its ACK; Kea,
 * as it comes, writes its lease file without waiting for the disk.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, middle } from './wire-table.ts'
import { DEVICE, FAR_DEVICE, NETWORK, POOL, type Running, SERVER, type World } from './wire-world.ts'

const SECONDS = 6
const CLIENTS = 40_000
/** Exchanges asked for in a second: in large steps to where too much is lost, then from the best one in small ones. */
const COARSE = Array.from({ length: 11 }, (_, at) => Math.round(1500 * 1.25 ** at))
const FINE = Array.from({ length: 5 }, (_, at) => 1.045 ** (at + 1))
const MOST_LOST = 1

interface Load {
  /** Exchanges in a second. */
  readonly rate: number
  /** Per cent of the DISCOVERs and REQUESTs that got no answer. */
  readonly lost: number
  /** Milliseconds from DISCOVER to OFFER, of 99 in 100. */
  readonly p99: number
}

export async function benchDhcp(world: World, rounds: number): Promise<Finding[]> {
  const best = { ours: [] as number[], kea: [] as number[] }
  const offers = { ours: [] as number[], kea: [] as number[] }
  const [few, many]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const kea = await climb(world, () => startKea(world, round))
    best.kea.push(kea)
    offers.kea.push(await p99At(world, () => startKea(world, round + 100), kea / 2))
    const ours = await climb(world, () => startOurs(world))
    best.ours.push(ours)
    offers.ours.push(await p99At(world, () => startOurs(world), ours / 2))
    few.push(await rateWith(world, 1000, ours))
    many.push(await rateWith(world, 100_000, ours))
  }
  const name = 'Kea'
  return [
    {
      ...{ what: `exchanges, less than ${MOST_LOST} % lost`, ours: best.ours, theirs: { name, values: best.kea } },
      ...{ unit: '/s', target: { least: 1.2 } },
    },
    {
      what: 'p99 of OFFERs at half of that',
      ours: offers.ours,
      unit: 'ms',
      target: { most: 20 },
      note: `${name} ${middle(offers.kea).toFixed(1)} ms`,
    },
    {
      ...{
        what: 'exchanges with 100,000 leases beside 1,000',
        ours: many,
        theirs: { name: 'with 1,000', values: few },
      },
      ...{ unit: '/s', target: { least: 0.8 } },
    },
  ]
}

/** The highest rate that loses less than what may be lost. */
async function climb(world: World, start: () => Promise<Running>): Promise<number> {
  const at = (asked: number) => fresh(world, start, asked, CLIENTS)
  const best = await highest(COARSE, at)
  if (best === 0) throw new Error('the machine is too busy to measure: even the lowest rate loses too much')
  return Math.max(
    best,
    await highest(
      FINE.map((part) => Math.round(best * part)),
      at,
    ),
  )
}

/** Upwards until twice in a row too much is lost: once may be somebody else's turn. */
async function highest(ladder: readonly number[], at: (asked: number) => Promise<Load>): Promise<number> {
  let [best, misses] = [0, 0]
  for (const asked of ladder) {
    const { rate, lost } = await at(asked)
    misses = lost < MOST_LOST ? 0 : misses + 1
    if (misses === 0) best = rate
    if (misses === 2) break
  }
  return best
}

async function p99At(world: World, start: () => Promise<Running>, asked: number): Promise<number> {
  return (await fresh(world, start, Math.round(asked), CLIENTS)).p99
}

async function fresh(world: World, start: () => Promise<Running>, asked: number, clients: number): Promise<Load> {
  const server = await start()
  try {
    await load(world, 500, 2, clients)
    return await load(world, asked, SECONDS, clients)
  } finally {
    await server.stop()
  }
}

/** With so many leases there already, all of them of the clients that ask. */
async function rateWith(world: World, clients: number, best: number): Promise<number> {
  const server = await startOurs(world)
  try {
    // As many exchanges as there are clients, at a rate that loses none.
    const calm = Math.min(4000, best / 2)
    await load(world, Math.round(calm), Math.ceil(clients / calm) + 1, clients)
    const ladder = [0.7, 0.8, 0.9, 1, 1.1].map((part) => Math.round(best * part))
    return await highest(ladder, (asked) => load(world, asked, SECONDS, clients))
  } finally {
    await server.stop()
  }
}

async function load(world: World, asked: number, seconds: number, clients: number): Promise<Load> {
  const perfdhcp = [
    'perfdhcp',
    '-4',
    '-l',
    FAR_DEVICE,
    '-r',
    `${asked}`,
    '-R',
    `${clients}`,
    '-p',
    `${seconds}`,
    SERVER,
  ]
  const report = join(world.folder, 'perfdhcp')
  // The time of each exchange is in it too, and that is long. It ends with 3 when something was lost.
  const program = 'report=$1; shift; "$@" -x t > "$report" || [ $? -eq 3 ]'
  await world.load('sh', ['-c', program, 'sh', report, ...perfdhcp], { timeout: 240_000 })
  return readReport(readFileSync(report, 'utf8'))
}

function readReport(said: string): Load {
  const rate = Number(/^Rate: ([\d.]+)/m.exec(said)?.[1])
  const sum = (word: string) =>
    [...said.matchAll(new RegExp(`^${word}: (\\d+)`, 'gm'))].reduce((total, [, digits]) => total + Number(digits), 0)
  const sent = sum('sent packets')
  return { rate, lost: (100 * (sent - sum('received packets'))) / sent, p99: p99Of(said) }
}

/** From the times at which each DISCOVER left and its OFFER came, which perfdhcp lists with `-x t`. */
function p99Of(said: string): number {
  const [, listed = ''] = said.split(/^\*\*\*Timestamps for packets: DISCOVER-OFFER\*\*\*$/m)
  const times: number[] = []
  for (const line of listed.split('\n')) {
    if (line.startsWith('***') && times.length > 0) break
    const [, sent, received] = /^sent \/ received: ([\d.]+) \/ ([\d.]+)$/.exec(line) ?? []
    if (received !== undefined) times.push(Number(received) - Number(sent))
  }
  times.sort((one, other) => one - other)
  return 1000 * (times[Math.floor(times.length * 0.99)] ?? Number.NaN)
}

function startOurs(world: World): Promise<Running> {
  const dhcp = { enabled: true, interfaces: [DEVICE], probe: false, subnets: [{ subnet: NETWORK, pool: POOL }] }
  return world.orchestra({ dhcp })
}

function startKea(world: World, run: number): Promise<Running> {
  const config = join(world.folder, `kea-${run}.json`)
  const loggers = [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }]
  const lease_database = {
    type: 'memfile',
    persist: true,
    name: join(world.folder, `kea-${run}-${Date.now()}.csv`),
    'lfc-interval': 0,
  }
  const Dhcp4 = {
    'interfaces-config': { interfaces: [DEVICE], 'dhcp-socket-type': 'udp' },
    'lease-database': lease_database,
    'valid-lifetime': 3600,
    subnet4: [{ subnet: NETWORK, pools: [{ pool: POOL.replace('-', ' - ') }] }],
    loggers,
  }
  writeFileSync(config, JSON.stringify({ Dhcp4 }))
  const env = { KEA_PIDFILE_DIR: world.folder, KEA_LOCKFILE_DIR: world.folder }
  return world.start(['kea-dhcp4', '-c', config], /DHCP4_STARTED/, env)
}

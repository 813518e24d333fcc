/**
 * TFTP beside tftpd-hpa: one client in lock-step, two hundred at once, and what a window (RFC 7440, which tftpd-hpa does not
 * have) is worth on a line with a delay.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { withDelay } from './wire-delay.ts'
import type { Finding } from './wire-table.ts'
import { CROWD, type Running, SERVER, type World } from './wire-world.ts'

const BIG = { name: 'initrd.gz', bytes: randomBytes(60_000_000) }
const SMALL = { name: 'small.gz', bytes: randomBytes(4_000_000) }
const TINY = { name: 'tiny.gz', bytes: randomBytes(1_000_000) }
const CLIENTS = 200
/** Milliseconds, there and back. */
const DELAY = 1

interface Pair {
  readonly ours: number[]
  readonly hpa: number[]
}

export async function benchTftp(world: World, rounds: number): Promise<Finding[]> {
  const root = join(world.folder, 'tftp')
  mkdirSync(root)
  for (const { name, bytes } of [BIG, SMALL, TINY]) writeFileSync(join(root, name), bytes)
  const [alone, crowd]: [Pair, Pair] = [
    { ours: [], hpa: [] },
    { ours: [], hpa: [] },
  ]
  const [lockStep, windows]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const [who, start] of [
      ['hpa', () => startHpa(world, root)],
      ['ours', () => startOurs(world)],
    ] as const) {
      const server = await start()
      try {
        // What has just started is slow, and nobody boots from that.
        for (let warm = 0; warm < 3; warm++) await fetchAlone(world)
        alone[who].push(await fetchAlone(world))
        crowd[who].push(await fetchAll(world))
        if (who === 'hpa') continue
        await withDelay(world, DELAY, async () => {
          lockStep.push(await fetchWith(world))
          windows.push(await fetchWith(world, 'windowsize 16'))
        })
      } finally {
        await server.stop()
      }
    }
  }
  const beside = ({ ours, hpa }: Pair) => ({ ours, theirs: { name: 'tftpd-hpa', values: hpa }, unit: 'MB/s' })
  return [
    { what: 'one client, blksize 1468, lock-step', ...beside(alone), target: { least: 0.9 } },
    { what: `${CLIENTS} clients at once, every file compared`, ...beside(crowd), target: { least: 1 } },
    {
      ...{
        what: `windowsize 16 with ${DELAY} ms of delay`,
        ours: windows,
        theirs: { name: 'lock-step', values: lockStep },
      },
      ...{ unit: 'MB/s', target: { least: 4 } },
    },
  ]
}

async function fetchAlone(world: World): Promise<number> {
  const to = join(world.folder, 'got')
  const fetch = ['-sS', '--tftp-blksize', '1468', '-o', to, `tftp://${SERVER}/${BIG.name}`]
  const speed = await speedOf(BIG.bytes.length, () => world.load('curl', fetch, { timeout: 120_000 }))
  await compare(to, BIG.bytes)
  return speed
}

async function fetchAll(world: World): Promise<number> {
  const folder = join(world.folder, 'crowd')
  mkdirSync(folder)
  const names = Array.from({ length: CLIENTS }, (_, index) => join(folder, `${CROWD}.1.${index}`))
  // A process each: of several transfers in one, curl loses its way.
  const program =
    'url=$1; shift; for to; do curl -sS --tftp-blksize 1468 --interface "$(basename "$to")" -o "$to" "$url" & done; wait'
  const url = `tftp://${SERVER}/${SMALL.name}`
  const speed = await speedOf(CLIENTS * SMALL.bytes.length, () =>
    world.load('sh', ['-c', program, 'sh', url, ...names], { timeout: 300_000 }),
  )
  for (const name of names) await compare(name, SMALL.bytes)
  rmSync(folder, { recursive: true })
  return speed
}

async function fetchWith(world: World, ...options: string[]): Promise<number> {
  const to = join(world.folder, 'got')
  const asked = ['blksize 1428', ...options].flatMap((option) => ['--option', option])
  const fetch = ['-g', '-r', TINY.name, '-l', to, ...asked, SERVER]
  const speed = await speedOf(TINY.bytes.length, () => world.load('atftp', fetch, { timeout: 120_000 }))
  await compare(to, TINY.bytes)
  return speed
}

/** MB in a second. */
async function speedOf(bytes: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return bytes / 1000 / (performance.now() - began)
}

async function compare(path: string, bytes: Buffer): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const wanted = createHash('sha256').update(bytes).digest('hex')
  if (hash.digest('hex') !== wanted) throw new Error(`${path} is not what was sent`)
}

function startOurs(world: World): Promise<Running> {
  const prepare = (data: string) => {
    const boot = join(data, 'boot')
    mkdirSync(boot, { recursive: true })
    for (const { name, bytes } of [BIG, SMALL, TINY]) writeFileSync(join(boot, name), bytes)
  }
  return world.orchestra({}, prepare)
}

/** It says nothing when it listens: it is asked until it answers. */
function startHpa(world: World, root: string): Promise<Running> {
  const options = ['--foreground', '--listen', '--address', `${SERVER}:69`, '-u', 'root', '--secure', root]
  const isUp = () => world.load('curl', ['-sS', '--max-time', '1', '-o', '/dev/null', `tftp://${SERVER}/${TINY.name}`])
  return world.start(['in.tftpd', ...options], () => isUp().then(() => true))
}

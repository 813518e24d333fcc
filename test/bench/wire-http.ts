/** HTTP beside nginx: two hundred clients that fetch one initrd of 60 MB. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from './wire-table.ts'
import { CLIENT, type Running, SERVER, type World } from './wire-world.ts'

const SIZE = 60_000_000
const [CLIENTS, SECONDS] = [200, 8]

interface Result {
  /** MB in a second. */
  readonly speed: number
  /** MB in a second of processor time of the server. */
  readonly thrift: number
  readonly memory: number
}

export async function benchHttp(world: World, rounds: number): Promise<Finding[]> {
  const files = join(world.folder, 'http')
  mkdirSync(files, { recursive: true })
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(files, name), randomBytes(SIZE))
  const [ours, theirs]: [Result[], Result[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    theirs.push(await race(world, await nginx(world, files), '/initrd.gz'))
    ours.push(await race(world, await orchestra(world, files), '/boot/images/bench/initrd.gz'))
  }
  const of = (field: keyof Result) => ({
    ours: ours.map((one) => one[field]),
    theirs: { name: 'nginx', values: theirs.map((one) => one[field]) },
  })
  return [
    { what: `${CLIENTS} clients, ${SIZE / 1e6} MB: together`, ...of('speed'), unit: 'MB/s', target: { least: 1 } },
    { what: 'the same for a second of processor time', ...of('thrift'), unit: 'MB/s', target: { least: 0.5 } },
    { what: 'memory after it', ...of('memory'), unit: 'MiB' },
  ]
}

async function race(world: World, server: Running, path: string): Promise<Result> {
  try {
    // Once before: what is not in the memory of the system yet is the disk's speed.
    await world.load('curl', ['-sSf', '-o', '/dev/null', `http://${SERVER}${path}`], { timeout: 60_000 })
    const before = server.cpu()
    const args = ['--threads', '1', '--connections', `${CLIENTS}`, '--duration', `${SECONDS}s`, '--timeout', '60s']
    const said = await world.load('wrk', [...args, `http://${SERVER}${path}`], { timeout: 120_000 })
    const speed = readSpeed(said)
    const cpu = server.cpu() - before
    return { speed, thrift: (speed * SECONDS) / cpu, memory: server.memory() }
  } finally {
    await server.stop()
  }
}

/** wrk counts what came, also of answers that were under way when it ended. */
function readSpeed(said: string): number {
  const [, number = '', unit = ''] = /^Transfer\/sec:\s+([\d.]+)([KMG]B)/m.exec(said) ?? []
  const bytes = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }[unit]
  if (bytes === undefined) throw new Error(`wrk said: ${said}`)
  return (Number(number) * bytes) / 1e6
}

async function orchestra(world: World, files: string): Promise<Running> {
  const server = await world.orchestra({})
  const paths = [`--kernel=${join(files, 'linux')}`, `--initrd=${join(files, 'initrd.gz')}`]
  await world.tell(server.data, 'distro', 'add', '--name=bench', ...paths)
  return server
}

function nginx(world: World, files: string): Promise<Running> {
  const config = join(world.folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; user root; worker_processes 1; error_log stderr; pid ${join(world.folder, 'nginx.pid')};
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; server { listen ${SERVER}:80; root ${files}; } }
`,
  )
  const isUp = () => world.load('curl', ['-sf', '--head', '--interface', CLIENT, `http://${SERVER}/linux`])
  return world.start(['nginx', '-e', 'stderr', '-c', config], isUp)
}

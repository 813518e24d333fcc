/**
 * A boot storm: a thousand machines that are turned on within ten seconds, each with an address, its loader by TFTP, and its boot
 * script and the head of its kernel by HTTP. Beside it dnsmasq with nginx, which have the files ready.
 */
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { StormLook } from '../../devenv/storm/storm.ts'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'
import type { Finding } from './wire-table.ts'
import { CROWD, DEVICE, FAR_DEVICE, type Running, SERVER, type World } from './wire-world.ts'

const [NODES, SECONDS] = [1000, 10]
const LOADER = '/usr/lib/ipxe/undionly.kpxe'
const POOL = [`${CROWD}.0.1`, `${CROWD}.63.254`] as const

type Storm = StormLook & { readonly memory: number; readonly cpu: number }

export async function benchStorm(world: World, rounds: number): Promise<Finding[]> {
  await needPackages('ipxe')
  const files = join(world.folder, 'storm')
  mkdirSync(files)
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(files, name), randomBytes(10_000_000))
  const [ours, theirs]: [Storm[], Storm[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    theirs.push(await storm(world, await startTheirs(world, files)))
    ours.push(await storm(world, [await startOurs(world, files)]))
  }
  const beside = (of: (one: Storm) => number) => ({
    ours: ours.map(of),
    theirs: { name: 'dnsmasq and nginx', values: theirs.map(of) },
  })
  const { reasons } = ours.find(({ failed }) => failed > 0) ?? { reasons: {} }
  return [
    {
      ...{
        what: `of ${NODES} machines in ${SECONDS} s fail`,
        ours: ours.map(({ failed }) => failed),
        unit: 'machines',
      },
      ...{ target: { most: 0 }, note: `dnsmasq and nginx ${Math.max(...theirs.map(({ failed }) => failed))}` },
    },
    { what: 'half have their kernel after', ...beside(({ phases }) => phases.kernel.p50), unit: 'ms' },
    { what: '99 of 100 have their kernel after', ...beside(({ phases }) => phases.kernel.p99), unit: 'ms' },
    { what: 'memory after it', ...beside(({ memory }) => memory), unit: 'MiB' },
    { what: 'processor time', ...beside(({ cpu }) => cpu), unit: 's' },
    ...Object.entries<number>(reasons).map(([what, count]) => ({
      what: `why: ${what}`,
      ours: [count],
      unit: 'machines',
    })),
  ]
}

async function storm(world: World, servers: readonly Running[]): Promise<Storm> {
  // The kernel knows a thousand neighbors at once, those of the last run among them.
  await exec('ip', ['-n', world.names.server, 'neighbor', 'flush', 'all'])
  try {
    const machines = resolve(import.meta.dirname, 'wire-machines.ts')
    const said = await world.load(process.execPath, [machines, FAR_DEVICE, `${NODES}`, `${SECONDS}`], {
      timeout: 300_000,
    })
    const look = JSON.parse(said) as StormLook
    const sum = (of: (one: Running) => number) => servers.reduce((total, one) => total + of(one), 0)
    return { ...look, memory: sum((one) => one.memory()), cpu: sum((one) => one.cpu()) }
  } finally {
    for (const one of servers) await one.stop()
  }
}

async function startOurs(world: World, files: string): Promise<Running> {
  const server = await world.orchestra({
    boot: { loaders: { bios: 'ipxe' }, enlist_profile: 'bench' },
    dhcp: { interfaces: [DEVICE], probe: false, subnets: [{ subnet: '10.80.0.0/14', pool: POOL.join('-') }] },
  })
  const paths = [`--kernel=${join(files, 'linux')}`, `--initrd=${join(files, 'initrd.gz')}`]
  await world.tell(server.data, 'distro', 'add', '--name=bench', ...paths)
  await world.tell(server.data, 'profile', 'add', '--name=bench', '--distro=bench')
  return server
}

async function startTheirs(world: World, files: string): Promise<Running[]> {
  copyFileSync(LOADER, join(files, 'undionly.kpxe'))
  writeFileSync(
    join(files, 'script'),
    `#!ipxe\nkernel http://${SERVER}/linux\ninitrd http://${SERVER}/initrd.gz\nboot\n`,
  )
  const config = join(world.folder, 'storm-nginx.conf')
  writeFileSync(
    config,
    `daemon off; user root; worker_processes 1; error_log stderr; pid ${join(world.folder, 'nginx.pid')};
events { worker_connections 4096; }
http { access_log off; sendfile on; server { listen ${SERVER}:80; root ${files};
  location /boot/ipxe/ { rewrite ^ /script break; } } }
`,
  )
  const nginx = await world.start(['nginx', '-e', 'stderr', '-c', config], () =>
    world.load('curl', ['-sf', '--head', `http://${SERVER}/linux`]),
  )
  const dnsmasq = await world.start(
    [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--log-facility=-', '--user=root'],
      ...[`--interface=${DEVICE}`, `--dhcp-range=${POOL.join(',')},255.252.0.0,1h`, '--dhcp-lease-max=20000'],
      ...['--no-ping', '--dhcp-authoritative', '--enable-tftp', `--tftp-root=${files}`, '--tftp-max=2000'],
      ...['--dhcp-boot=undionly.kpxe', '--pid-file=', `--dhcp-leasefile=${join(world.folder, `leases-${Date.now()}`)}`],
    ],
    /DHCP, IP range/,
  )
  return [nginx, dnsmasq]
}

/**
 * The wire beside the C servers: `npm run bench:wire`, as root. Kea, tftpd-hpa, nginx and dnsmasq from Debian, and Orchestra as it
 * is in this checkout, in turn on the same two network namespaces, several rounds of each. Load and servers share one machine, so
 * only ratios say something; each is the middle of its rounds, with the least and the most behind it.
 *
 * `--only dhcp,tftp,http,storm`, `--rounds N`.
 */
import { parseArgs } from 'node:util'
import { needPackages } from '../support/debian.ts'
import { benchDhcp } from './wire-dhcp.ts'
import { benchHttp } from './wire-http.ts'
import { benchStorm } from './wire-storm.ts'
import { type Finding, tableOf } from './wire-table.ts'
import { benchTftp } from './wire-tftp.ts'
import { openWorld, type World } from './wire-world.ts'

const PARTS: Readonly<Record<string, (world: World, rounds: number) => Promise<readonly Finding[]>>> = {
  dhcp: benchDhcp,
  tftp: benchTftp,
  http: benchHttp,
  storm: benchStorm,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    rounds: { type: 'string', default: '3' },
  },
})
const rounds = Number(values.rounds)
const names = values.only.split(',')
const unknown = names.find((name) => !(name in PARTS))
if (unknown !== undefined || !(rounds >= 1)) {
  throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}; --rounds a number from 1`)
}

await needPackages(
  'iproute2',
  'kea-admin',
  'kea-dhcp4-server',
  'dnsmasq-base',
  'tftpd-hpa',
  'nginx-light',
  'wrk',
  'curl',
  'atftp',
)
const world = await openWorld()
try {
  for (const name of names) {
    const findings = (await PARTS[name]?.(world, rounds)) ?? []
    console.log(`\n${tableOf(name, findings).join('\n')}`)
  }
} finally {
  await world.close()
}

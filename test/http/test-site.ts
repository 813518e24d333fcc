/** The network and the settings of the application in memory: an interface with a subnet, and a settings file of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import { openSettings } from '../../src/daemon/settings.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type Ipv4, parseIpv4 } from '../../src/model/address.ts'
import { firstRun } from '../../src/services/first-run.ts'
import { aSubnet } from '../support/dhcp.ts'

/** One interface with a subnet, and what answers a probe on it. */
export function testNetwork() {
  const address = parseIpv4('10.77.0.1')
  const answers: { server: Ipv4; offered: Ipv4 }[] = []
  return {
    own: [address],
    served: () => ['br0'],
    offBecause: () => '',
    answers,
    interfaces: () => [
      { name: 'br0', mac: '52:54:00:77:00:fe', addresses: ['10.77.0.1/24'], up: true },
      { name: 'tun0', mac: '', addresses: [], up: false },
    ],
    subnets: [aSubnet({ gateway: parseIpv4('10.77.0.103') })],
    probe: async () => answers,
  }
}

/** @returns the routes' doors to it, and what a test looks at */
export function testSettings(clock: Pick<Clock, 'now'>) {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-app-'))
  const env: Record<string, string> = { ORCHESTRA_DATA: folder, ORCHESTRA_CONFIG: join(folder, 'orchestra.yaml') }
  writeFileSync(join(folder, 'orchestra.yaml'), '')
  const served = readConfig(undefined, env).settings
  if (!served) throw new Error('no settings')
  const restart = { begun: 0, last: undefined as { at: number; because: string | null } | undefined }
  const doors = {
    setup: () => firstRun({ dhcpIsOff: false, subnets: 1, hasInterface: true, distros: 1, systems: 0 }),
    settings: openSettings({ named: undefined, env, running: () => served }),
    restart: {
      last: () => restart.last,
      prepare: () => ({
        ...{ at: clock.now(), moves: true, listen: { host: '*', port: 8081 } },
        begin: () => void restart.begun++,
      }),
    },
  }
  return { env, restart, doors, remove: () => rmSync(folder, { recursive: true }) }
}

/**
 * Installers that come on a medium of their makers, where somebody has one: Ubuntu Server's live installer and a kickstart
 * distribution, whole, from power-on to ready. Without a medium they are skipped; up to an installer's first requests both are
 * tested without one (test/e2e/metadata.test.ts, test/e2e/kickstart.test.ts).
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'vitest'
import { type Lab, startLab } from '../../devenv/lab-run.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import { exec } from '../../src/lib/exec.ts'

const HOURS = 3_600_000
let lab: Lab | undefined
let mounted = ''
afterEach(async () => {
  await lab?.stop()
  lab = undefined
  if (mounted !== '') await exec('umount', [mounted])
  if (mounted !== '') rmSync(mounted, { recursive: true })
  mounted = ''
})

const MEDIA = [
  { name: 'Ubuntu Server', variable: 'UBUNTU_ISO', breed: 'ubuntu', tree: 'casper', mem: 6144 },
  { name: 'a kickstart distribution', variable: 'KICKSTART_ISO', breed: 'redhat', tree: 'images/pxeboot', mem: 4096 },
] as const

test.for(MEDIA)(
  '$name installs from its own medium, and calls back',
  { timeout: 3 * HOURS },
  async ({ variable, breed, tree, mem }, context) => {
    const iso = process.env[variable] ?? ''
    if (!existsSync(iso)) {
      context.skip(`there is no medium: ${variable} names the ISO file; what comes before it is tested without`)
      return
    }
    mounted = mkdtempSync(join(tmpdir(), 'orchestra-medium-'))
    await exec('mount', ['-o', 'loop,ro', iso, mounted])
    const shipped = readLabSettings()
    const nodes = shipped.nodes.slice(0, 1).map((node) => ({ ...node, mem, cpus: 2, disk: 12_288 }))
    const it = await startLab({ settings: { ...shipped, nodes } })
    lab = it
    await it.api.call('POST', '/api/import', {
      path: join(mounted, tree),
      name: 'medium-x86_64',
      arch: 'x86_64',
      breed,
    })
    await it.api.call('PATCH', '/api/systems/node01', { profile: 'medium-x86_64' })
    const node = it.node('node01')
    const begin = node.now()
    await node.power('on')
    await node.until('ready', begin, 10_000)
  },
)

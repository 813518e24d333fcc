/** A daemon with a machine that has something of everything, for the pages of machines, and what its installer would do. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { logIn, type Sitting, seriousFindings, takePictures } from './browser.ts'
import { type Daemon, startDaemon, temporaryFolder } from './daemon.ts'
import { needPackages } from './debian.ts'

export const MAC = '52:54:00:77:00:01'

export interface MachineSite extends Sitting {
  readonly daemon: Daemon
  /** As an admin, without the browser. */
  api(method: string, path: string, body?: object): Promise<unknown>
  /** What the machine fetches over HTTP. */
  fetched(path: string): Promise<void>
  /** What its installer says: a datagram of util-linux's logger. */
  says(program: string, severity: string, text: string): Promise<void>
  /** Axe in both color schemes, pictures, and no sideways scrolling on a phone. */
  isFitToSee(name: string): Promise<void>
}

/** node1 is in the middle of node0 and node2, gets much from its profiles, and a person is its power controller. */
export async function machineSite(): Promise<MachineSite> {
  await needPackages('bsdutils')
  const daemon = await startDaemon({ config: { trace: { patience: 0.1 } } })
  const token = await daemon.token()
  const folder = temporaryFolder()

  const api: MachineSite['api'] = async (method, path, body) => {
    const answer = await fetch(`${daemon.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? undefined : await answer.json()
  }

  await api('POST', '/api/distros', {
    ...{ name: 'trixie', breed: 'debian', osVersion: 'trixie', arch: 'x86_64', kernelOptions: { quiet: null } },
    ...{ kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') },
  })
  await api('POST', '/api/profiles', { name: 'base', distro: 'trixie', kernelOptions: { console: 'ttyS0,115200' } })
  await api('POST', '/api/profiles', { name: 'web', parent: 'base', meta: { locale: 'de_DE', role: 'web' } })
  await api('POST', '/api/systems', {
    ...{ name: 'node1', profile: 'web', comment: 'Rack 4, left of the door', netbootEnabled: true },
    ...{ mgmtClasses: ['orchestra-juju-available', 'rack4'], meta: { locale: 'en_GB' }, power: { type: 'manual' } },
    interfaces: { eth0: { macAddress: MAC, ipAddress: '127.0.0.1' }, eth1: { macAddress: '52:54:00:77:01:01' } },
  })
  for (const name of ['node0', 'node2']) await api('POST', '/api/systems', { name, profile: 'base' })
  const sitting = await logIn(daemon)
  const { page } = sitting

  return {
    ...sitting,
    daemon,
    api,

    async fetched(path) {
      const answer = await fetch(`${daemon.url}${path}`)
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
      await answer.arrayBuffer()
    },

    async says(program, severity, text) {
      const [host = '', port = ''] = (daemon.listening().syslog ?? '').split(':')
      await exec('logger', ['-n', host, '-P', port, '-d', '-t', program, '-p', `user.${severity}`, '--', text])
    },

    async isFitToSee(name) {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await seriousFindings(page), `${name}, ${colorScheme}`).toEqual([])
      }
      await takePictures(page, `machine-${name}`)
      await page.setViewportSize({ width: 390, height: 844 })
      await expect
        .poll(() => page.evaluate('document.documentElement.scrollWidth'), { message: name, timeout: 10_000 })
        .toBeLessThanOrEqual(390)
      await takePictures(page, `machine-${name}-phone`)
      await page.setViewportSize({ width: 1280, height: 800 })
    },
  }
}

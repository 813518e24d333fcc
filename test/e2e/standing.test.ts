/** How machines stand, with the real daemon and clients that fetch as machines do: loops, deadlines, repair, and kill -9. */
import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { ExecError, exec } from '../../src/lib/exec.ts'
import { openDb } from '../../src/store/db.ts'
import { type Daemon, runOrchestra, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const SECONDS = { power_seconds: 10, boot_seconds: 10, install_seconds: 10, callback_seconds: 10 }
const MACHINES = ['node1', 'node2', 'node3', 'node4', 'node5'] as const

interface Told {
  readonly system: string
  readonly stage: string
  readonly overdue: boolean
  readonly installs: number
  readonly next: string
  readonly evidence: { readonly text: string }
  readonly broken: { readonly because: string } | null
}

const macOf = (name: string) => `52:54:00:77:00:0${name.at(-1)}`
const dashed = (name: string) => `01-${macOf(name).replaceAll(':', '-')}`

/** It outlives a restart, and a login takes its time. */
const tokens = new Map<Daemon, Promise<string>>()
function tokenOf(daemon: Daemon): Promise<string> {
  const token = tokens.get(daemon) ?? daemon.token()
  tokens.set(daemon, token)
  return token
}

async function rest<Answer = unknown>(daemon: Daemon, method: string, path: string, body?: object): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${await tokenOf(daemon)}`,
    ...(body && { 'content-type': 'application/json' }),
  }
  const answer = await fetch(daemon.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Answer
}

async function site(deadlines: object): Promise<Daemon> {
  const daemon = await startDaemon({ config: { deadlines } })
  await rest(daemon, 'POST', '/api/distros', { name: 'd', kernel: '/srv/d/linux', initrd: '/srv/d/initrd.gz' })
  await rest(daemon, 'POST', '/api/profiles', { name: 'p', distro: 'd' })
  for (const name of MACHINES) {
    const interfaces = { eth0: { macAddress: macOf(name) } }
    await rest(daemon, 'POST', '/api/systems', { name, profile: 'p', mgmtClasses: ['foo-available'], interfaces })
  }
  return daemon
}

const curl = (url: string) => exec('curl', ['-sS', '--max-time', '20', url])
/** What the machine is told to boot. */
const boots = (daemon: Daemon, name: string) => curl(`${daemon.url}/boot/ipxe/${dashed(name)}`)
const preseed = (daemon: Daemon, name: string) => curl(`${daemon.url}/cblr/svc/op/autoinstall/system/${name}`)
const nopxe = (daemon: Daemon, name: string) => curl(`${daemon.url}/cblr/svc/op/nopxe/system/${name}`)
const standing = (daemon: Daemon, name: string) => rest<Told>(daemon, 'GET', `/api/systems/${name}/standing`)
const setClass = (daemon: Daemon, name: string, word: string) =>
  rest(daemon, 'PATCH', `/api/systems/${name}`, { mgmtClasses: [word] })
const cli = (daemon: Daemon, ...args: string[]) => runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })

/** What is told by the journal is on disk a moment later; a kill before that would be a boot that nobody saw. */
async function isKept(daemon: Daemon, name: string, step: string): Promise<void> {
  const steps = () =>
    rest<{ payload: { step?: string } }[]>(daemon, 'GET', `/api/events.json?limit=1000&system=${name}`)
  await expect.poll(async () => (await steps()).at(-1)?.payload.step).toBe(step)
}

beforeAll(() => needPackages('curl'))

describe('a machine that installs again and again', () => {
  test('is stopped at the same boot though the daemon is killed after each, and by every door; a person lets it go on', async () => {
    const daemon = await site({ installs: 2 })
    await setClass(daemon, 'node1', 'foo-acquired')
    for (let boot = 1; boot <= 2; boot++) {
      expect(await boots(daemon, 'node1')).toContain('boot/images/d/linux')
      expect(await boots(daemon, 'node1')).toContain('boot/images/d/linux') // once more in the same boot
      expect(await preseed(daemon, 'node1')).toContain('d-i ')
      await isKept(daemon, 'node1', 'preseed')
      await daemon.kill9()
      await daemon.restart()
      expect(await standing(daemon, 'node1')).toMatchObject({ stage: 'installing', installs: boot, broken: null })
    }

    const because = expect.stringMatching(/^reinstall loop: 3 installs in \d+ s, none ended$/)
    const local = /# node1 boots from its disk: reinstall loop: 3 installs in \d+ s, none ended\./
    expect(await curl(`${daemon.url}/cblr/svc/op/ipxe/system/node1`)).toMatch(local)
    expect(await curl(`tftp://${daemon.tftp}/pxelinux.cfg/${dashed('node1')}`)).toMatch(local)
    expect(await curl(`tftp://${daemon.tftp}/grub/grub.cfg-${dashed('node1')}`)).toMatch(local)
    expect(await boots(daemon, 'node1')).toMatch(local)
    expect(await standing(daemon, 'node1')).toMatchObject({ stage: 'broken', installs: 3, broken: { because } })
    expect(await rest(daemon, 'GET', '/api/systems/node1')).toMatchObject({ netbootEnabled: true })
    const { stdout } = await cli(daemon, 'events', '--system', 'node1')
    expect(stdout).toMatch(/config: node1 was sent to its disk \(pxelinux, by tftp\): reinstall loop: 3 installs/)
    expect(stdout).toMatch(/ node1 {2}broken: reinstall loop: 3 installs/)
    expect(stdout).not.toContain('first-boot')

    await daemon.kill9()
    await daemon.restart()
    expect(await boots(daemon, 'node1')).toMatch(local)
    const attention = await cli(daemon, 'attention')
    expect(attention).toMatchObject({ code: 2, stdout: expect.stringMatching(/^node1: broken since /) })
    expect((await cli(daemon, 'check')).stdout).toMatch(/system node1 is broken: reinstall loop: 3 installs/)

    expect(await cli(daemon, 'repair', 'node1')).toMatchObject({ code: 0, stderr: '' })
    await daemon.kill9()
    await daemon.restart()
    expect(await cli(daemon, 'attention')).toMatchObject({ code: 0, stdout: 'No machine needs a person.\n' })
    expect(await boots(daemon, 'node1')).toContain('boot/images/d/linux')
    await preseed(daemon, 'node1')
    await nopxe(daemon, 'node1')
    expect(await boots(daemon, 'node1')).toContain('boots from its disk: netboot is off')
    await curl(`${daemon.url}/cblr/svc/op/trig/mode/firstboot/system/node1`)
    expect(await standing(daemon, 'node1')).toMatchObject({ stage: 'ready', installs: 0 })
    expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

describe('a deadline that passes', () => {
  let daemon: Daemon
  beforeAll(async () => {
    daemon = await site(SECONDS)
    // node1 is taken and left alone; node2 and node3 hang in their installers; node4 never calls; node5 is free.
    for (const name of ['node1', 'node2', 'node3', 'node4']) await setClass(daemon, name, 'foo-acquired')
    for (const name of ['node2', 'node3', 'node4']) {
      await boots(daemon, name)
      await preseed(daemon, name)
    }
    await nopxe(daemon, 'node4')
    const late = ['node1 is overdue', 'node2 is broken', 'node3 is broken', 'node4 is overdue']
    await Promise.all(late.map((text) => daemon.logged(text)))
  })

  test('is told of, and breaks what hangs while it installs', async () => {
    const all = await rest<Told[]>(daemon, 'GET', '/api/standings')
    expect(all.map(({ system, stage, overdue }) => [system, stage, overdue])).toEqual([
      ['node1', 'acquired', true],
      ['node2', 'broken', false],
      ['node3', 'broken', false],
      ['node4', 'installed', true],
      ['node5', 'available', false],
    ])
    expect(all[1]?.broken?.because).toMatch(
      /^the install did not end within 10 s; last seen: the preseed was fetched from 127/,
    )
    expect(all[3]?.next).toContain('orchestra repair node4')
    const events = await rest<{ name: string; payload: { system: string } }[]>(
      daemon,
      'GET',
      '/api/events.json?limit=1000',
    )
    const told = events.filter(({ name }) => /^machine\.(overdue|broken)$/.test(name))
    expect(told.map(({ name, payload }) => `${name} ${payload.system}`).toSorted()).toEqual([
      'machine.broken node2',
      'machine.broken node3',
      'machine.overdue node1',
      'machine.overdue node4',
    ])
  })

  test('leaves broken machines broken: through kill -9 and for the next owner, until their install ends or a person speaks', async () => {
    await daemon.kill9()
    await daemon.restart()
    for (const name of ['node2', 'node3']) {
      await setClass(daemon, name, 'foo-available')
      expect(await standing(daemon, name)).toMatchObject({ stage: 'broken' })
      const refusal = /^POST \/api\/acquire: 409 .*it is broken: the install did not end within 10 s/
      await expect(rest(daemon, 'POST', '/api/acquire', { name })).rejects.toThrow(refusal)
    }
    await expect(rest(daemon, 'POST', '/api/systems/node2/repair')).resolves.toMatchObject({ stage: 'available' })
    await expect(rest(daemon, 'POST', '/api/acquire', { name: 'node2' })).resolves.toMatchObject({
      system: { name: 'node2' },
    })
    expect(await standing(daemon, 'node2')).toMatchObject({ stage: 'acquired', overdue: false })
    // Its owner may try again.
    expect(await boots(daemon, 'node3')).toContain('boot/images/d/linux')
    expect(await standing(daemon, 'node3')).toMatchObject({ stage: 'broken', installs: 1 })
    await nopxe(daemon, 'node3')
    expect(await standing(daemon, 'node3')).toMatchObject({ stage: 'installed', broken: null })
  })

  test('is no alarm when it passed while the daemon was away', async () => {
    await rest(daemon, 'PATCH', '/api/systems/node5', { mgmtClasses: ['foo-acquired'] })
    await boots(daemon, 'node5')
    await daemon.stop()
    const db = await openDb(join(daemon.data, 'orchestra.db'))
    await sql`update standing set body = json_set(body, '$.deadline', 1) where body like '%"installing"%'`.execute(db)
    await db.destroy()
    await daemon.restart()
    const { broken, stage, evidence } = await standing(daemon, 'node5')
    expect([stage, broken]).toEqual(['installing', null])
    expect(evidence.text).toContain('Orchestra was away')
  })

  test('is looked for by nobody when the daemon is told to stop: it ends at once', async () => {
    expect(await daemon.stop()).toBe(0)
    expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
    await expect(curl(`${daemon.url}/healthz`)).rejects.toThrow(ExecError)
  })
})

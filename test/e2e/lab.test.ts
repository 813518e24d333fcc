/**
 * The headline, with real firmware: a virtual machine is powered on through Orchestra and goes through our DHCP, TFTP, HTTP
 * and preseed to an installed system of its own, by each loader; then it boots from its disk, and is installed again.
 * Beside Orchestra's events, the machine's own console and disk are asked.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { stepsOf } from '../../devenv/lab-node.ts'
import { type Lab, type LabOptions, startLab } from '../../devenv/lab-run.ts'

const MINUTES = 60_000
let lab: Lab | undefined
afterEach(async () => {
  await lab?.stop()
  lab = undefined
})

async function start(options: LabOptions): Promise<Lab> {
  lab = await startLab(options)
  return lab
}

const USER_DATA = '#!/bin/sh\necho "made at the first boot" >/root/made\n'

test('25. 27. 49. a BIOS machine goes from power-on to its first boot, boots from its disk, and is installed again', {
  timeout: 10 * MINUTES,
}, async () => {
  const it = await start({ nodes: ['node01'], userData: USER_DATA })
  const node = it.node('node01')
  const begin = node.now()
  await node.power('on')
  await node.until('ready', begin)

  const steps = stepsOf('node01', it.api).map(({ payload }) => payload.step)
  const firsts = steps.filter((step, at) => steps.indexOf(step) === at)
  expect(firsts).toEqual([
    'power',
    'address',
    'config',
    'kernel',
    'preseed',
    'installing',
    'installed',
    'first-boot',
    'ready',
  ])
  // The ROM is an iPXE: it got a script.
  expect(node.serial(begin)).toMatch(/Orchestra: node01 installs mini/)
  expect(await node.readFile('/root/made')).toBe('made at the first boot\n')
  const metaData = await node.readFile('/var/lib/cloud/seed/nocloud-net/meta-data')
  const system = (await it.api.call('GET', '/api/systems/node01')) as { uid: string; netbootEnabled: boolean }
  expect(metaData).toMatch(new RegExp(`^instance-id: "?${system.uid}"?$`, 'm'))
  expect(system.netbootEnabled).toBe(false)

  const again = node.now()
  await node.power('reboot')
  await node.says('orchestra-mini: booted from disk (boot 2)', again)
  await node.says('orchestra-mini: up', again)
  expect(node.serial(again)).toContain('has run before')
  expect(node.serial(again)).not.toContain('installs mini')

  await it.api.call('PATCH', '/api/systems/node01', { netbootEnabled: true })
  const anew = node.now()
  await node.power('reboot')
  await node.until('ready', anew)
  expect(node.serial(anew)).toContain('orchestra-mini: booted from disk (boot 1)')

  await node.power('off')
  expect(await it.api.call('GET', '/api/systems/node01/power')).toMatchObject({ state: 'off' })
})

describe.each([
  ['pxelinux', 'bios', ['loader', 'pxelinux.0 fetched by tftp'], 'PXELINUX'],
  ['grub', 'uefi', ['loader', 'shimx64.efi fetched by tftp'], 'Welcome to GRUB'],
  ['ipxe', 'uefi', ['loader', 'snponly.efi fetched by tftp'], 'iPXE'],
] as const)('%s on %s', (loader, firmware, [step, because], words) => {
  test('leads to an installed machine', { timeout: 10 * MINUTES }, async () => {
    const it = await start({ nodes: ['node01'], loader, firmware })
    const node = it.node('node01')
    const begin = node.now()
    await node.power('on')
    await node.until('ready', begin)
    expect(stepsOf('node01', it.api).map(({ payload }) => [payload.step, payload.because])).toContainEqual([
      step,
      because,
    ])
    expect(node.serial(begin)).toContain(words)
    await node.says('Hello from the first boot of node01', begin)
  })
})

test('another late command leaves another disk, and one that fails stops the installation', {
  timeout: 10 * MINUTES,
}, async () => {
  const it = await start({ nodes: ['node01'] })
  const node = it.node('node01')
  const change = (command: string) =>
    it.api.call('PATCH', '/api/systems/node01', { netbootEnabled: true, meta: { ENSEMBLE_LATE_COMMAND: command } })

  await change("in-target sh -c 'echo laid by hand >/etc/laid'")
  const begin = node.now()
  await node.power('on')
  await node.until('ready', begin)
  expect(await node.readFile('/etc/laid')).toBe('laid by hand\n')

  await change('false')
  const failing = node.now()
  await node.power('reboot')
  await expect(node.until('ready', failing)).rejects.toThrow(/late command/i)
  // Then nothing was claimed: the next boot would install again.
  expect(await it.api.call('GET', '/api/systems/node01')).toMatchObject({ netbootEnabled: true })
})

test('a daemon that is killed in the middle of an installation and started again sees it through', {
  timeout: 10 * MINUTES,
}, async () => {
  const it = await start({ nodes: ['node01'] })
  const node = it.node('node01')
  const begin = node.now()
  await node.power('on')
  await node.until('kernel', begin)
  await it.daemon('kill')
  await it.daemon('start')
  await node.until('ready', begin)
  expect(node.serial(begin)).not.toContain('FAILED')
  // Whoever resumes a stream by an id must find that id given out once.
  const ids = it.api.events.all.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)])
})

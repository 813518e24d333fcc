/**
 * The real debian-installer, in a real machine, from a real archive: from power-on to cloud-init calling home and a power cycle
 * that boots the disk. Emulated it takes a quarter of an hour and more, so `npm run e2e:debian` is apart from `npm test`; what
 * each phase took is printed.
 */
import { afterEach, expect, test } from 'vitest'
import { stepsOf } from '../../devenv/lab-node.ts'
import { type Lab, startLab } from '../../devenv/lab-run.ts'
import type { LogLine } from '../../src/model/log-line.ts'

const HOURS = 3_600_000
let lab: Lab | undefined
afterEach(async () => {
  await lab?.stop()
  lab = undefined
})

/** A power cycle takes what is not on the disk yet, cloud-init's own notes too: it is told when they are. */
const USER_DATA = `#!/bin/sh
echo "user data ran on $(hostname)" >/dev/ttyS0
systemd-run --on-active=20 sh -c 'sync; echo "all of it is on the disk" >/dev/ttyS0'
`

/** What the installer says when it begins a part of its work, and what that is called. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/Menu item 'partman-base' selected/, 'partitions'],
  [/Menu item 'bootstrap-base' selected/, 'base system'],
  [/Menu item 'pkgsel' selected/, 'packages'],
  [/Menu item 'grub-installer' selected/, 'boot loader'],
  [/Menu item 'finish-install' selected/, 'late command'],
]

test.for(['debian-13', 'debian-12'] as const)(
  '%s goes from power-on to its first boot without a question, and boots from its disk ever after',
  {
    timeout: 2 * HOURS,
  },
  async (profile, context) => {
    const say = (sentence: string) => process.stdout.write(`${sentence}\n`)
    // An archive that has not all of it is no fault of ours.
    const started = await startLab({ profile, nodes: ['node01'], userData: USER_DATA, say }).catch(
      (error: Error) => error,
    )
    if (started instanceof Error) {
      if (!started.message.includes('lacks parts of the installer')) throw started
      context.skip(started.message)
      return
    }
    const it = started
    lab = it
    const node = it.node('node01')
    const begin = node.now()
    await node.power('on')
    await node.until('ready', begin, 7000)
    for (const line of await phases(it)) say(line)
    await node.says('user data ran on node01', begin)
    const system = (await it.api.call('GET', '/api/systems/node01')) as { netbootEnabled: boolean }
    expect(system.netbootEnabled).toBe(false)
    await node.says('all of it is on the disk', begin, 600)

    const again = node.now()
    await node.power('reboot')
    await node.says('node01 login:', again, 600)
    expect(node.serial(again)).not.toContain('debian-installer')
    // cloud-init knows this instance, and does not run its user data again.
    expect(node.serial(again)).not.toContain('user data ran')
    const steps = stepsOf('node01', it.api, again).map(({ payload }) => payload.step)
    expect(steps).toEqual(expect.arrayContaining(['power', 'address', 'config']))
    expect(steps).not.toContain('kernel')
  },
)

/** Seconds by phase: from Orchestra's events, and from the installer's own lines. */
async function phases(it: Lab): Promise<string[]> {
  const steps = stepsOf('node01', it.api).map(({ at, payload }) => ({ at, name: payload.step as string }))
  const lines = (await it.api.call('GET', '/api/systems/node01/log?after=0&limit=10000')) as LogLine[]
  const parts = PARTS.flatMap(([sign, name]) => {
    const found = lines.find(({ message }) => sign.test(message))
    return found ? [{ at: found.at, name }] : []
  })
  const all = [...steps, ...parts].toSorted((one, other) => one.at - other.at)
  const firsts = all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index)
  const [first] = firsts
  return firsts.map(({ at, name }, index) => {
    const [sinceStart, until] = [at - (first?.at ?? at), (firsts[index + 1]?.at ?? at) - at]
    return `${name.padEnd(14)} after ${seconds(sinceStart)}${index + 1 < firsts.length ? `, takes ${seconds(until)}` : ''}`
  })
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(0).padStart(5)} s`

/** A real Debian by the fast way: its image is made here, streamed to the disk of a machine by each firmware, and boots there. */
import { afterEach, expect, test } from 'vitest'
import { stepsOf } from '../../devenv/lab-node.ts'
import { type Lab, startLab } from '../../devenv/lab-run.ts'

const MINUTES = 60_000
let lab: Lab | undefined
afterEach(async () => {
  await lab?.stop()
  lab = undefined
})

/** A power cycle takes what is not on the disk yet, cloud-init's own notes too: it is told when they are. */
const USER_DATA = `#!/bin/sh
{
  echo "user data ran on $(hostname), $(. /etc/os-release && echo "$VERSION_CODENAME")"
  echo "root file system of $(df --output=size -m / | tail -n 1 | tr -d ' ') MB"
  echo "host keys: $(ls /etc/ssh/*_key)"
} >/dev/ttyS0
systemd-run --on-active=10 sh -c 'sync; echo "all of it is on the disk" >/dev/ttyS0'
`

test('27. 49. BIOS and UEFI machines are laid a real Debian as an image, and boot from their disks ever after', {
  timeout: 15 * MINUTES,
}, async () => {
  const it = await startLab({ profile: 'debian', nodes: ['node01', 'node02'], userData: USER_DATA })
  lab = it
  const nodes = ['node01', 'node02'].map((name) => it.node(name))
  const begin = nodes.map((node) => node.now())
  await Promise.all(nodes.map((node) => node.power('on')))
  await Promise.all(nodes.map((node, at) => node.until('ready', begin[at] ?? node.now(), 420)))
  for (const [at, node] of nodes.entries()) {
    await node.says(`user data ran on ${node.name}, trixie`, begin[at] ?? node.now())
    await node.says('all of it is on the disk', begin[at] ?? node.now())
    // The image is smaller: the file system has grown to the end of the disk.
    expect(Number(/root file system of (\d+) MB/.exec(node.serial())?.[1])).toBeGreaterThan(1500)
    const system = (await it.api.call('GET', `/api/systems/${node.name}`)) as { uid: string; netbootEnabled: boolean }
    expect(system.netbootEnabled).toBe(false)
    expect(await node.readFile('/var/lib/cloud/seed/nocloud-net/meta-data')).toContain(system.uid)
  }
  // No two machines have the same, though both come from one image.
  const [one, other] = await Promise.all(nodes.map((node) => node.readFile('/etc/ssh/ssh_host_ed25519_key.pub')))
  expect(one).toMatch(/^ssh-ed25519 /)
  expect(one).not.toBe(other)
  const ids = await Promise.all(nodes.map((node) => node.readFile('/etc/machine-id')))
  expect(new Set(ids).size).toBe(2)

  const [first] = nodes
  if (!first) throw new Error('there is no machine')
  const again = first.now()
  await first.power('reboot')
  await first.says('node01 login:', again)
  expect(first.serial(again)).not.toContain('user data ran')
  expect(stepsOf('node01', it.api, again).map(({ payload }) => payload.step)).not.toContain('kernel')
})

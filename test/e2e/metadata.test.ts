/**
 * The metadata service as machines see it: a token in the boot config, read from the machine's address and from others; over
 * reboots, to the end of the install and beyond.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type MetadataSite, macOf, NODE1, NODE2, STRANGER, startMetadataSite } from './metadata-site.ts'

/** Every byte, in an order that no text has, and what is awkward in shells and templates. */
const SECRET = Buffer.concat([
  Buffer.from([...Array(256).keys()].reverse()),
  Buffer.from('#!/bin/sh\n# s3cret\r\n\'"$HOME`id`%s@@x@@$var SNIPPET::x {{ y }} \\'),
])

let site: MetadataSite
let daemon: Daemon
beforeAll(async () => {
  site = await startMetadataSite(SECRET)
  daemon = site.daemon
}, 600_000)

const boot: MetadataSite['boot'] = (...args) => site.boot(...args)
const get: MetadataSite['get'] = (...args) => site.get(...args)
const read: MetadataSite['read'] = (...args) => site.read(...args)
const status: MetadataSite['status'] = (...args) => site.status(...args)
const api: MetadataSite['api'] = (...args) => site.api(...args)

describe('a live installer', () => {
  test('is led to its metadata by the kernel line, the same way however often its firmware asks', async () => {
    const first = await boot()
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(await boot()).toBe(first)
    const { body } = await get('/boot/grub/grub.cfg-01-52-54-00-77-00-01')
    expect(body.toString()).toContain(
      ` autoinstall 'ds=nocloud-net;s=http://${new URL(daemon.url).host}/metadata/${first}/' ip=dhcp BOOTIF=`,
    )
  })

  test('reads its answers, as often as it likes', async () => {
    const given = await boot()
    for (let times = 0; times < 3; times++) {
      const { status, body } = await read(given, 'user-data')
      expect(status).toBe(200)
      expect(body.toString()).toMatch(/^#cloud-config\n/)
      expect(parse(body.toString())).toMatchObject({ autoinstall: { version: 1, shutdown: 'reboot' } })
    }
    expect((await read(given, 'meta-data')).body.toString()).toBe('instance-id: "0"\nlocal-hostname: "node1"\n')
    expect((await read(given, 'vendor-data')).body.toString()).toBe('#cloud-config\n')
    expect(parse((await read(given, 'network-config')).body.toString())).toEqual({
      ...{ version: 2, ethernets: { eth0: { match: { macaddress: macOf('node1') }, dhcp4: true } } },
    })
    expect((await read(given, 'latest/user-data')).body).toEqual(SECRET)
    expect(await status(given, 'nothing')).toBe(404)
  })

  test('that boots anew gets another token, and the one before is worth nothing', async () => {
    const before = await boot()
    expect(await status(before)).toBe(200)
    const next = await boot()
    expect(next).not.toBe(before)
    expect(await status(before)).toBe(404)
    expect(await status(next)).toBe(200)
  })

  test('keeps its token over a restart of the daemon', async () => {
    const given = await boot()
    await daemon.restart()
    const beside = await boot()
    expect(beside).not.toBe(given)
    expect([await status(given), await status(beside)]).toEqual([200, 200])
  })
})

describe('nobody else', () => {
  test('reads by the token from the address of another system', async () => {
    const given = await boot()
    expect(await status(given, 'user-data', NODE2)).toBe(404)
    expect(await status(given, 'latest/user-data', NODE2)).toBe(404)
    expect(await status(given, 'user-data', STRANGER)).toBe(200)
  })

  test('is given a token for it', async () => {
    expect(await boot('node1', NODE2)).toBe('')
  })

  test.each(['', 'x', 'A'.repeat(43), '%41'.repeat(43), '../latest', `${'A'.repeat(43)}/../..`])(
    'reads by %j',
    async (word) => {
      expect((await get(`/metadata/${word}/user-data`, NODE1, '--path-as-is')).status).toBe(404)
    },
  )

  test.each(['/latest/user-data', '/2009-04-04/meta-data/instance-id', '/latest/', '/metadata/', '/metadata'])(
    'reads %s without a token',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )

  test('reads by a token what was meant for whoever has the machine next', async () => {
    const given = await boot()
    expect(await status(given)).toBe(200)
    const { meta } = await api('GET', '/api/systems/node1')
    await api('PATCH', '/api/systems/node1', { meta: { MACHINE_ID: '7', USER_DATA_BASE64: 'bmV3' } })
    expect(await status(given, 'latest/user-data')).toBe(404)
    await api('PATCH', '/api/systems/node1', { meta })
    expect(await status(given, 'latest/user-data')).toBe(404)
  })
})

describe('an installed system', () => {
  test('reads what belongs to its first boot until it has called back, and nothing after', async () => {
    const given = await boot('node1')
    expect(await status(given)).toBe(200)
    await site.installed()
    const { body } = await read(given, 'user-data')
    expect(body).toEqual(SECRET)
    expect(parse((await read(given, 'vendor-data')).body.toString())).toMatchObject({
      phone_home: { url: `${daemon.url}/cblr/svc/op/trig/mode/firstboot/system/node1` },
    })
    await get('/cblr/svc/op/trig/mode/firstboot/system/node1')
    for (const path of ['user-data', 'meta-data', 'vendor-data', 'latest/user-data', 'latest/meta-data/']) {
      expect(await status(given, path)).toBe(404)
    }
  })

  test('boots from its disk, time after time, and is given no token', async () => {
    for (let times = 0; times < 3; times++) {
      const { body } = await get('/boot/ipxe/01-52-54-00-77-00-01')
      expect(body.toString()).toMatch(/sanboot|exit/)
      expect(body.toString()).not.toMatch(/metadata|vmlinuz/)
    }
  })

  test('that is to be installed again has no part in that', async () => {
    await api('PATCH', '/api/systems/node1', { netbootEnabled: true })
    const given = await boot()
    await site.installed()
    expect(await status(given)).toBe(200)
    await api('PATCH', '/api/systems/node1', { netbootEnabled: true })
    expect(await status(given)).toBe(404)
    expect(await status(await boot())).toBe(200)
  })
})

test('a machine with a preseed reads its user data as it is, and installs without asking for it', async () => {
  expect(await boot('node2', NODE2)).toBe('')
  const preseed = (await get('/cblr/svc/op/autoinstall/system/node2', NODE2)).body.toString()
  expect(preseed).toContain('\nd-i preseed/late_command string in-target ')
  expect(preseed).not.toContain('/metadata/')
})

test('a token is in no log and no event', async () => {
  // Something that is wrong inside is told with its path.
  await api('PATCH', '/api/systems/node1', { autoinstall: 'gone.yaml' })
  const given = await boot()
  expect(given).not.toBe('')
  expect(await status(given)).toBe(404)
  const events = JSON.stringify(await api('GET', '/api/events.json?limit=1000'))
  expect(site.said.length).toBeGreaterThan(8)
  for (const one of site.said) {
    expect(daemon.log()).not.toContain(one)
    expect(events).not.toContain(one)
  }
  const refused = daemon.records().filter(({ msg }) => String(msg).startsWith('metadata was refused'))
  expect(refused.length).toBeGreaterThan(5)
})

test('there is none where it is off, and installers do without', async () => {
  const off = await startDaemon({ config: { metadata: { enabled: false } } })
  expect((await fetch(`${off.url}/metadata/${'A'.repeat(43)}/user-data`)).status).toBe(404)
  await off.stop()
})

test('nothing of all this was an error of the daemon', () => {
  expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
})

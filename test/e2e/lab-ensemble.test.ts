/**
 * The Ensemble client of 2011 in the lab: its commands, run in the lab's network with the environment of Ensemble's own
 * documents, make two QEMU machines install themselves and obey their user data; one is given back, taken again and
 * installed anew with other user data, while the other is switched off and on and keeps what it has.
 */
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stepsOf } from '../../devenv/lab-node.ts'
import { type Lab, startLab } from '../../devenv/lab-run.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import type { Environment, Machine } from '../support/ensemble-client.ts'
import { cloudConfig } from '../support/ensemble-client-documents.ts'
import { writeCall } from '../support/ensemble-client-xmlrpc.ts'
import type { Errand } from './ensemble-errand.ts'

const MINUTES = 60_000
const ERRAND = resolve(import.meta.dirname, 'ensemble-errand.ts')

/** As it stands in those documents. */
const ENVIRONMENT: Environment = {
  type: 'orchestra',
  'orchestra-server': '192.168.123.2',
  'orchestra-user': 'cobbler',
  'orchestra-pass': 'cobbler',
  'acquired-mgmt-class': 'foo-acquired',
  'available-mgmt-class': 'foo-available',
}

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ nodes: ['node01', 'node03'], password: 'cobbler' })
})
afterAll(() => lab?.stop())

async function ensemble(command: Errand['command'], more: Partial<Errand> = {}): Promise<unknown> {
  const errand: Errand = { command, generation: '2011', environment: ENVIRONMENT, ...more }
  const { code, stdout, stderr } = await lab.run(process.execPath, [ERRAND], JSON.stringify(errand))
  if (code !== 0) throw new Error(`ensemble ${command}: ${stderr}`)
  return JSON.parse(stdout)
}

const encoded = (userData: Uint8Array | string) => Buffer.from(userData).toString('base64')

/** All of them, and in text every sign that a shell, YAML, debconf or a template might take for its own. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const AWKWARD = `'it''s' "$HOME" \`id\` $(id) \${x} \\ \\n %s {{meta}} #{x} $getVar('x') ~ é€😀 --- : & ; | <a> * ?`

/** What machine 0 must be able to do: ask the API in the old manner, without a login, and fetch what was stored. */
const CALL = writeCall('find_system', [{ mgmt_classes: 'foo-acquired' }])
const ZOOKEEPER = cloudConfig('0', ['localhost'], {
  write_files: [
    { path: '/root/every-byte', encoding: 'b64', content: EVERY_BYTE.toString('base64'), permissions: '0600' },
    { path: '/root/awkward', content: `${AWKWARD}\n` },
    { path: '/root/call', content: CALL },
  ],
  runcmd: [
    'echo "the mark of machine 0 on $(hostname)" | tee /root/mark',
    `{ printf 'POST /cobbler_api HTTP/1.0\\r\\nHost: x\\r\\nContent-type: text/xml\\r\\nContent-length: %s\\r\\n\\r\\n' $(wc -c </root/call); cat /root/call; } | nc ${readLabSettings().server.ip} 80 | grep -o 'node0[0-9]' | sed 's/^/acquired by the API: /'`,
    ['wget', '-q', '-O', '/root/state', `http://${ENVIRONMENT['orchestra-server']}/webdav/provider-state`],
    `nslookup node03.lab | sed -n 's/^Address.*: *\\(192[.0-9]*\\)$/node03 is at \\1/p'`,
  ],
})

/** A script, with bytes that are no text in any encoding. */
const UNIT = Buffer.concat([
  Buffer.from('#!/bin/sh\n# '),
  EVERY_BYTE.filter((byte) => byte !== 0 && byte !== 10),
  Buffer.from(
    `\necho "the mark of machine 1 on $(hostname)" | tee /root/mark\ncat >/root/awkward <<'END'\n${AWKWARD}\nEND\n`,
  ),
])
const OTHER = `#!/bin/sh
echo "another mark on $(hostname)" | tee /root/other-mark
ping -c 1 -w 30 node01 >/root/ping && echo "node01 answers"
`

const SEED = '/var/lib/cloud/seed/nocloud-net'

test('2. 28. 32. 34. 35. 46. 47. 48. 49. 50. bootstrap and deploy install two machines that obey their user data; one is given back, and taken and installed anew', {
  timeout: 8 * MINUTES,
}, async () => {
  const [zero, unit] = [lab.node('node01'), lab.node('node03')]
  const begin = { zero: zero.now(), unit: unit.now() }

  const bootstrapped = (await ensemble('bootstrap', { userData: encoded(ZOOKEEPER) })) as { machine: Machine }
  expect(bootstrapped.machine).toMatchObject({ name: 'node01', state: 'pending' })
  const deployed = (await ensemble('deploy', {
    generation: '2012',
    series: 'mini',
    machineId: '1',
    userData: encoded(UNIT),
  })) as Machine
  expect(deployed).toMatchObject({ name: 'node03', state: 'pending' })
  await Promise.all([zero.until('ready', begin.zero), unit.until('ready', begin.unit)])

  expect(zero.serial(begin.zero)).toContain('the mark of machine 0 on node01')
  expect(zero.serial(begin.zero)).toContain('acquired by the API: node01\nacquired by the API: node03\n')
  expect(zero.serial(begin.zero)).toMatch(/^node03 is at 192\.168\.123\.103$/m)
  expect(await zero.readFile('/root/mark')).toBe('the mark of machine 0 on node01\n')
  expect(await zero.readFile('/root/awkward')).toBe(`${AWKWARD}\n`)
  expect((await zero.readBytes('/root/every-byte')).equals(EVERY_BYTE)).toBe(true)
  expect(await zero.readFile('/root/state')).toBe(`zookeeper-instances: [${bootstrapped.machine.uid}]\n`)
  expect(await zero.readFile('/root/.ssh/authorized_keys')).toMatch(/^ssh-ed25519 \S+ admin@example$/m)
  expect(await zero.readFile(`${SEED}/user-data`)).toBe(ZOOKEEPER)
  expect(await zero.readFile(`${SEED}/meta-data`)).toMatch(/^instance-id: "?0"?$/m)

  expect(unit.serial(begin.unit)).toContain('the mark of machine 1 on node03')
  expect(await unit.readFile('/root/awkward')).toBe(`${AWKWARD}\n`)
  expect((await unit.readBytes(`${SEED}/user-data`)).equals(UNIT)).toBe(true)
  expect(await ensemble('status')).toMatchObject([
    { name: 'node01', state: 'provisioned' },
    { name: 'node03', state: 'provisioned' },
  ])

  await ensemble('terminate', { uids: [deployed.uid] })
  await expect.poll(() => powerOf('node03'), { timeout: 20_000 }).toBe('off')
  expect(await lab.api.call('GET', '/api/systems/node03')).toMatchObject({
    mgmtClasses: ['foo-available'],
    netbootEnabled: true,
    profile: 'mini-x86_64-juju',
    meta: {},
  })

  const again = { zero: zero.now(), unit: unit.now() }
  await ensemble('deploy', { machineId: '2', userData: encoded(OTHER) })
  await zero.power('off')
  await zero.power('on')
  await Promise.all([zero.says('orchestra-mini: up', again.zero), unit.until('ready', again.unit)])

  expect(zero.serial(again.zero)).toContain('booted from disk (boot 2)')
  expect(zero.serial(again.zero)).toContain('user-data of 0 has run before')
  expect(zero.serial(again.zero)).not.toContain('orchestra-mini: starting')
  expect(stepsOf('node01', lab.api, again.zero).map(({ payload }) => payload.step)).not.toContain('installing')

  expect(unit.serial(again.unit)).toContain('another mark on node03')
  expect(unit.serial(again.unit)).toContain('node01 answers\n')
  expect(unit.serial(again.unit)).toContain('booted from disk (boot 1)')
  expect(unit.serial(again.unit)).not.toContain('the mark of machine 1')
  expect(await unit.readFile(`${SEED}/user-data`)).toBe(OTHER)
  expect(await unit.readFile('/root/other-mark')).toBe('another mark on node03\n')
  await expect(unit.readFile('/root/mark')).rejects.toThrow('no /root/mark')

  await ensemble('destroy-environment')
  for (const name of ['node01', 'node03']) {
    await expect.poll(() => powerOf(name), { timeout: 20_000 }).toBe('off')
    expect(await lab.api.call('GET', `/api/systems/${name}`)).toMatchObject({ mgmtClasses: ['foo-available'] })
  }
})

async function powerOf(name: string): Promise<unknown> {
  return ((await lab.api.call('GET', `/api/systems/${name}/power`)) as { state: unknown }).state
}

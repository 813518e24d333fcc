/**
 * The late command, from ks_meta to the disk, through every layer that debian-installer has: the preseed is read by
 * debconf, the value is given to one `sh -c`, that calls in-target, and in the target a shell runs what base64 makes of it.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Options } from '../../src/model/item.ts'
import { renderPreseed } from '../../src/render/preseed.ts'
import { aBlend } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { needPackages } from '../support/debian.ts'
import { AWKWARD } from './awkward.ts'
import { type Installer, needBusybox, type Shell, startInstaller } from './installer.ts'

const TOKEN = 't'.repeat(43)
const USER_DATA = `/metadata/${TOKEN}/latest/user-data`
const folder = mkdtempSync(join(tmpdir(), 'orchestra-debconf-'))
let installer: Installer

beforeAll(async () => {
  await needPackages('dash', 'debconf')
  await needBusybox()
  installer = await startInstaller()
  const database = (name: string) => `Name: ${name}\nDriver: File\nMode: 600\nFilename: ${join(folder, name)}.dat\n`
  writeFileSync(
    join(folder, 'debconf.conf'),
    `Config: questions\nTemplates: templates\n\n${database('questions')}\n${database('templates')}`,
  )
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const preseedOf = (meta: Options, flavor = 'default.seed', token: string | undefined = undefined) => {
  const blend = aBlend({ server: installer.server, profile: { autoinstall: flavor }, system: { meta } })
  const read = { preseed: builtIn('preseeds'), template: builtIn('templates') }
  return renderPreseed(blend, { ...read, domain: 'lab.example', token })
}

/** What debconf says that the answer is, once it has read the preseed. */
async function throughDebconf(preseed: string, ...questions: string[]): Promise<string[]> {
  const env = { DEBCONF_SYSTEMRC: join(folder, 'debconf.conf'), DEBIAN_FRONTEND: 'noninteractive' }
  for (const name of ['questions', 'templates']) rmSync(join(folder, `${name}.dat`), { force: true })
  await exec('debconf-set-selections', [], { env, stdin: preseed })
  const stdin = questions.map((question) => `GET ${question}\n`).join('')
  const answers = (await exec('debconf-communicate', ['d-i'], { env, stdin })).split('\n')
  return questions.map((question, at) => {
    const [, value] = /^0 ?(.*)$/.exec(answers[at] ?? '') ?? []
    if (value === undefined) throw new Error(`debconf has no ${question}: ${answers[at]}`)
    return value
  })
}

const SHELLS: readonly Shell[] = ['dash', 'busybox']

/** Runs what debconf has of it in a fresh target, once by each shell, and has each result looked at. */
async function byEach(
  preseed: string,
  look: (code: number) => unknown,
  prepare: () => unknown = () => {},
): Promise<void> {
  const [command = ''] = await throughDebconf(preseed, 'preseed/late_command')
  for (const shell of SHELLS) {
    installer.reset(shell)
    await prepare()
    await look(await installer.run(command, shell))
  }
}

const seed = (file: string) => installer.read(`var/lib/cloud/seed/nocloud-net/${file}`)
const isDone = () => installer.calls.at(-1) === '/cblr/svc/op/nopxe/system/node1'

describe('user data', () => {
  test.each(AWKWARD)('with %s is on the disk byte for byte', async (_, bytes) => {
    await byEach(preseedOf({ USER_DATA_BASE64: bytes.toString('base64'), MACHINE_ID: '0' }), (code) => {
      expect(code).toBe(0)
      expect(seed('user-data')).toEqual(bytes)
      expect(seed('meta-data').toString()).toBe('instance-id: "0"\nlocal-hostname: "node1"\n')
      expect(isDone()).toBe(true)
    })
  })

  test.each([100_000, 1_000_000])('of %i bytes, which no command can hold, is fetched by a token', async (size) => {
    const bytes = randomBytes(size)
    installer.files.set(USER_DATA, bytes)
    await byEach(preseedOf({ USER_DATA_BASE64: bytes.toString('base64') }, 'juju.seed', TOKEN), async (code) => {
      expect(code).toBe(0)
      expect(seed('user-data')).toEqual(bytes)
      expect(await installer.mode('var/lib/cloud/seed/nocloud-net/user-data')).toBe('600')
      expect(isDone()).toBe(true)
    })
  })

  test('that is not what was promised fails, and netboot stays on', async () => {
    installer.files.set(USER_DATA, Buffer.from('half'))
    const meta = { USER_DATA_BASE64: randomBytes(100_000).toString('base64') }
    await byEach(preseedOf(meta, 'juju.seed', TOKEN), (code) => {
      expect(code).not.toBe(0)
      expect(installer.calls.join()).toContain('failed+at+seed')
      expect(installer.calls.join()).not.toContain('nopxe')
    })
  })

  test('of a machine that was released is gone, and the next one has its own', async () => {
    const [next = ''] = await throughDebconf(preseedOf({ rack: '7' }), 'preseed/late_command')
    await byEach(preseedOf({ MACHINE_ID: '4', USER_DATA_BASE64: 'b2xk', rack: '7' }), async (code) => {
      expect(code).toBe(0)
      // The disk may have been kept.
      expect(await installer.run(next, 'dash')).toBe(0)
      expect(seed('user-data').toString()).toBe('#cloud-config\n')
      expect(seed('meta-data').toString()).toContain(`instance-id: "${'a'.repeat(32)}"`)
    })
  })
})

describe('ENSEMBLE_LATE_COMMAND', () => {
  /** As a client of 2011 made them: a script in base64, echoed, decoded, written, run. */
  const script = `#!/bin/sh\necho "ran in $(cat /etc/where) with '$*' \\$HOME %s" > /mark\n`
  const word = Buffer.from(script).toString('base64')
  const write = `echo ${word} | base64 -d > /root-late && chmod u+x /root-late && /root-late a b`

  test.each([
    ['as it is', write],
    ['in the target', `in-target sh -c '${write}'`],
    ['logged', `log-output -t ensemble --pass-stdout in-target sh -c '${write}'`],
    [
      'by the path of the target',
      `echo ${word} | base64 -d > /target/root-late; chmod u+x /target/root-late; in-target /root-late a b`,
    ],
    ['and goes on', `${write}; true`],
  ])('runs %s', async (_, command) => {
    const look = (code: number) => {
      expect(code).toBe(0)
      expect(installer.read('mark').toString()).toBe(`ran in the target with 'a b' $HOME %s\n`)
      expect(isDone()).toBe(true)
    }
    const prepare = () => writeFileSync(join(installer.target, 'etc/where'), 'the target')
    await byEach(preseedOf({ ENSEMBLE_LATE_COMMAND: command }), look, prepare)
  })

  test('goes with user data: the seed is there when it runs', async () => {
    const command = 'cat /var/lib/cloud/seed/nocloud-net/user-data > /seen'
    await byEach(preseedOf({ ENSEMBLE_LATE_COMMAND: command, USER_DATA_BASE64: 'YQ==' }), (code) => {
      expect(code).toBe(0)
      expect(installer.read('seen').toString()).toBe('a')
    })
  })

  test.each(['', 'true'])('that is %j changes nothing', async (ENSEMBLE_LATE_COMMAND) => {
    await byEach(preseedOf({ ENSEMBLE_LATE_COMMAND }), (code) => expect(code).toBe(0))
  })
})

test("the profile of orchestrators has the default's answers, its own above them, and each only once", async () => {
  const questions = ['pkgsel/upgrade', 'pkgsel/include', 'passwd/root-password-crypted', 'partman-auto/method']
  const values = await throughDebconf(preseedOf({ EXTRA_PACKAGES: 'htop' }, 'juju.seed'), ...questions)
  expect(values).toEqual(['safe-upgrade', 'openssh-server cloud-init sudo byobu htop', '*', 'regular'])
  const lines = preseedOf({}, 'juju.seed').matchAll(
    /^(\w\S* \S+) (string|boolean|select|multiselect|password|note)\b/gm,
  )
  const asked = [...lines].map(([, question]) => question)
  expect(asked.length).toBeGreaterThan(40)
  expect(asked.filter((one, at) => asked.indexOf(one) !== at)).toEqual([])
})

test('a mistake in a preseed that others are made of is told where it is', () => {
  const preseed = (path: string) => (path === 'default.seed' ? 'd-i x\n{{nothing}}\n' : builtIn('preseeds')(path))
  const blend = aBlend({ profile: { autoinstall: 'juju.seed' } })
  expect(() => renderPreseed(blend, { preseed, template: builtIn('templates'), domain: '' })).toThrow(
    'preseeds/default.seed:2: "nothing" is not defined',
  )
})

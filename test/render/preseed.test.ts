import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Options } from '../../src/model/item.ts'
import { renderPreseed } from '../../src/render/preseed.ts'
import { aBlend, aProfileBlend, type Parts } from '../boot/blends.ts'
import { builtIn, expectGoldenText } from '../boot/golden-text.ts'
import { needPackages } from '../support/debian.ts'
import { type Installer, needBusybox, type Shell, startInstaller } from './installer.ts'

const sources = { preseed: builtIn('preseeds'), template: builtIn('templates'), domain: 'lab.example' }
const preseedOf = (parts: Parts) => renderPreseed(aBlend(parts), sources)
const withMeta = (meta: Options, parts: Parts = {}) => preseedOf({ ...parts, system: { meta } })
const lineOf = (seed: string, question: string) => seed.split('\n').find((line) => line.startsWith(`d-i ${question} `))
const commandOf = (seed: string, question: string) => (lineOf(seed, question) ?? '').replace(/^\S+ \S+ string /, '')
/** What the one line of base64 says, with its own base64 inside told apart. */
const decoded = (command: string) =>
  Buffer.from(/echo (\S+) \| base64 -d/.exec(command)?.[1] ?? '', 'base64').toString()

describe('the default preseed', () => {
  const full: Parts = {
    distro: { kernelOptionsPost: { console: 'ttyS0,115200' } },
    profile: {
      meta: { mirror_hostname: 'mirror.lab', mirror_proxy: 'http://10.77.0.1:8000/', EXTRA_PACKAGES: 'htop' },
    },
    system: {
      hostname: 'web1.example.org',
      meta: {
        MACHINE_ID: '0',
        USER_DATA_BASE64: Buffer.from('#cloud-config\npackages: [byobu]\n').toString('base64'),
        password_crypted: '$6$salt$hash',
        username: 'ada',
        install_disk: '/dev/sda',
        kernel_image: 'linux-image-cloud-amd64',
      },
    },
  }

  test.each<[string, Parts]>([
    ['default', {}],
    ['full', full],
    ['ubuntu', { distro: { breed: 'ubuntu', osVersion: '' } }],
  ])('reads as it is kept (%s), its commands spelled out', (name, parts) => {
    const seed = preseedOf(parts)
    const [early, late] = ['preseed/early_command', 'preseed/late_command'].map((one) => decoded(commandOf(seed, one)))
    const shown = seed.replace(/echo [A-Za-z0-9+/=]+ /g, 'echo BASE64 ')
    expectGoldenText(
      `render/golden/${name}.seed`,
      `${shown}\n---- early.sh as sent ----\n${early}\n---- late.sh as sent ----\n${late}`,
    )
  })

  test('is taken by debconf, line by line', async () => {
    await needPackages('debconf')
    for (const parts of [{}, full]) {
      await exec('debconf-set-selections', ['--checkonly'], { stdin: preseedOf(parts) })
    }
  })

  test('lets nobody in unless a hash or keys are given', () => {
    const seed = preseedOf({})
    expect(seed).toContain('d-i passwd/root-password-crypted password *\n')
    expect(seed).toContain('d-i passwd/make-user boolean false\n')
    expect(seed).not.toMatch(/^d-i .*user-password/m)
    expect(decoded(commandOf(seed, 'preseed/late_command'))).not.toMatch(/authorized_keys/)
  })

  test('makes an account without a password for keys alone', () => {
    const seed = withMeta({ ssh_authorized_keys: ['ssh-ed25519 AAAA a', 'ssh-ed25519 BBBB b'] })
    expect(seed).toContain('d-i passwd/username string debian\n')
    expect(seed).toContain('d-i passwd/user-password-crypted password !\n')
    expect(decoded(commandOf(seed, 'preseed/late_command'))).toContain("'ssh-ed25519 AAAA a\nssh-ed25519 BBBB b'")
  })

  test.each<[Options, RegExp]>([
    [{ password_crypted: 'secret' }, /password_crypted is no password hash/],
    [{ password_crypted: '$6$a$b\nd-i x/y string z' }, /password_crypted is no password hash/],
    [{ password_crypted: '$6$a$b', username: 'Ada Lovelace' }, /username is no user name/],
    [{ USER_DATA_BASE64: 'not base64!' }, /USER_DATA_BASE64 is not base64/],
    [{ USER_DATA_BASE64: 'abc' }, /USER_DATA_BASE64 is not base64/],
    [{ USER_DATA_BASE64: ['YQ==', 'YQ=='] }, /USER_DATA_BASE64 is no text/],
    [{ USER_DATA_BASE64: randomBytes(80_000).toString('base64') }, /shorten USER_DATA_BASE64/],
  ])('refuses %o before a machine sees it', (meta, because) => {
    expect(() => withMeta(meta)).toThrow(
      expect.objectContaining({ code: 'item.invalid', field: 'meta', message: expect.stringMatching(because) }),
    )
  })

  test('never says a password that is no hash', () => {
    expect(() => withMeta({ password_crypted: 'hunter2' })).toThrow(expect.not.objectContaining({ message: /hunter2/ }))
  })

  test('keeps every setting on its line, or is refused', () => {
    const settings = ['mirror_hostname', 'mirror_suite', 'EXTRA_PACKAGES', 'timezone', 'install_disk', 'kernel_image']
    fc.assert(
      fc.property(fc.constantFrom(...settings), fc.string({ unit: 'binary' }), (key, value) => {
        const plain = preseedOf({ system: { meta: { [key]: 'x' } } }).split('\n').length
        try {
          expect(withMeta({ [key]: value || 'x' }).split('\n')).toHaveLength(plain)
        } catch (error) {
          expect(error).toMatchObject({
            code: 'template.invalid',
            message: expect.stringMatching(/^preseeds\/default\.seed:\d+: /),
          })
        }
      }),
    )
  })
})

describe('a preseed of a site', () => {
  const own = (text: string, parts: Parts = {}) =>
    renderPreseed(aBlend({ ...parts, profile: { autoinstall: 'own.seed' } }), {
      ...sources,
      preseed: (path) => (path === 'own.seed' ? text : builtIn('preseeds')(path)),
    })

  test("sees the names that Cobbler's templates use", () => {
    const text =
      '{{http_server}} {{http_port}} {{server}} {{system_name}} {{profile_name}} {{distro_name}} {{hostname}} {{domain}}'
    expect(own(text)).toBe('10.77.0.1 80 10.77.0.1 node1 debian-12-x86_64 debian-12-x86_64 node1 lab.example')
    expect(own('{{http_server}} {{http_port}} {{server}}', { server: 'boot:8080' })).toBe('boot:8080 8080 boot')
  })

  test('sees ks_meta under its own names', () => {
    expect(
      own('{{meta.rack}} {{#each meta.disks}}{{this}};{{/each}}', { system: { meta: { rack: 7, disks: ['a', 'b'] } } }),
    ).toBe('7 a;b;')
  })

  test('that says a name nobody knows is told with file, line and name', () => {
    expect(() => own('\n{{meta.rack}}')).toThrow('preseeds/own.seed:2: "meta.rack" is not defined')
  })

  test('that is not there is told with the system that wants it', () => {
    expect(() => preseedOf({ system: { autoinstall: 'gone.seed' } })).toThrow(
      expect.objectContaining({
        code: 'template.invalid',
        message: expect.stringMatching(/"gone\.seed" of system node1/),
      }),
    )
  })

  test("is found by its name where a client gave the path it has on Cobbler's disk", () => {
    const autoinstall = '/var/lib/cobbler/kickstarts/default.seed'
    expect(preseedOf({ system: { autoinstall } })).toBe(preseedOf({}))
  })
})

test('a profile alone is installed too: nobody to report for, netboot is nobody’s', () => {
  const seed = renderPreseed(aProfileBlend(), sources)
  expect(commandOf(seed, 'preseed/late_command')).toMatch(/^in-target sh -c 'echo \S+ \| base64 -d \| sh'$/)
  expect(decoded(commandOf(seed, 'preseed/late_command'))).not.toMatch(/http:/)
  expect(decoded(commandOf(seed, 'preseed/early_command'))).not.toMatch(/wget/)
})

describe.each<Shell>(['dash', 'busybox'])('the commands, run by %s', (shell) => {
  let installer: Installer
  beforeAll(async () => {
    await needPackages('dash')
    await needBusybox()
    installer = await startInstaller()
  }, 600_000)

  const run = async (meta: Options, question = 'preseed/late_command') => {
    installer.reset(shell)
    return installer.run(commandOf(withMeta(meta, { server: installer.server }), question), shell)
  }
  const seed = (file: string) => installer.read(`var/lib/cloud/seed/nocloud-net/${file}`)

  test('lay the seed of cloud-init, then turn netboot off', async () => {
    const userData = '#cloud-config\npackages: [byobu]\n'
    expect(await run({ MACHINE_ID: '0', USER_DATA_BASE64: Buffer.from(userData).toString('base64') })).toBe(0)
    expect(seed('user-data').toString()).toBe(userData)
    expect(seed('meta-data').toString()).toBe('instance-id: "0"\nlocal-hostname: "node1"\n')
    expect(seed('vendor-data').toString()).toBe(
      [
        '#cloud-config',
        'phone_home:',
        `  url: "http://${installer.server}/cblr/svc/op/trig/mode/firstboot/system/node1"`,
        '  post: [instance_id, hostname]',
        '  tries: 10',
        '',
      ].join('\n'),
    )
    expect(installer.read('etc/cloud/cloud.cfg.d/99-orchestra.cfg').toString()).toBe('datasource_list: [ NoCloud ]\n')
    expect(await installer.mode('var/lib/cloud/seed/nocloud-net/user-data')).toBe('600')
    expect(installer.calls).toEqual([
      '/cblr/svc/op/progress/system/node1?step=installing&message=Writing+the+seed+of+cloud-init',
      '/cblr/svc/op/nopxe/system/node1',
    ])
  })

  test('know a machine by its uid where it has no MACHINE_ID, and give it an empty cloud-config', async () => {
    expect(await run({})).toBe(0)
    expect(seed('meta-data').toString()).toBe(`instance-id: "${'a'.repeat(32)}"\nlocal-hostname: "node1"\n`)
    expect(seed('user-data').toString()).toBe('#cloud-config\n')
  })

  test('can be run twice', async () => {
    const command = commandOf(
      withMeta({ USER_DATA_BASE64: 'YQ==' }, { server: installer.server }),
      'preseed/late_command',
    )
    installer.reset(shell)
    expect(await installer.run(command, shell)).toBe(0)
    expect(await installer.run(command, shell)).toBe(0)
    expect(seed('user-data').toString()).toBe('a')
  })

  test('carry any user data to the disk byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        const text = Buffer.from(bytes).toString('base64')
        expect(await run({ USER_DATA_BASE64: text.replace(/.{60}/g, '$&\n') })).toBe(0)
        expect(seed('user-data')).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 15 },
    )
  })

  test('carry the largest user data that a cloud would take', async () => {
    const bytes = randomBytes(64 * 1024)
    expect(await run({ USER_DATA_BASE64: bytes.toString('base64') })).toBe(0)
    expect(seed('user-data')).toEqual(bytes)
  })

  test('carry any machine id into YAML', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (id) => {
        expect(await run({ MACHINE_ID: id })).toBe(0)
        expect(seed('meta-data').toString().split('\n')[0]).toBe(`instance-id: ${JSON.stringify(id)}`)
      }),
      { numRuns: 10 },
    )
  })

  test('run ENSEMBLE_LATE_COMMAND in the target, with in-target leading there too', async () => {
    const command = `in-target sh -c 'echo "it'\\''s $(pwd)" > /ran'; cat >> /ran; echo $0 >> /ran`
    expect(await run({ ENSEMBLE_LATE_COMMAND: command })).toBe(0)
    expect(installer.read('ran').toString()).toBe("it's /\nsh\n")
    expect(installer.calls.at(-1)).toBe('/cblr/svc/op/nopxe/system/node1')
  })

  test('install keys for the account, and sudo for who has no password', async () => {
    expect(await run({ username: 'ada', ssh_authorized_keys: "ssh-ed25519 AAAA ada's" })).toBe(0)
    expect(installer.read('home/ada/.ssh/authorized_keys').toString()).toBe("ssh-ed25519 AAAA ada's\n")
    expect(await installer.mode('home/ada/.ssh/authorized_keys')).toBe('600')
    expect(await installer.mode('etc/sudoers.d/90-orchestra')).toBe('440')
    expect(installer.read('etc/sudoers.d/90-orchestra').toString()).toBe('ada ALL=(ALL) NOPASSWD:ALL\n')
  })

  test('leave netboot on and say so when they fail', async () => {
    expect(await run({ ENSEMBLE_LATE_COMMAND: 'exit 7' })).not.toBe(0)
    expect(installer.calls.filter((path) => path.includes('nopxe'))).toEqual([])
    expect(installer.calls.slice(-2)).toEqual([
      '/cblr/svc/op/progress/system/node1?step=failed&message=The+late+command+failed+at+ENSEMBLE_LATE_COMMAND',
      '/cblr/svc/op/progress/system/node1?step=failed&message=The+late+command+failed',
    ])
  })

  test('fail for keys of an account that is not there', async () => {
    expect(await run({ username: 'bob', ssh_authorized_keys: 'ssh-ed25519 AAAA' })).not.toBe(0)
    expect(installer.calls.join()).toContain('failed+at+keys')
    expect(installer.calls.join()).not.toContain('nopxe')
  })

  test('tell early that the installer has begun', async () => {
    expect(await run({}, 'preseed/early_command')).toBe(0)
    expect(installer.calls).toEqual([
      '/cblr/svc/op/progress/system/node1?step=installing&message=The+installer+has+read+its+preseed',
    ])
  })
})

test('an early command that reaches nobody stops no install', async () => {
  const command = commandOf(preseedOf({ server: '127.0.0.1:9' }), 'preseed/early_command')
  await exec('busybox', ['sh', '-c', command])
})

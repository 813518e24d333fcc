/**
 * The flavors of other installers: read by the tools that know their languages, and their late part run as those installers
 * run it, in a chroot. Each must leave what a preseed leaves, byte by byte.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { exec } from '../../src/lib/exec.ts'
import type { Options } from '../../src/model/item.ts'
import { installerOf } from '../../src/render/flavor.ts'
import { renderPreseed } from '../../src/render/preseed.ts'
import { aBlend, aProfileBlend } from '../boot/blends.ts'
import { builtIn, expectGoldenText } from '../boot/golden-text.ts'
import { needPackages } from '../support/debian.ts'
import { AWKWARD } from './awkward.ts'
import { type Installer, needBusybox, startInstaller } from './installer.ts'

const FLAVORS = [
  ['autoinstall.yaml', 'ubuntu'],
  ['kickstart.ks', 'redhat'],
  ['autoyast.xml', 'suse'],
  ['raw.sh', 'debian'],
] as const
type Flavor = (typeof FLAVORS)[number][0]
const breedOf = (flavor: Flavor) => FLAVORS.find(([name]) => name === flavor)?.[1] ?? ''

const FULL: Options = {
  ...{ MACHINE_ID: '0', USER_DATA_BASE64: 'YQ==', EXTRA_PACKAGES: 'htop  vim', tree: 'http://@@http_server@@/tree' },
  ...{ username: 'ada', password_crypted: '$6$salt$hash', ssh_authorized_keys: [`ssh-ed25519 AAAA "ada's" & <x>`] },
  ...{
    mirror_hostname: 'mirror.lab',
    mirror_proxy: 'http://10.77.0.1:8000/',
    install_disk: '/dev/sda',
    product: 'SLES',
  },
  ...{ image_url: 'http://10.77.0.1/image.raw.gz', image_sha256: 'f'.repeat(64) },
}
const LEAST: Options = { image_url: 'http://10.77.0.1/image.raw' }

const sources = { preseed: builtIn('preseeds'), template: builtIn('templates'), domain: 'lab.example' }
const partsOf = (flavor: Flavor, meta: Options, server = '10.77.0.1') => ({
  ...{ server, system: { meta }, profile: { autoinstall: flavor } },
  distro: { breed: breedOf(flavor), kernelOptionsPost: { console: 'ttyS0,115200', x: 'two words' } },
})
const render = (flavor: Flavor, meta: Options, server?: string) =>
  renderPreseed(aBlend(partsOf(flavor, meta, server)), sources)

const folder = mkdtempSync(join(tmpdir(), 'orchestra-flavors-'))
let installer: Installer

beforeAll(async () => {
  await needPackages('dash', 'cloud-init', 'libxml2-utils')
  await needBusybox()
  installer = await startInstaller()
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(FLAVORS)('%s', (flavor) => {
  test('reads as it is kept', () => {
    const shown = render(flavor, FULL).replace(/echo [A-Za-z0-9+/=]{40,} /g, 'echo BASE64 ')
    expectGoldenText(`render/golden/${flavor}.txt`, shown)
  })

  test('is for a profile alone too, and then calls nobody', () => {
    const text = renderPreseed(
      aProfileBlend(partsOf(flavor, {})).ok
        ? aProfileBlend({ ...partsOf(flavor, {}), profile: { autoinstall: flavor, meta: LEAST } })
        : aBlend(),
      sources,
    )
    expect(text).not.toMatch(/nopxe|progress/)
  })
})

test.each([
  ['autoinstall.yaml', 'ubuntu', 'subiquity'],
  ['ours.yml', 'debian', 'subiquity'],
  ['default.seed', 'ubuntu', 'debian-installer'],
  ['no-ending', 'debian', 'debian-installer'],
  ['kickstart.ks', 'redhat', 'anaconda'],
  ['/var/lib/cobbler/kickstarts/sample', 'redhat', 'anaconda'],
  ['default.seed', 'redhat', undefined],
  ['autoyast.xml', 'suse', 'yast'],
  ['default.seed', 'suse', undefined],
  ['raw.sh', 'redhat', 'raw'],
  ['raw.sh', 'generic', 'raw'],
  ['default.seed', 'windows', undefined],
])('%s of %s is for %s', (autoinstall, breed, installer) => {
  expect(installerOf({ autoinstall, distro: { breed } })).toBe(installer)
})

describe.each([
  ['the least', LEAST],
  ['all there is', FULL],
])('with %s', (_, meta) => {
  test('the autoinstall is a cloud-config to cloud-init', async () => {
    const file = join(folder, 'user-data')
    writeFileSync(file, render('autoinstall.yaml', meta))
    expect(await exec('/usr/bin/cloud-init', ['schema', '--config-file', file])).toContain('Valid cloud-config')
  })

  test('the profile of AutoYaST is XML to libxml', async () => {
    await exec('xmllint', ['--noout', '--nonet', '-'], { stdin: render('autoyast.xml', meta) })
  })

  test('the kickstart has its sections closed, and one command a line', () => {
    const lines = render('kickstart.ks', meta).split('\n')
    let section = ''
    for (const line of lines) {
      const [, word = ''] = /^%(\w+)/.exec(line) ?? []
      if (word !== '') expect(word === 'end').toBe(section !== '')
      if (word !== '') section = word === 'end' ? '' : word
      if (section !== '' || word !== '' || line === '' || line.startsWith('#')) continue
      expect(line).toMatch(
        /^(text|reboot|url|lang|keyboard|timezone|network|firstboot|rootpw|user|ignoredisk|zerombr|clearpart|autopart|bootloader)\b/,
      )
    }
    expect(section).toBe('')
  })

  test.each(['dash', 'busybox'])('the script that lays an image is one to %s', async (shell) => {
    const args = shell === 'dash' ? ['-n'] : ['sh', '-n']
    await exec(shell, args, { stdin: render('raw.sh', meta) })
  })
})

test('names, hashes and keys with signs of their own stay what they are', () => {
  const autoinstall = parse(
    render('autoinstall.yaml', { ...FULL, timezone: 'a: "b" # \u2028', locale: '!x' }),
  ) as Record<string, unknown>
  expect(autoinstall).toMatchObject({
    autoinstall: { timezone: 'a: "b" # \u2028', locale: '!x', packages: ['htop', 'vim'] },
  })
  const autoyast = render('autoyast.xml', { ...FULL, product: ']]><x/>&"\'' })
  expect(autoyast).toContain('<product>]]&#62;&#60;x/&#62;&#38;&#34;&#39;</product>')
  expect(() => render('autoyast.xml', { ...FULL, product: '\x01' })).toThrow(/autoyast\.xml:\d+: .* no text for XML/)
})

test("an image that nobody has named is told, with the setting's name", () => {
  expect(() => render('raw.sh', {})).toThrow(/^preseeds\/raw\.sh:\d+: "meta\.image_url" is not defined/)
})

/** What an installer does with the end of its answer file; answers the exit code. */
const LATE: Readonly<Record<Exclude<Flavor, 'raw.sh'>, (text: string) => Promise<number>>> = {
  // Subiquity runs a list as it is, and goes on to error-commands when one fails.
  async 'autoinstall.yaml'(text) {
    const { autoinstall } = parse(text) as Record<string, Record<string, string[][]>>
    for (const [program = '', ...args] of autoinstall?.['late-commands'] ?? []) {
      const code = await installer.start(program, args)
      if (code === 0) continue
      for (const [first = '', ...rest] of autoinstall?.['error-commands'] ?? []) await installer.start(first, rest)
      return code
    }
    return 0
  },
  // Anaconda runs a section in the new system, or outside of it; the shell is the system's.
  async 'kickstart.ks'(text) {
    const sections = [...text.matchAll(/^%(post|onerror)(.*)\n([\s\S]*?)^%end$/gm)]
    for (const [, kind, options = '', body = ''] of sections) {
      if (kind !== 'post') continue
      const code = await runScript(body, !options.includes('--nochroot'))
      if (code === 0) continue
      for (const [, other, , last = ''] of sections) if (other === 'onerror') await runScript(last, false)
      return code
    }
    return 0
  },
  // AutoYaST writes the source to a file in the new system, and goes on whatever it ends with.
  async 'autoyast.xml'(text) {
    const source = await exec(
      'xmllint',
      ['--xpath', "string(//*[local-name()='chroot-scripts']//*[local-name()='source'])", '-'],
      { stdin: text },
    )
    return runScript(source, true)
  },
}

async function runScript(text: string, isInTarget: boolean): Promise<number> {
  const file = join(isInTarget ? installer.target : folder, 'orchestra-script')
  writeFileSync(file, text)
  return isInTarget ? installer.start('in-target', ['sh', '/orchestra-script']) : installer.start('dash', [file])
}

describe.each(['autoinstall.yaml', 'kickstart.ks', 'autoyast.xml'] as const)('the late part of %s', (flavor) => {
  const late = async (meta: Options) => {
    installer.reset('dash')
    writeFileSync(join(installer.target, 'bin/update-grub'), '#!/bin/sh\necho done > /updated\n', { mode: 0o755 })
    installer.calls.length = 0
    return LATE[flavor](render(flavor, meta, installer.server))
  }
  const seed = (file: string) => installer.read(`var/lib/cloud/seed/nocloud-net/${file}`)

  test.each(AWKWARD)('carries user data with %s', async (_, bytes) => {
    expect(await late({ MACHINE_ID: '0', USER_DATA_BASE64: bytes.toString('base64') })).toBe(0)
    expect(seed('user-data')).toEqual(bytes)
    expect(seed('meta-data').toString()).toBe('instance-id: "0"\nlocal-hostname: "node1"\n')
    expect(seed('vendor-data').toString()).toContain('/cblr/svc/op/trig/mode/firstboot/system/node1"')
    expect(installer.calls.at(-1)).toBe('/cblr/svc/op/nopxe/system/node1')
  })

  test('runs ENSEMBLE_LATE_COMMAND', async () => {
    expect(await late({ ENSEMBLE_LATE_COMMAND: `in-target sh -c 'echo "it'\\''s here" > /mark'` })).toBe(0)
    expect(installer.read('mark').toString()).toBe("it's here\n")
  })

  test('tells of a failure, and leaves netboot on', async () => {
    await late({ ENSEMBLE_LATE_COMMAND: 'exit 3' })
    expect(installer.calls.filter((path) => path.includes('nopxe'))).toEqual([])
    expect(installer.calls.at(-1)).toBe(
      '/cblr/svc/op/progress/system/node1?step=failed&message=The+late+command+failed',
    )
  })
})

test('kernel options of the installed system are set by whoever has no word for them', async () => {
  installer.reset('dash')
  writeFileSync(join(installer.target, 'bin/update-grub'), '#!/bin/sh\necho done > /updated\n', { mode: 0o755 })
  expect(await LATE['autoinstall.yaml'](render('autoinstall.yaml', {}, installer.server))).toBe(0)
  expect(installer.read('updated').toString()).toBe('done\n')
  const line = installer.read('etc/default/grub.d/99-orchestra.cfg').toString()
  const stdin = `GRUB_CMDLINE_LINUX=quiet\n${line}printf %s "$GRUB_CMDLINE_LINUX"`
  expect(await exec('dash', [], { stdin })).toBe('quiet console=ttyS0,115200 x="two words"')
  await LATE['kickstart.ks'](render('kickstart.ks', {}, installer.server))
  expect(render('kickstart.ks', {})).toContain(`\nbootloader --append='console=ttyS0,115200 x="two words"'\n`)
})

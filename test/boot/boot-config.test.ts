import { describe, expect, test } from 'vitest'
import { bootConfig } from '../../src/boot/boot-config.ts'
import type { BootDecision } from '../../src/boot/decide.ts'
import type { BootFormat } from '../../src/boot/request-path.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { Options } from '../../src/model/item.ts'
import { aBlend, aProfileBlend, aSystem, DECISIONS, kernelWords, MAC, type Parts } from './blends.ts'
import { builtIn, expectGoldenText } from './golden-text.ts'

const FORMATS: readonly BootFormat[] = ['pxelinux', 'grub', 'ipxe']
const context = { mac: MAC, domain: 'lab.example', template: builtIn('templates') }
const words = (parts: Parts, domain = 'lab.example') => kernelWords(aBlend(parts), MAC, domain)
const install = (kernelOptions: Options): BootDecision => ({
  boot: 'install',
  blend: aBlend({ system: { kernelOptions } }),
})

describe.each(FORMATS)('for %s', (format) => {
  test.each(['install', 'local', 'enlist'] as const)('a decision to %s reads', (decision) => {
    expectGoldenText(`boot/golden/${format}-${decision}.cfg`, bootConfig(DECISIONS[decision](), format, context))
  })

  test('a machine that is ignored gets nothing', () => {
    expect(bootConfig(DECISIONS.ignore(), format, context)).toBeUndefined()
  })

  test('a distro without an initrd gets no line for one', () => {
    const blend = aBlend({ distro: { initrd: '' } })
    expect(bootConfig({ boot: 'install', blend }, format, context)).not.toMatch(/initrd/)
  })

  test.each(['a\nb', 'a\rb', 'a\0b', '\x1b[2J', 'say "no"'])('a kernel option %j is refused, not written', (value) => {
    expect(() => bootConfig(install({ evil: value }), format, context)).toThrow(
      expect.objectContaining({ code: 'item.invalid', message: expect.stringMatching(/^system node1: kernel option/) }),
    )
  })

  test('an option whose name has a line break is refused', () => {
    expect(() => bootConfig(install({ 'a\nkernel /evil': 'b' }), format, context)).toThrow(OrchestraError)
  })

  test('a kernel whose file name is no plain word is refused', () => {
    const blend = aBlend({ distro: { kernel: '/srv/vmlinuz x; reboot' } })
    expect(() => bootConfig({ boot: 'install', blend }, format, context)).toThrow(/cannot be written/)
  })

  test('a template that is not there is told by its path', () => {
    expect(() => bootConfig(install({}), format, { ...context, template: () => undefined })).toThrow(
      expect.objectContaining({
        code: 'template.invalid',
        message: expect.stringContaining(`templates/${format}/install.cfg`),
      }),
    )
  })
})

describe('options with blanks and signs', () => {
  const line = (format: BootFormat, options: Options) =>
    bootConfig(install(options), format, context)
      ?.split('\n')
      .find((one) => one.includes('zz='))

  test('are quoted for the kernel by PXELINUX and iPXE, which pass them on as they are', () => {
    expect(line('pxelinux', { zz: 'two words' })).toContain('zz="two words"')
    expect(line('ipxe', { zz: 'two words' })).toContain('zz="two words"')
    expect(line('pxelinux', { zz: "it's $HOME; \\" })).toContain(`zz="it's $HOME; \\"`)
  })

  test('are quoted for GRUB, which quotes them for the kernel by itself', () => {
    expect(line('grub', { zz: 'two words' })).toContain(` 'zz=two words' `)
    expect(line('grub', { zz: '$root;{}' })).toContain(` 'zz=$root;{}' `)
  })

  test('that GRUB would change on the way are refused', () => {
    expect(() => line('grub', { zz: "it's" })).toThrow(/GRUB cannot/)
    expect(() => line('grub', { zz: 'a\\b' })).toThrow(/GRUB cannot/)
  })

  // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE's
  test.each(['${net0/mac}', 'a && reboot', 'a || b', '#x', 'a ; b'])(
    'that iPXE would take for its own are refused: %s',
    (value) => {
      expect(() => line('ipxe', { zz: value.startsWith('#') ? `a ${value}` : value })).toThrow(/iPXE cannot/)
    },
  )
})

describe('the kernel line', () => {
  test("puts a site's options first, and a repeated one as often as it is said", () => {
    const kernelOptions = { console: ['tty0', 'ttyS0,115200'], quiet: null, n: 1 }
    expect(words({ system: { kernelOptions } }).slice(0, 4)).toEqual([
      'console=tty0',
      'console=ttyS0,115200',
      'quiet',
      'n=1',
    ])
  })

  test.each([
    [{ priority: 'high' }, 'priority=high'],
    [{ 'debconf/priority': 'high' }, 'debconf/priority=high'],
    [{ 'netcfg/choose_interface': 'eth1' }, 'netcfg/choose_interface=eth1'],
    [{ url: 'http://mine/x' }, 'url=http://mine/x'],
    [{ auto: 'true' }, 'auto=true'],
  ])('never sets again what a site has set: %o', (kernelOptions, word) => {
    const all = words({ system: { kernelOptions } })
    expect(all[0]).toBe(word)
    const without = words({})
    expect(all).toHaveLength(without.length)
  })

  test("speaks Debian where a client wrote Red Hat's words", () => {
    const all = words({ system: { kernelOptions: { ksdevice: 'bootif', lang: 'de_DE' } } })
    expect(all).toContain('locale=de_DE')
    expect(all).toContain('interface=auto')
    expect(all.join(' ')).not.toMatch(/bootif|ksdevice|lang=/)
    expect(words({ system: { kernelOptions: { ksdevice: 'eth1' } } })).toContain('interface=eth1')
  })

  test('takes host and domain from a host name with dots', () => {
    const all = words({ system: { hostname: 'web-1.example.org' } })
    expect(all).toContain('hostname=web-1')
    expect(all).toContain('domain=example.org')
  })

  test('makes a host name of any system name', () => {
    expect(words({ system: { name: 'rack_1:node+1' } })).toContain('hostname=rack-1-node-1')
    expect(words({ system: { name: '+++' } })).toContain('hostname=new-machine')
  })

  test('says no domain where there is none', () => {
    expect(words({}, '').filter((word) => word.startsWith('domain'))).toEqual([])
  })

  test('gives the installer a name server, because it asks a person for one otherwise', () => {
    expect(words({ nameServers: ['10.77.0.1', '10.77.0.2'] })).toContain('netcfg/get_nameservers=10.77.0.1')
    expect(words({}).join(' ')).not.toContain('nameservers')
  })

  test('points an unknown machine to the preseed of its profile', () => {
    const all = kernelWords(aProfileBlend({ profile: { name: 'enlist' } }), MAC, 'lab')
    expect(all).toContain('url=http://10.77.0.1/cblr/svc/op/autoinstall/profile/enlist')
    expect(all).toContain('hostname=new-machine')
  })

  test('adds nothing for a breed whose installer it does not know', () => {
    expect(words({ distro: { breed: 'redhat', kernelOptions: { 'inst.ks': 'http://x/ks', lang: 'C' } } })).toEqual([
      'inst.ks=http://x/ks',
      'lang=C',
    ])
  })

  test('is refused when it is longer than a kernel reads', () => {
    expect(() => words({ system: { kernelOptions: { a: 'x'.repeat(2040) } } })).toThrow(/2047 bytes/)
  })

  test.each(['10.77.0.1/x', 'a b', "a'b", 'http://10.77.0.1', '', '$(reboot)'])('refuses %j as a server', (server) => {
    const blend = { ...aBlend(), server }
    expect(() => kernelWords(blend, MAC, 'lab')).toThrow(expect.objectContaining({ field: 'server' }))
  })
})

test('a server on another port is named with it, and TFTP without', () => {
  const text = bootConfig({ boot: 'install', blend: aBlend({ server: 'boot.lab:8080' }) }, 'grub', context)
  expect(text).toContain('(http,boot.lab:8080)/boot')
  expect(text).toContain('(tftp,boot.lab)')
})

test("a site's template sees the same names", () => {
  const template = () =>
    '{{name}} {{profile}} {{distro}} {{mac}} {{pxe_name}} {{server}} {{host}} {{kernel}} {{initrd}}'
  expect(bootConfig(install({}), 'ipxe', { ...context, template })).toBe(
    'node1 debian-12-x86_64 debian-12-x86_64 52:54:00:77:00:01 01-52-54-00-77-00-01 10.77.0.1 10.77.0.1 images/debian-12-x86_64/linux images/debian-12-x86_64/initrd.gz',
  )
  const local = { boot: 'local', system: aSystem() } satisfies BootDecision
  expect(() => bootConfig(local, 'ipxe', { ...context, template })).toThrow(
    /ipxe\/local\.cfg:1: "profile" is not defined/,
  )
})

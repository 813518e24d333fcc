import { describe, expect, test } from 'vitest'
import { bootConfig } from '../../src/boot/boot-config.ts'
import type { BootFormat } from '../../src/boot/request-path.ts'
import { aBlend, aProfileBlend, kernelWords, MAC, type Parts } from './blends.ts'
import { builtIn, expectGoldenText } from './golden-text.ts'

const TOKEN = 't'.repeat(43)
const FORMATS: readonly BootFormat[] = ['pxelinux', 'grub', 'ipxe']

const tree = 'http://@@http_server@@/tree'
const PARTS: Readonly<Record<string, Parts>> = {
  'debian-installer': {},
  subiquity: {
    distro: { breed: 'ubuntu', osVersion: 'noble' },
    profile: { autoinstall: 'autoinstall.yaml', meta: { iso_url: 'http://10.77.0.1/noble.iso' } },
  },
  anaconda: {
    distro: { breed: 'redhat', osVersion: 'rhel9' },
    profile: { autoinstall: 'kickstart.ks', meta: { tree } },
  },
  'an old anaconda': {
    distro: { breed: 'redhat', osVersion: 'rhel6' },
    profile: { autoinstall: 'old.ks', meta: { tree } },
  },
  yast: { distro: { breed: 'suse', osVersion: 'sles15' }, profile: { autoinstall: 'autoyast.xml', meta: { tree } } },
  raw: { profile: { autoinstall: 'raw.sh' } },
}
const words = (parts: Parts, token?: string) => kernelWords(aBlend(parts), MAC, 'lab.example', token)
const withOptions = (installer: string, kernelOptions: Record<string, string | null>): Parts => ({
  ...PARTS[installer],
  system: { kernelOptions },
})

test.each(FORMATS)('every installer is told by %s what it has to know', (format) => {
  const told = Object.entries(PARTS).map(([installer, parts]) => {
    const context = { mac: MAC, domain: 'lab.example', template: builtIn('templates'), token: TOKEN }
    const text = bootConfig({ boot: 'install', blend: aBlend(parts) }, format, context)
    const lines = text?.split('\n').filter((line) => /^ *(append|linux|if linux|kernel http)\b/.test(line))
    return `${installer}\n${lines?.join('\n')}\n`
  })
  expectGoldenText(`boot/golden/installers-${format}.txt`, told.join('\n'))
})

describe('the live installer of Ubuntu', () => {
  test('finds its answers without a token where there is none', () => {
    expect(words(PARTS['subiquity'] ?? {})).toContain(
      'ds=nocloud-net;s=http://10.77.0.1/cblr/svc/op/autoinstall/system/node1/',
    )
  })

  test('keeps cloud-init from an image that a site names itself', () => {
    const all = words({ ...withOptions('subiquity', { url: 'http://x/a.iso' }), profile: { autoinstall: 'a.yaml' } })
    expect(all.slice(0, 2)).toEqual(['url=http://x/a.iso', 'autoinstall'])
    expect(all).toContain('cloud-config-url=/dev/null')
    expect(words({ distro: { breed: 'ubuntu' }, profile: { autoinstall: 'a.yaml' } }).join()).not.toContain(
      'cloud-config-url',
    )
  })

  test('is told nothing again that a site has said', () => {
    expect(
      words(withOptions('subiquity', { ds: 'none', ip: 'none', autoinstall: null }), TOKEN).join(' '),
    ).not.toContain(TOKEN)
  })
})

test('who brings a kickstart or an AutoYaST profile of his own is told nothing else', () => {
  expect(words(withOptions('anaconda', { 'inst.ks': 'http://x/ks' }))).toEqual(['inst.ks=http://x/ks'])
  expect(words(withOptions('anaconda', { ks: 'http://x/ks' }))).toEqual(['ks=http://x/ks'])
  expect(words(withOptions('yast', { autoyast: 'http://x' }))).toEqual(['autoyast=http://x'])
})

test('a profile alone is installed by its own answers', () => {
  const blend = aProfileBlend({ ...PARTS['anaconda'], profile: { name: 'enlist', autoinstall: 'kickstart.ks' } })
  expect(kernelWords(blend, MAC, '')).toContain('inst.ks=http://10.77.0.1/cblr/svc/op/autoinstall/profile/enlist')
})

test('a token goes to who asks for it only', () => {
  for (const [installer, parts] of Object.entries(PARTS)) {
    expect(words(parts, TOKEN).join(' ').includes(TOKEN)).toBe(installer === 'subiquity')
  }
})

/** The syslog and the proxy that installers are told of, each in its own words, and only when they can be reached. */
import { describe, expect, test } from 'vitest'
import { toldServer } from '../../src/daemon/listen-installers.ts'
import type { Blend } from '../../src/model/blend.ts'
import type { Options } from '../../src/model/item.ts'
import { renderPreseed } from '../../src/render/preseed.ts'
import { aBlend, kernelWords, MAC, type Parts } from './blends.ts'
import { builtIn } from './golden-text.ts'

const ours = { host: undefined, port: 5514 }
const logWords = (parts: Parts, syslog: Blend['syslog'] = ours) =>
  kernelWords({ ...aBlend(parts), syslog }, MAC, 'lab').filter((word) => /log/.test(word))

describe('on the kernel line', () => {
  test.each([
    ['debian', 'bookworm', 'default.seed', ['log_host=10.77.0.1', 'log_port=5514']],
    ['ubuntu', 'noble', 'autoinstall.yaml', []],
    ['redhat', 'rhel9', 'kickstart.ks', ['inst.syslog=10.77.0.1:5514']],
    ['redhat', 'rhel6', 'kickstart.ks', ['syslog=10.77.0.1:5514']],
    ['suse', 'sles15', 'autoyast.xml', []],
    ['generic', '', 'default.seed', []],
  ])('an installer of %s %s with %s finds the syslog', (breed, osVersion, autoinstall, expected) => {
    expect(logWords({ distro: { breed, osVersion }, profile: { autoinstall } })).toEqual(expected)
  })

  test('nobody finds one where none listens', () => {
    expect(kernelWords(aBlend(), MAC, 'lab').filter((word) => /log/.test(word))).toEqual([])
  })

  test('it is on the host that the machine fetches from, unless it listens on another', () => {
    expect(logWords({ server: '10.78.0.1:8080' })).toEqual(['log_host=10.78.0.1', 'log_port=5514'])
    expect(logWords({}, { host: '10.79.0.1', port: 514 })).toEqual(['log_host=10.79.0.1', 'log_port=514'])
  })

  test.each<Options>([{ log_host: 'logs.site' }, { log_host: 'logs.site', log_port: '1514' }])(
    'a site with a log host of its own, %j, gets nothing of ours with it',
    (kernelOptions) => {
      const words = Object.entries(kernelOptions).map(([key, value]) => `${key}=${value}`)
      expect(logWords({ system: { kernelOptions } })).toEqual(words)
    },
  )
})

describe('in the preseed', () => {
  const sources = { preseed: builtIn('preseeds'), template: builtIn('templates'), domain: 'lab' }
  const proxyLine = (proxy: Blend['proxy'], meta: Options = {}) =>
    /^d-i mirror\/http\/proxy string(.*)$/m.exec(
      renderPreseed({ ...aBlend({ system: { meta } }), proxy }, sources),
    )?.[1]

  test.each([
    [undefined, ' '],
    [{ host: undefined, port: 8000 }, ' http://10.77.0.1:8000/'],
    [{ host: '10.79.0.1', port: 8000 }, ' http://10.79.0.1:8000/'],
    ['http://cache.site:3142/', ' http://cache.site:3142/'],
  ])('the proxy %j is told as%s', (proxy, expected) => {
    expect(proxyLine(proxy)).toBe(expected)
  })

  test('what a site has said of it counts more, also when it said that there is none', () => {
    const proxy = { host: undefined, port: 8000 }
    expect(proxyLine(proxy, { mirror_proxy: 'http://other:3128/' })).toBe(' http://other:3128/')
    expect(proxyLine(proxy, { mirror_proxy: '' })).toBe(' ')
  })
})

test.each([
  ['0.0.0.0', 'http://10.77.0.1', { host: undefined, port: 514 }],
  ['::', 'http://10.77.0.1', { host: undefined, port: 514 }],
  ['10.78.0.1', 'http://10.77.0.1', { host: '10.78.0.1', port: 514 }],
  ['127.0.0.1', 'http://10.77.0.1', undefined],
  ['127.0.0.1', 'http://127.0.0.1:8080', { host: '127.0.0.1', port: 514 }],
  ['fe80::1', 'http://10.77.0.1', undefined],
])('what listens on %s is told to machines of %s as %j', (address, url, expected) => {
  expect(toldServer({ address, port: 514 }, url)).toEqual(expected)
})

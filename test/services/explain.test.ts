/**
 * An explanation is what production answers: whatever the fleet looks like, the bytes that a machine is sent are those that
 * are shown for it, and where nothing is sent, the sentence is the same.
 */

import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideBoot } from '../../src/boot/decide.ts'
import { askingRequest } from '../../src/dhcp/asking.ts'
import type { Ipv4, Mac } from '../../src/model/address.ts'
import { type Blend, blendProfile, blendSystem } from '../../src/model/blend.ts'
import { ARCHITECTURES, type Explanation, FIRMWARES, type Step, type StepId } from '../../src/model/explanation.ts'
import { INHERIT, type Options } from '../../src/model/item.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { Profile } from '../../src/model/profile.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import { bootFileSearch } from '../../src/services/boot-file-search.ts'
import { createBootFiles } from '../../src/services/boot-files.ts'
import { createCobblerTexts } from '../../src/services/cobbler-texts.ts'
import { createExplain } from '../../src/services/explain.ts'
import { createInstall } from '../../src/services/install.ts'
import { createMetadata, purposeOf } from '../../src/services/metadata.ts'
import { preseedTexts } from '../../src/services/preseed-texts.ts'
import { MAC } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { silentLog } from '../support/store.ts'

const PEER = '10.77.0.50' as Ipv4
const [template, preseed] = [builtIn('templates'), builtIn('preseeds')]
const loaders = { bios: 'pxelinux', uefi: 'grub' } as const

/** Uploaded in Cobbler's manner. */
const UPLOADED: Readonly<Record<string, string>> = {
  'cheetah.ks': 'lang $getVar("lang", "en")\n#if $hostname\nhost $hostname\n#end if\nname $system_name',
  'jinja.ks': '#template=jinja2\nfor {{ system_name }}\n{% for x in [1, 2] %}{{ x }}\n{% endfor %}',
  'wrong.ks': '#if $x\nnever ended',
  'late.seed': 'd-i preseed/late_command string echo bHMgLwo= | base64 -d | sh',
}

const word = fc.constantFrom('a', 'b c', "it's", 'http://x/$y', 'line\nbreak', '"', '', '$6$salt$hash', '#{{x}}')
const options: fc.Arbitrary<Options> = fc.dictionary(
  fc.constantFrom('console', 'lang', 'quiet', 'ksdevice', 'interface', 'zz', '!quiet'),
  fc.oneof(word, fc.constant(null)),
)
const meta: fc.Arbitrary<Options> = fc.dictionary(
  fc.constantFrom(
    'locale',
    'username',
    'password_crypted',
    'ssh_authorized_keys',
    'tree',
    'iso_url',
    'USER_DATA_BASE64',
    'EXTRA_PACKAGES',
    'MACHINE_ID',
    '!locale',
  ),
  fc.oneof(word, fc.constantFrom('ann', '$6$aa$bbbbbbbb', 'I2Nsb3VkLWNvbmZpZwo=')),
)
const flavor = fc.constantFrom(
  ...[INHERIT, 'juju.seed', 'kickstart.ks', 'autoyast.xml', 'autoinstall.yaml', 'raw.sh', 'nope.seed'],
  ...Object.keys(UPLOADED),
)
const fleet = fc.record({
  breed: fc.constantFrom('debian', 'ubuntu', 'redhat', 'suse', 'other'),
  osVersion: fc.constantFrom('trixie', 'precise', 'rhel6', ''),
  initrd: fc.constantFrom('', '/srv/initrd.gz', '/srv/initrd bad'),
  levels: fc.tuple(options, options, options, options),
  metas: fc.tuple(meta, meta, meta, meta),
  flavor,
  hostname: fc.constantFrom('', 'web.example.org', '-x-'),
  netboot: fc.boolean(),
  profile: fc.constantFrom('p2', 'p2', 'p2', 'none'),
  server: fc.constantFrom(INHERIT, INHERIT, INHERIT, INHERIT, '10.0.0.9:8080', 'no server'),
  stopped: fc.constantFrom(undefined, undefined, 'it was installed too often'),
  isKnown: fc.constantFrom(true, true, false),
  asks: fc.record({ firmware: fc.constantFrom(...FIRMWARES), arch: fc.constantFrom(...ARCHITECTURES) }),
})
type Fleet = typeof fleet extends fc.Arbitrary<infer Value> ? Value : never

function siteOf(given: Fleet) {
  const { levels, metas } = given
  const kernel = (index: 0 | 1 | 2 | 3) => ({
    kernelOptions: levels[index],
    kernelOptionsPost: levels[index],
    meta: metas[index],
  })
  const distro = {
    ...{ ...emptyItem('distro', 'd'.repeat(32)), ...kernel(0), name: 'd', kernel: '/srv/linux', initrd: given.initrd },
    ...{ breed: given.breed, osVersion: given.osVersion },
  }
  const profiles: Profile[] = [
    { ...emptyItem('profile', '1'.repeat(32)), ...kernel(1), name: 'p1', distro: 'd', server: given.server },
    { ...emptyItem('profile', '2'.repeat(32)), ...kernel(2), name: 'p2', parent: 'p1', autoinstall: given.flavor },
  ]
  const system: System = {
    ...{ ...emptyItem('system', 'a'.repeat(32)), ...kernel(3), name: 'node1', profile: given.profile },
    ...{ hostname: given.hostname, netbootEnabled: given.netboot },
    interfaces: { eth0: { ...emptyInterface(), macAddress: MAC } },
  }
  const profile = (name: string) => profiles.find((one) => one.name === name)
  const parents = { profile, distro: (name: string) => (name === 'd' ? distro : undefined) }
  const defaults = {
    ...{ server: '10.77.0.1', autoinstall: 'default.seed', nameServers: [], nameServersSearch: ['lab'], owners: [] },
    syslog: { host: undefined, port: 514 },
  }
  const find = (name: string) => (given.isKnown && name === 'node1' ? system : undefined)
  const blended = {
    blendSystem: (one: System) => blendSystem(one, parents, defaults),
    blendProfile: (one: Profile) => blendProfile(one, parents, defaults),
  }
  const enlist = profiles[1] && blended.blendProfile(profiles[1])
  const shared = {
    ...{
      domain: 'lab',
      template,
      preseed,
      system: find,
      profile,
      ...blended,
      search: bootFileSearch({ ...parents, bootRoot: '/nowhere' }),
    },
    known: (one: System) => ({ system: one, blend: blended.blendSystem(one), stopped: given.stopped }),
    policy: () => ({ enlist }),
    systemByMac: (mac: Mac) => (mac === MAC ? find('node1') : undefined),
    uploaded: (blend: Blend) => texts.autoinstall(blend),
    giveToken: async () => 'TOKEN',
    ...{ record: () => {}, log: silentLog },
  }
  const catalog = { get: ((type: string, name: string) => (type === 'system' ? find(name) : profile(name))) as never }
  const files = { read: (_: string, path: string) => UPLOADED[path] }
  const texts = createCobblerTexts({ ...shared, catalog, files })
  const install = createInstall({ ...shared, save: async (one) => one })
  const bootFiles = createBootFiles({ ...shared, macAt: () => undefined })
  const metadata = createMetadata({
    ...shared,
    tokens: {
      give: async () => 'TOKEN',
      find: () => {
        const blend = blended.blendSystem(system)
        return { uid: system.uid, purpose: blend.ok ? purposeOf(blend) : '' }
      },
      ...{ underWay: () => {}, end: () => {}, settled: async () => {} },
    },
    ...{ systemByUid: () => find('node1'), systemAt: () => undefined, install, anonymousReads: false },
  })
  const explain = createExplain({
    ...shared,
    texts: preseedTexts(shared),
    ask: (mac, as) => {
      const request = askingRequest(mac, as)
      const answer = () => ({ id: 'dhcp', title: '', outcome: 'none', because: '', url: null, lines: [] }) as const
      return request && { firmware: request.boot?.firmware, isProxied: false, at: undefined, answer }
    },
    ...{ hasMetadata: true, seen: async () => undefined, addressOf: () => undefined },
    urls: () => ({ http: 'http://10.77.0.1', tftp: 'tftp://10.77.0.1', loaders }),
  })
  return { explain, install, bootFiles, metadata, shared, system }
}

const stepOf = ({ steps }: Explanation, id: StepId): Step => {
  const found = steps.find((step) => step.id === id)
  if (!found) throw new Error(`there is no ${id}`)
  return found
}
const textOf = ({ lines }: Pick<Step, 'lines'>) => lines.map(({ text }) => text).join('\n')
/** A text without its last line break, or the error that there is in its place. */
const outcomeOf = async (made: Promise<string>) =>
  made.then(
    (text) => text.replace(/\n$/, ''),
    (error: Error) => `error: ${error.message}`,
  )
const shownOf = (step: Step) => (step.outcome === 'error' ? `error: ${step.because}` : textOf(step))

test('whatever the fleet is like, what a machine is sent is what is shown', async () => {
  const compared = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fleet, async (given) => {
      fc.pre(askingRequest(MAC, given.asks) !== undefined)
      const { explain, install, bootFiles, metadata, shared, system } = siteOf(given)
      const told = await explain(MAC, { ...given.asks, netboot: undefined, profile: undefined }, true)
      const known = given.isKnown ? shared.known(system) : undefined
      for (const { id, outcome } of told.steps) {
        if (outcome === 'ok') compared.set(id, (compared.get(id) ?? 0) + 1)
      }
      expect(told.decision.boot).toBe(decideBoot(known, shared.policy()).boot)

      const config = stepOf(told, 'config')
      if (config.url !== null) {
        const path = new URL(config.url).pathname.replace(/^\/boot\//, '')
        const file = await bootFiles.open({ path, peer: PEER, via: 'tftp' })
        const sent = file && (await buffer(file.stream())).toString()
        expect(config.outcome === 'ok' ? `${textOf(config)}\n` : undefined).toBe(sent)
      }

      if (told.decision.boot === 'install' || told.decision.boot === 'enlist') {
        const sending = known
          ? install.systemPreseed('node1', PEER)
          : install.profilePreseed(told.steps.length > 0 ? 'p2' : '', PEER)
        const sent = await outcomeOf(sending)
        expect(shownOf(stepOf(told, 'preseed'))).toBe(sent)
        const late = stepOf(told, 'late-command')
        const words =
          late.lines.length === 0
            ? []
            : [textOf(late), `${textOf(late)}\n`].map((text) => Buffer.from(text).toString('base64'))
        if (late.because.includes('base64')) expect(words.some((one) => sent.includes(one))).toBe(true)
      }

      const documents = stepOf(told, 'metadata')
      if (documents.outcome === 'ok') {
        for (const [name, text] of documentsOf(documents)) {
          const sent = await metadata.read('TOKEN', name, PEER)
          expect(text).toBe(
            Buffer.from(sent ?? '')
              .toString()
              .replace(/\n$/, ''),
          )
        }
      }
    }),
    { numRuns: 300 },
  )
  for (const id of ['config', 'preseed', 'late-command', 'metadata']) expect(compared.get(id)).toBeGreaterThan(0)
})

function documentsOf(step: Step): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of `\n${textOf(step)}`.split('\n==> ').slice(1)) {
    const [name = '', ...rest] = part.split(' <==\n')
    found.set(name, rest.join(' <==\n'))
  }
  return found
}

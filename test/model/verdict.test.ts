/** The verdicts on boots: for each fault a boot that has it, and boots that only look like it. */
import { describe, expect, test } from 'vitest'
import { lastSeen } from '../../src/model/trace.ts'
import { verdictOf } from '../../src/model/verdict.ts'
import { waitsOf } from '../../src/model/verdict-waits.ts'
import { FAULTS } from '../../src/model/verdict-words.ts'
import { bootsOf, SEEN, type SeenName } from './boots.ts'

type Story = readonly (SeenName | readonly [number, SeenName])[]

/** On the last boot of the story, so many seconds after its end. */
function verdictAfter(seconds: number, story: Story, which = -1) {
  const attempt = bootsOf(...story).at(which)
  if (!attempt) throw new Error('no boot')
  return verdictOf(attempt, lastSeen(attempt) + seconds * 1000, waitsOf(1))
}

const POWER: Story = ['order', 'on']
const ASKED: Story = [...POWER, [90, 'offer']]
const ADDRESS: Story = [...ASKED, 'address']
const LOADED: Story = [...ADDRESS, 'size', 'loader']
const CONFIG: Story = [...LOADED, 'module', 'install']
const KERNEL: Story = [...CONFIG, [20, 'kernel']]
const PRESEED: Story = [...KERNEL, [30, 'plainDiscover'], 'plainAddress', 'preseed']
const INSTALLED: Story = [...PRESEED, [60, 'installing'], [60, 'line'], [300, 'netbootOff'], 'installed']
const LOOP: Story = [...PRESEED, [900, 'offer'], 'address', 'loader', 'install', 'kernel', 'preseed', [900, 'offer']]

/** Fault, boot, seconds of waiting, what shows it. */
const FAULTY: readonly (readonly [keyof typeof FAULTS, Story, number, SeenName])[] = [
  ['no-dhcp', POWER, 300, 'on'],
  ['not-answered', [...POWER, [60, 'silent'], [4, 'silent']], 0, 'silent'],
  ['no-request', ASKED, 20, 'offer'],
  ['no-request', [...ASKED, 'elsewhere'], 0, 'elsewhere'],
  ['no-loader-for-it', [...POWER, 'offer', 'noLoader'], 0, 'noLoader'],
  ['loader-not-asked', ADDRESS, 20, 'address'],
  ['loader-missing', [...ADDRESS, 'missing'], 0, 'missing'],
  ['loader-broken-off', [...ADDRESS, 'size', 'part'], 20, 'part'],
  ['loader-broken-off', [...ADDRESS, 'size'], 20, 'size'],
  ['no-config', LOADED, 60, 'loader'],
  ['no-config', [...ADDRESS, 'ownLoader'], 60, 'ownLoader'],
  ['config-refused', [...LOADED, 'module', 'noConfig'], 0, 'noConfig'],
  ['no-kernel', CONFIG, 60, 'install'],
  ['kernel-missing', [...CONFIG, 'noKernel'], 0, 'noKernel'],
  ['no-preseed', KERNEL, 180, 'kernel'],
  ['no-preseed', [...KERNEL, 'line'], 180, 'kernel'],
  ['preseed-error', [...KERNEL, [30, 'plainDiscover'], 'preseedError'], 0, 'preseedError'],
  ['installer-silent', PRESEED, 900, 'preseed'],
  ['installer-silent', [...PRESEED, 'installing', [60, 'line']], 900, 'line'],
  ['installer-silent', [...PRESEED, 'line', [7200, 'late']], 1, 'line'],
  ['install-failed', [...PRESEED, 'installing', 'failed', 'line'], 0, 'failed'],
  ['not-rebooted', INSTALLED, 600, 'installed'],
  ['not-rebooted', [...PRESEED, [600, 'netbootOff']], 600, 'netbootOff'],
  ['reinstall-loop', [...LOOP, 'address', 'loader', 'install'], 0, 'install'],
  ['reinstall-loop', ['offer', 'address', 'loader', 'stopped'], 0, 'stopped'],
  ['bmc-disobeyed', ['order', 'refused', 'on'], 300, 'refused'],
  ['bmc-disobeyed', ['order', 'refused', 'on', [90, 'plainDiscover'], 'plainAddress'], 0, 'refused'],
  ['disk-instead', [...POWER, [90, 'plainDiscover'], 'plainAddress'], 0, 'plainAddress'],
  ['power-failed', ['order', 'powerFailed'], 0, 'powerFailed'],
]

/** Nothing is wrong with these, though they come near to the fault. */
const CALM: readonly (readonly [keyof typeof FAULTS, Story, number, string])[] = [
  ['no-dhcp', POWER, 299, 'under-way'],
  ['no-dhcp', ['orderToDisk', 'on'], 3000, 'under-way'],
  ['no-dhcp', ['order'], 3000, 'under-way'], // somebody is to press the button
  ['not-answered', [...POWER, 'silent', [4, 'offer']], 0, 'under-way'],
  ['no-request', ASKED, 19, 'under-way'],
  ['no-request', [...ASKED, 'elsewhere', 'install'], 0, 'under-way'],
  ['no-loader-for-it', ADDRESS, 0, 'under-way'],
  ['loader-not-asked', ADDRESS, 19, 'under-way'],
  ['loader-not-asked', ['plainDiscover', 'plainAddress'], 3000, 'no-boot'],
  ['loader-missing', [...ADDRESS, 'missing', 'loader'], 0, 'under-way'],
  ['loader-missing', [...LOADED, 'module'], 0, 'under-way'],
  ['loader-broken-off', [...ADDRESS, 'part'], 19, 'under-way'],
  ['no-config', LOADED, 59, 'under-way'],
  ['no-config', [...ADDRESS, 'ownLoader'], 59, 'under-way'],
  ['config-refused', [...LOADED, 'noConfig', 'install'], 0, 'under-way'],
  ['no-kernel', CONFIG, 59, 'under-way'],
  ['no-kernel', [...CONFIG, [50, 'ownLoader']], 59, 'under-way'], // a large file on a slow network
  ['kernel-missing', [...CONFIG, 'noKernel', 'kernel'], 0, 'under-way'],
  ['no-preseed', KERNEL, 179, 'under-way'],
  ['preseed-error', [...KERNEL, 'preseedError', 'preseed'], 0, 'under-way'],
  ['installer-silent', [...PRESEED, [890, 'line']], 899, 'under-way'],
  ['installer-silent', INSTALLED, 599, 'under-way'],
  ['install-failed', [...INSTALLED, 'disk', 'ready'], 0, 'ready'],
  ['not-rebooted', [...INSTALLED, [60, 'offerToDisk'], 'address', 'loader', 'disk'], 3000, 'booted'],
  ['not-rebooted', [...INSTALLED, [60, 'ready']], 3000, 'ready'],
  ['reinstall-loop', [...PRESEED, [900, 'offer'], 'address', 'loader', 'install'], 0, 'under-way'], // the second only
  ['reinstall-loop', [...LOOP, 'netbootOn', 'address', 'loader', 'install'], 0, 'under-way'],
  ['bmc-disobeyed', ['order', 'refused', 'on', [90, 'offer'], 'address', 'loader'], 0, 'under-way'],
  ['disk-instead', ['orderToDisk', 'on', [90, 'plainDiscover'], 'plainAddress'], 0, 'under-way'],
  ['disk-instead', [...KERNEL, 'plainDiscover', 'plainAddress'], 0, 'under-way'],
  ['power-failed', ['order', 'powerFailed', 'offer', 'address'], 0, 'under-way'],
]

describe('a boot that stands still or failed', () => {
  test.each(FAULTY)('is found to be %s (%j after %i s)', (name, story, seconds, shown) => {
    const { verdict, fault, evidence, missing, says, next } = verdictAfter(seconds, story)
    expect({ verdict, fault, shown: evidence?.text }).toEqual({ verdict: name, fault: true, shown: SEEN[shown].text })
    expect(says).toMatch(/node1/)
    expect(missing).toMatch(/^[a-z]/)
    expect(next?.length).toBeGreaterThan(20)
  })

  test('has a word for each fault that there is', () => {
    expect(new Set(FAULTY.map(([name]) => name))).toEqual(new Set(Object.keys(FAULTS)))
  })

  test('has a boot that is nearly one for each', () => {
    expect(new Set(CALM.map(([name]) => name))).toEqual(new Set(Object.keys(FAULTS)))
  })

  test.each([
    [
      'no-request',
      [...ASKED, 'elsewhere'],
      /took the one of another DHCP server, 10\.77\.0\.9/,
      /stop the DHCP server 10\.77\.0\.9/,
    ],
    [
      'loader-missing',
      [...ADDRESS, 'missing'],
      /asked for \/shimx64\.efi, which is not here/,
      /^apt-get install shim-signed, /,
    ],
    [
      'preseed-error',
      [...KERNEL, 'preseedError'],
      /default\.seed:12: there is no value of "disk"/,
      /get-autoinstall --name node1/,
    ],
    [
      'reinstall-loop',
      [...LOOP, 'address', 'loader', 'install'],
      /told to install 3 times in a row/,
      /orchestra log node1/,
    ],
    ['bmc-disobeyed', ['order', 'refused', 'on', 'plainDiscover'], /then it booted from its disk/, /by hand/],
  ] as const)('says of %s what was seen, and what to try (%j)', (verdict, story, says, next) => {
    expect(verdictAfter(0, story)).toMatchObject({
      verdict,
      says: expect.stringMatching(says),
      next: expect.stringMatching(next),
    })
  })
})

describe('a boot that comes near to a fault', () => {
  test.each(CALM)('is not %s (%j after %i s)', (_, story, seconds, name) => {
    const { verdict, fault, missing, next } = verdictAfter(seconds, story)
    expect({ verdict, fault, missing, next }).toEqual({
      verdict: name,
      fault: false,
      missing: undefined,
      next: undefined,
    })
  })
})

describe('a boot that another one followed', () => {
  test('at once by itself lacks what had not come by then', () => {
    expect(verdictAfter(0, [...LOADED, [5, 'offer']], -2)).toMatchObject({ verdict: 'no-config', fault: true })
    expect(verdictAfter(0, [...CONFIG, [5, 'offer']], -2)).toMatchObject({ verdict: 'no-kernel', fault: true })
  })

  test('because somebody turned it on again was only interrupted', () => {
    expect(verdictAfter(9999, [...ASKED, [5, 'orderAgain']], -2)).toMatchObject({
      verdict: 'interrupted',
      fault: false,
    })
    expect(verdictAfter(9999, [...ASKED, [50, 'orderAgain']], -2)).toMatchObject({ verdict: 'no-request', fault: true })
  })

  test('in the middle of an install was interrupted, or had been silent for long', () => {
    expect(verdictAfter(9999, [...PRESEED, [60, 'offer']], -2)).toMatchObject({ verdict: 'interrupted', fault: false })
    expect(verdictAfter(9999, [...PRESEED, [901, 'offer']], -2)).toMatchObject({ verdict: 'installer-silent' })
  })
})

test('patience stretches every wait', () => {
  const [attempt] = bootsOf(...ADDRESS)
  if (!attempt) throw new Error('no boot')
  const after = (seconds: number, patience: number) =>
    verdictOf(attempt, lastSeen(attempt) + seconds * 1000, waitsOf(patience)).verdict
  expect([after(30, 1), after(30, 2), after(40, 2), after(1, 0.05)]).toEqual([
    ...['loader-not-asked', 'under-way', 'loader-not-asked', 'loader-not-asked'],
  ])
})

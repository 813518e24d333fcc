/** Who is to be had for an action, and why the others are not. */
import { describe, expect, test } from 'vitest'
import { BULK_ACTIONS, type BulkFacts, type BulkOrder, notEligible } from '../../src/model/bulk.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { System } from '../../src/model/system.ts'

const pairs = [
  { available: 'foo-available', acquired: 'foo-acquired' },
  { available: 'bar-available', acquired: 'bar-acquired' },
]

function facts(system: Partial<System>, more: Partial<BulkFacts> = {}): BulkFacts {
  return {
    system: { ...emptyItem('system', 'u1'), name: 'node1', profile: 'debian-13', ...system },
    power: { driver: 'ipmi', can: ['on', 'off', 'reboot', 'state'] },
    seen: undefined,
    standing: { broken: undefined, overdue: false },
    unresolved: undefined,
    custody: { pairs, brokenBecause: () => undefined },
    now: 1_000_000,
    ...more,
  }
}

const classes = (...mgmtClasses: string[]): Partial<System> => ({ mgmtClasses })
const broken = { at: 1, because: 'its install failed', isLate: false }
const wol = { driver: 'wol', can: ['on'] }
const seen = (state: 'on' | 'off', ago: number) => ({ seen: { state, at: 1_000_000 - ago } })

describe('a machine is not to be had', () => {
  const noPower = { power: undefined }
  test.each<[string, BulkOrder, BulkFacts, string, boolean]>([
    [
      'without a power type',
      { action: 'on' },
      facts({}, noPower),
      'it has no power type, so nothing turns it on and off',
      false,
    ],
    [
      'with a power type that nobody knows',
      { action: 'off' },
      facts({ power: { ...emptyItem('system', 'u').power, type: 'magic' } }, noPower),
      'its power type "magic" is not known',
      false,
    ],
    [
      'by a driver that cannot',
      { action: 'off' },
      facts({}, { power: wol }),
      'its power driver (wol) cannot turn it off',
      false,
    ],
    [
      'by a driver that cannot reboot',
      { action: 'reboot' },
      facts({}, { power: wol }),
      'its power driver (wol) cannot reboot it',
      false,
    ],
    ['when it is on', { action: 'on' }, facts({}, seen('on', 5_000)), 'it is on already, as was seen 5 s ago', true],
    ['when it is off', { action: 'off' }, facts({}, seen('off', 0)), 'it is off already, as was seen 0 s ago', true],
    [
      'for acquiring: taken',
      { action: 'acquire' },
      facts(classes('foo-acquired')),
      'it is acquired: it has the class foo-acquired',
      false,
    ],
    [
      'for acquiring: nobody gives it away',
      { action: 'acquire' },
      facts(classes('rack1')),
      'it is in the care of no orchestrator: it has none of the classes foo-available, bar-available',
      false,
    ],
    [
      'for acquiring: both',
      { action: 'acquire' },
      facts(classes('foo-available', 'foo-acquired')),
      'it has the class foo-acquired and the class foo-available at once; take one of them away',
      false,
    ],
    [
      'for acquiring: broken',
      { action: 'acquire' },
      facts(classes('foo-available'), { custody: { pairs, brokenBecause: () => 'its install failed' } }),
      'it is broken: its install failed',
      false,
    ],
    [
      'for acquiring: from its disk',
      { action: 'acquire' },
      facts({ ...classes('foo-available'), netbootEnabled: false }),
      'netboot is off, so it would not be installed',
      false,
    ],
    [
      'for acquiring: no profile',
      { action: 'acquire' },
      facts(classes('foo-available'), { unresolved: 'system node1 has no profile; set one to install it' }),
      'it would not be installed: system node1 has no profile; set one to install it',
      false,
    ],
    [
      'for releasing: nobody has it',
      { action: 'release' },
      facts(classes('foo-available')),
      'it is not acquired',
      false,
    ],
    [
      'for releasing: two have it',
      { action: 'release' },
      facts(classes('foo-acquired', 'bar-acquired')),
      'it is acquired for foo-acquired and bar-acquired at once; take one of them away',
      false,
    ],
    ['when netboot is on', { action: 'netboot-on' }, facts({}), 'netboot is on already', true],
    [
      'when netboot is off',
      { action: 'netboot-off' },
      facts({ netbootEnabled: false }),
      'netboot is off already',
      true,
    ],
    [
      'for netboot without a profile',
      { action: 'netboot-on' },
      facts({ netbootEnabled: false }, { unresolved: 'no profile' }),
      'it would not be installed: no profile',
      false,
    ],
    [
      'with that profile',
      { action: 'profile', profile: 'debian-13' },
      facts({}),
      'its profile is debian-13 already',
      true,
    ],
    [
      'for a profile, with an image',
      { action: 'profile', profile: 'x' },
      facts({ profile: '', image: 'memtest' }),
      'it has no profile: it boots the image memtest',
      false,
    ],
    ['for mending: nothing is wrong', { action: 'repair' }, facts({}), 'it is neither broken nor overdue', true],
    [
      'for removing: somebody has it',
      { action: 'remove' },
      facts(classes('bar-acquired')),
      'it is acquired: it has the class bar-acquired; release it first',
      false,
    ],
  ])('%s', (_, order, given, because, already) => {
    expect(notEligible(order, given)).toEqual({ because, already })
  })
})

describe('a machine is to be had', () => {
  test.each<[string, BulkOrder, BulkFacts]>([
    ['to be turned on, when it was seen on long ago', { action: 'on' }, facts({}, seen('on', 60_001))],
    ['to be turned on, when it is off', { action: 'on' }, facts({}, seen('off', 0))],
    [
      'to be rebooted by off and on',
      { action: 'reboot' },
      facts({}, { power: { driver: 'x', can: ['off', 'on', 'state'] } }),
    ],
    ['to be turned on, where the driver sees nothing', { action: 'on' }, facts({}, { power: wol, ...seen('on', 0) })],
    ['to be acquired', { action: 'acquire' }, facts(classes('rack1', 'bar-available'))],
    ['to be released', { action: 'release' }, facts(classes('foo-acquired'))],
    ['to be mended when it is broken', { action: 'repair' }, facts({}, { standing: { broken, overdue: false } })],
    [
      'to be mended when it is overdue',
      { action: 'repair' },
      facts({}, { standing: { broken: undefined, overdue: true } }),
    ],
    ['to be removed', { action: 'remove' }, facts(classes('foo-available'))],
    ['for another profile', { action: 'profile', profile: 'debian-12' }, facts({})],
    ['for netboot', { action: 'netboot-on' }, facts({ netbootEnabled: false })],
  ])('%s', (_, order, given) => {
    expect(notEligible(order, given)).toBeUndefined()
  })
})

test('every action has a rule', () => {
  for (const action of BULK_ACTIONS) expect(() => notEligible({ action, profile: 'x' }, facts({}))).not.toThrow()
})

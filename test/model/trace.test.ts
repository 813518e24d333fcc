/** Where one boot ends and the next begins, how far each came, and that none grows without end. */
import { describe, expect, test } from 'vitest'
import { grown } from '../../src/model/trace.ts'
import { bootsOf, SEEN, type SeenName, START, WHOSE } from './boots.ts'

type Story = readonly (SeenName | readonly [number, SeenName])[]

const NETBOOT: Story = ['offer', 'address', 'size', 'loader', 'install']
const INSTALL: Story = [...NETBOOT, 'kernel', [30, 'plainDiscover'], 'plainAddress', 'preseed', [60, 'installing']]
const DONE: Story = [...INSTALL, [300, 'netbootOff'], 'installed']

/** How far each boot of the story came. */
const reached = (...story: Story) => bootsOf(...story).map((boot) => boot.reached)

describe('one boot', () => {
  test('goes from power-on over the install and its reboot to ready', () => {
    const [boot, ...others] = bootsOf(
      ...(['order', 'refused', [5, 'on'], [120, 'offer']] as const),
      ...(['address', 'loader', [5, 'ipxeOffer'], 'address', 'install', 'kernel', 'plainDiscover', 'preseed'] as const),
      ...([[600, 'netbootOff'], 'installed', [90, 'offerToDisk'], 'address', 'loader', 'disk', [40, 'ready']] as const),
    )
    expect(others).toEqual([])
    expect(boot).toMatchObject({ id: 1, system: 'node1', reached: 'ready', repeats: 0, ended: undefined, dropped: 0 })
    expect(boot?.entries.map(({ n }) => n)).toEqual(boot?.entries.map((_, index) => index + 1))
    expect(boot?.started).toBe(START + 1000)
  })

  test.each([
    ['a firmware that tries UEFI PXE and then HTTP', ['offer', 'address', [20, 'offer'], 'address']],
    ['iPXE, which asks for itself', ['offer', 'address', 'loader', [10, 'ipxeOffer'], 'address', 'install']],
    ['a loader that reads its config twice', [...NETBOOT, [5, 'install']]],
    ['an installer that asks for an address', [...NETBOOT, 'kernel', [120, 'plainDiscover']]],
    ['a server that looks at its memory for minutes', ['order', 'on', [900, 'offer']]],
    ['a reboot after the install, whenever that is', [...DONE, [9999, 'offerToDisk'], 'address', 'loader', 'disk']],
    ['an installed system that asks for its address', [...DONE, [60, 'disk'], [20, 'plainDiscover'], 'ready']],
  ] as const)('is %s', (_, story) => {
    expect(bootsOf(...story)).toHaveLength(1)
  })
})

describe('another boot begins with', () => {
  test.each([
    ['a request to boot after quiet', ['offer', [61, 'offer']], ['asked', 'asked']],
    ['a firmware that comes back after its loader', ['offer', 'address', 'loader', [5, 'offer']], ['loader', 'asked']],
    ['a request to boot after the config', [...NETBOOT, [5, 'offer']], ['config', 'asked']],
    ['a request to boot in the middle of an install', [...INSTALL, [5, 'offer']], ['installing', 'asked']],
    ['an install after an install', [...DONE, [60, 'offer']], ['installed', 'asked']],
    [
      'a config in the middle of an install, where others give addresses',
      [...INSTALL, 'install'],
      ['installing', 'config'],
    ],
    ['the next order to turn it on', [...DONE, 'orderAgain', 'on'], ['installed', 'power']],
    [
      'a request to boot of a machine that was ready',
      [...DONE, 'disk', 'ready', [99, 'offerToDisk']],
      ['ready', 'asked'],
    ],
    ['a way to the disk on another day', ['disk', [9999, 'disk']], ['disk', 'disk']],
    [
      'an address for a system that was started without us',
      [...DONE, 'disk', [9999, 'plainDiscover']],
      ['disk', 'asked'],
    ],
  ] as const)('%s', (_, story, found) => {
    expect(reached(...story)).toEqual(found)
    const [first, second] = bootsOf(...story)
    expect(first?.ended).toBe(second?.started)
    expect(first?.endedBy).toBe(second?.entries[0]?.kind === 'power' ? 'power' : 'machine')
  })

  test.each(['line', 'question', 'plainAddress', 'netbootOff', 'late', 'size'] as const)('never with %s', (name) => {
    expect(bootsOf(name)).toEqual([])
  })
})

test('boots that were told to install and did not get there are counted, until one does or a person begins anew', () => {
  const repeats = (...story: Story) => bootsOf(...story).at(-1)?.repeats
  const twice: Story = [...INSTALL, [900, 'offer'], 'address', 'loader', 'install', 'kernel', [900, 'offer']]
  expect(repeats(...twice)).toBe(2)
  expect(repeats(...twice, [90, 'offer'])).toBe(2) // it never came so far
  expect(repeats(...twice, 'netbootOn')).toBe(0)
  expect(repeats(...twice, [99, 'orderAgain'])).toBe(0) // who turns it off and on is no loop
  expect(repeats(...INSTALL, [900, 'offer'], ...DONE.slice(1), 'disk', [99, 'orderAgain'])).toBe(0)
  expect(repeats(...DONE, [60, 'offer'])).toBe(1)
})

describe('what is kept of a boot', () => {
  test('the same again is one entry that counts', () => {
    const [boot] = bootsOf('silent', [4, 'silent'], [8, 'silent'])
    expect(boot?.entries).toMatchObject([{ n: 1, times: 3, at: START + 1000, until: START + 13_000, revision: 3 }])
    const [circle] = bootsOf('offer', 'address', [4, 'offer'], 'address')
    expect(circle?.entries.map(({ times }) => times)).toEqual([2, 2])
  })

  test('of the log and of DNS the last, and how many there were', () => {
    const [boot] = bootsOf(...INSTALL, ...Array.from({ length: 50 }, (): SeenName => 'line'), 'question')
    expect(boot?.entries.slice(-2)).toMatchObject([{ kind: 'syslog', times: 50 }, { kind: 'dns' }])
    // A system that runs asks all day.
    expect(
      bootsOf(...DONE, 'disk', 'line', 'question')
        .at(-1)
        ?.entries.at(-1),
    ).toMatchObject({ kind: 'decision' })
  })

  test('never more than so much: its beginning, its end and the stations between', () => {
    let [boot] = bootsOf(...NETBOOT)
    for (let i = 0; i < 1000 && boot; i++) {
      const seen =
        i === 200 ? SEEN.kernel : ({ kind: 'http', outcome: 'ok', text: `file ${i}`, path: `/${i}` } as const)
      boot = grown(boot, seen, START + i, WHOSE)
    }
    expect(boot?.entries).toHaveLength(400)
    expect(boot?.dropped).toBe(NETBOOT.length + 1000 - 400)
    expect(boot?.entries.slice(0, NETBOOT.length).map(({ n }) => n)).toEqual(NETBOOT.map((_, index) => index + 1))
    expect(boot?.entries.at(-1)?.text).toBe('file 999')
    expect(boot?.entries.some(({ sign }) => sign === 'kernel')).toBe(true)
    expect(boot?.reached).toBe('kernel')
  })
})

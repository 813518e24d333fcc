/** The table of a machine's life: from each stage by each happening; deadlines, loops, and what mends a broken machine. */
import { describe, expect, test } from 'vitest'
import { advance, type Stage } from '../../src/model/standing.ts'
import { inWords, nextStep } from '../../src/model/standing-words.ts'
import { BOOT, begin, KINDS, LIMITS, type Life, live, MINUTE, WORDS, type Word } from './lives.ts'

/** How a machine comes into each stage. */
const WAYS: Record<Exclude<Stage, 'unmanaged'>, readonly Word[]> = {
  available: [],
  acquired: ['acquire'],
  booting: ['acquire', 'power'],
  installing: ['acquire', 'power', 'config'],
  installed: ['acquire', 'power', 'config', 'nopxe'],
  ready: ['acquire', 'power', 'config', 'nopxe', 'ready'],
  broken: ['acquire', 'power', 'config', 'failed'],
}

function inStage(stage: Stage): Life {
  return stage === 'unmanaged' ? begin('unmanaged') : live(begin('free'), ...WAYS[stage])
}

/** Where each happening leads from each stage; a dot: it stays. The order of the columns is that of STAGES. */
const TABLE: Record<Word, string> = {
  //              unmanaged   available  acquired   booting    installing installed  ready      broken
  power: '        booting     booting    booting    .          .          .          .          .',
  address: '      .           .          .          .          .          .          .          .',
  loader: '       booting     booting    booting    .          .          .          .          .',
  config: '       installing  installing installing installing .          .          .          .',
  'first-boot': ' installing  installing installing installing .          .          .          .',
  kernel: '       installing  .          installing installing .          .          .          .',
  preseed: '      installing  .          installing installing .          .          .          .',
  progress: '     installing  installing installing installing .          .          .          .',
  post: '         installed   .          installed  installed  installed  .          .          .',
  nopxe: '        installed   .          installed  installed  installed  .          .          .',
  ready: '        ready       .          .          .          ready      ready      .          .',
  failed: '       broken      broken     broken     broken     broken     broken     .          .',
  off: '          .           .          .          acquired   acquired   .          .          .',
  'seen on': '    .           .          .          .          .          .          .          .',
  'order off': '  .           .          .          acquired   acquired   .          .          .',
  'order on': '   booting     booting    booting    .          .          .          .          .',
  acquire: '      acquired    acquired   .          .          .          acquired   acquired   .',
  release: '      available   .          available  available  available  available  available  .',
  'netboot on': ' .           .          .          .          .          acquired   acquired   .',
  // The machine of the test has netboot on again by these two, where it was off.
  'classes away': '.          unmanaged  unmanaged  .          .          unmanaged  unmanaged  .',
  'classes mixed': 'unmanaged unmanaged  unmanaged  .          .          unmanaged  unmanaged  .',
  repair: '       .           .          .          .          .          .          .          acquired',
  restart: '      .           .          .          .          .          .          .          .',
  time: '         .           .          .          .          .          .          .          .',
}
const COLUMNS: readonly Stage[] = [
  'unmanaged',
  'available',
  'acquired',
  'booting',
  'installing',
  'installed',
  'ready',
  'broken',
]
const CELLS = WORDS.flatMap((word) => {
  const cells = TABLE[word].trim().split(/ +/)
  return COLUMNS.map((from, index) => [word, from, cells[index] === '.' ? from : cells[index]] as const)
})

test('the table has a cell for every happening in every stage', () => {
  expect(CELLS).toHaveLength(WORDS.length * COLUMNS.length)
  expect(CELLS.filter(([, , to]) => !COLUMNS.some((stage) => stage === to))).toEqual([])
})

describe('by what happens', () => {
  test.each(CELLS)('%s leads from %s to %s', (word, from, to) => {
    const before = inStage(from)
    expect(before.standing.stage).toBe(from)
    expect(live(before, word).standing.stage).toBe(to)
  })
})

describe('a machine of which nothing was seen', () => {
  test.each([
    ['unmanaged', 'unmanaged', undefined],
    ['free', 'available', undefined],
    ['taken', 'acquired', 15],
    ['in use', 'acquired', undefined],
    ['in both', 'unmanaged', undefined],
  ] as const)('%s is %s', (kind, stage, minutes) => {
    const { standing, now } = begin(kind)
    expect(standing).toMatchObject({ stage, since: now, overdue: false, installs: 0 })
    expect(standing.deadline).toBe(minutes === undefined ? undefined : now + minutes * MINUTE)
    expect(standing.evidence.text).toBe('nothing was seen of it yet')
  })
})

describe('a whole life', () => {
  test('ends in ready, and a renewal, a reboot or a reading changes nothing of that', () => {
    const life = live(begin('free'), 'acquire', 'order on', ...BOOT.slice(1), 'nopxe', 'first-boot', 'ready')
    expect(life.standing).toMatchObject({ stage: 'ready', installs: 0, deadline: undefined, overdue: false })
    const later = live(life, 'address', 'order on', 'loader', 'config', 'off', 'seen on', 10_000)
    expect(later.standing).toMatchObject({ stage: 'ready', since: life.standing.since, overdue: false })
  })

  test('ends where netboot is turned off by somebody, as in 2011', () => {
    const { standing } = live(begin('free'), 'acquire', ...BOOT)
    const facts = { ...KINDS.taken, netboot: false }
    const ended = advance(standing, { at: standing.since, happens: 'saved', facts }, LIMITS)
    expect(ended).toMatchObject({ stage: 'installed', installs: 0 })
  })

  test('begins anew when netboot is turned on again', () => {
    const life = live(begin('taken'), ...BOOT, 'nopxe', 'ready', 'netboot on')
    expect(life.standing).toMatchObject({ stage: 'acquired', installs: 0, deadline: life.now + LIMITS.acquired })
  })

  test('is nobody else’s business: the preseed of a free machine may be looked at', () => {
    expect(live(begin('free'), 'preseed', 'preseed', 10_000).standing).toMatchObject({
      stage: 'available',
      installs: 0,
    })
  })

  test('says what it knows when the same is saved again: nothing new', () => {
    const { standing } = begin('taken')
    expect(advance(standing, { at: 1, happens: 'saved', facts: KINDS.taken }, LIMITS)).toBe(standing)
    expect(advance(standing, { at: 1, happens: 'time' }, LIMITS)).toBe(standing)
  })
})

describe('a deadline that passes', () => {
  test.each([
    ['acquired', 15],
    ['booting', 15],
    ['installed', 30],
  ] as const)('while it is %s is told once, and the machine stays', (stage, minutes) => {
    const life = inStage(stage)
    expect(live(life, minutes - 1).standing.overdue).toBe(false)
    const late = live(life, minutes)
    expect(late.standing).toMatchObject({ stage, overdue: true, broken: undefined })
    expect(live(late, 10_000).standing).toBe(late.standing)
  })

  test('while it installs breaks it, and says what was seen last', () => {
    const life = live(inStage('installing'), 'preseed', 120)
    expect(life.standing).toMatchObject({ stage: 'broken', deadline: undefined, overdue: false })
    expect(life.standing.broken?.because).toBe('the install did not end within 120 min; last seen: preseed was seen')
  })

  test('is over when the next thing is seen', () => {
    const late = live(inStage('acquired'), 20)
    expect(live(late, 'power').standing).toMatchObject({ stage: 'booting', overdue: false })
    expect(live(late, 'power', 20, 'loader').standing).toMatchObject({ stage: 'booting', overdue: false })
    expect(live(late, 'power', 20, 'config').standing).toMatchObject({ stage: 'installing', overdue: false })
    expect(live(inStage('installed'), 40, 'ready').standing).toMatchObject({ stage: 'ready', overdue: false })
  })

  test('after an install that calls nobody by design is settled by a person', () => {
    const settled = live(inStage('installed'), 40, 'repair')
    expect(settled.standing).toMatchObject({ stage: 'installed', overdue: false, deadline: undefined })
    expect(live(settled, 10_000).standing.overdue).toBe(false)
  })

  test('is given anew by a person otherwise', () => {
    const given = live(inStage('acquired'), 20, 'repair')
    expect(given.standing).toMatchObject({ stage: 'acquired', overdue: false, deadline: given.now + LIMITS.acquired })
  })

  test('does not exist for a machine that is taken and not to be installed', () => {
    expect(live(begin('in use'), 100_000).standing.overdue).toBe(false)
  })
})

describe('a return', () => {
  const away = ({ standing, now }: Life, minutes: number): Life => {
    const later = now + minutes * MINUTE
    return { standing: advance(standing, { at: later, happens: 'return' }, LIMITS), now: later }
  }

  test('holds against nobody what nobody could see, and says so', () => {
    const back = away(inStage('installing'), 500)
    expect(back.standing).toMatchObject({ stage: 'installing', deadline: back.now + LIMITS.installing })
    expect(back.standing.evidence.text).toBe(
      'config was seen (Orchestra was away when its time was up, and gives it as much again)',
    )
    expect(away(back, 500).standing.evidence.text).toBe(back.standing.evidence.text)
    expect(live(back, 119).standing.stage).toBe('installing')
    expect(live(back, 120).standing.stage).toBe('broken')
  })

  test('leaves ten minutes at least to what was nearly over, and a later deadline as it was', () => {
    const near = away(inStage('installing'), 119)
    expect(near.standing.deadline).toBe(near.now + 10 * MINUTE)
    const far = inStage('installing')
    expect(away(far, 1).standing.deadline).toBe(far.standing.deadline)
  })

  test('changes nothing of what is overdue or broken', () => {
    for (const life of [live(inStage('acquired'), 20), inStage('broken'), inStage('ready')]) {
      expect(away(life, 500).standing).toBe(life.standing)
    }
  })
})

describe('what the journal has of it', () => {
  test('is believed after a kill: broken, overdue, and repaired again', () => {
    const { standing, now } = inStage('installing')
    const broken = advance(standing, { at: now, happens: 'told-broken', because: 'too long' }, LIMITS)
    expect(broken).toMatchObject({ stage: 'broken', broken: { because: 'too long', isLate: true } })
    expect(advance(broken, { at: now, happens: 'told-broken', because: 'other' }, LIMITS)).toBe(broken)
    const taken = begin('taken').standing
    expect(advance(taken, { at: now, happens: 'told-overdue' }, LIMITS)).toMatchObject({ overdue: true })
    const free = begin('free').standing
    expect(advance(free, { at: now, happens: 'told-overdue' }, LIMITS)).toBe(free)
  })
})

describe('a broken machine', () => {
  test('stays broken through time, restarts and other owners', () => {
    const life = live(inStage('broken'), 'release', 10_000, 'acquire', 'restart', 'classes away', 'release', 'ready')
    expect(life.standing).toMatchObject({
      stage: 'broken',
      custody: 'available',
      broken: { because: 'the disk is full' },
    })
  })

  test('is mended by a later install that ends, and not by the end of the one that failed', () => {
    expect(live(inStage('broken'), 'nopxe').standing.stage).toBe('broken')
    expect(live(inStage('broken'), 'progress', 'post', 'nopxe', 'ready').standing.stage).toBe('broken')
    const again = live(inStage('broken'), 'order off', 'order on', ...BOOT)
    expect(again.standing.stage).toBe('broken')
    expect(live(again, 'nopxe').standing).toMatchObject({ stage: 'installed', broken: undefined, installs: 0 })
    expect(live(again, 'post').standing.stage).toBe('broken')
    expect(live(again, 'post', 'nopxe').standing.stage).toBe('installed')
    expect(live(again, 'ready').standing).toMatchObject({ stage: 'ready', broken: undefined })
    expect(live(again, 'failed', 'nopxe', 'ready').standing.stage).toBe('broken')
  })

  test('that was only late is mended when that very install ends', () => {
    const late = live(inStage('installing'), 121)
    expect(late.standing.stage).toBe('broken')
    expect(live(late, 'nopxe').standing).toMatchObject({ stage: 'installed', broken: undefined })
    expect(live(late, 'ready').standing).toMatchObject({ stage: 'ready', broken: undefined })
    expect(live(late, 'release', 'nopxe').standing.stage).toBe('broken')
    expect(live(late, 'failed', 'nopxe').standing.stage).toBe('broken')
  })

  test('when a person says that it works is where its classes and what goes on put it', () => {
    expect(live(inStage('broken'), 'repair').standing).toMatchObject({
      ...{ stage: 'acquired', broken: undefined, installs: 0 },
      evidence: { text: 'anna has mended it, which was broken: the disk is full' },
    })
    expect(live(inStage('broken'), 'release', 'repair').standing.stage).toBe('available')
    expect(live(inStage('broken'), 'classes away', 'repair').standing.stage).toBe('unmanaged')
    const again = live(inStage('broken'), 'order on', ...BOOT, 'repair')
    expect(again.standing).toMatchObject({ stage: 'installing', installs: 1 })
    expect(live(again, 'nopxe').standing.stage).toBe('installed')
  })

  test('is none when what fails has nothing to do with an install', () => {
    for (const life of [inStage('ready'), begin('in use')]) {
      expect(live(life, 'failed').standing).toMatchObject({ stage: life.standing.stage, broken: undefined })
    }
  })
})

describe('what to do next', () => {
  test.each(COLUMNS)('is said of a machine that is %s, in time and overdue', (stage) => {
    const { standing } = inStage(stage)
    for (const overdue of [false, true])
      expect(nextStep({ ...standing, overdue }, 'node1')).toMatch(/^[a-z].{10,}[^.]$/)
  })

  test('names the machine in commands that can be typed', () => {
    expect(nextStep(inStage('broken').standing, 'node1')).toContain('orchestra repair node1')
    expect(nextStep(inStage('acquired').standing, 'node1')).toContain('orchestra system poweron --name node1')
    expect(nextStep(begin('in use').standing, 'node1')).toContain('boots from its disk')
    expect(nextStep(begin('in both').standing, 'node1')).toContain('take one of its classes away')
    const loop = live(begin('taken'), 'config', 3, 'config', 3, 'config', 3, 'config')
    expect(nextStep(loop.standing, 'node1')).toContain('turn netboot off')
  })

  test('spans of time are in words', () => {
    expect([5_000, 23 * MINUTE, 180 * MINUTE].map(inWords)).toEqual(['5 s', '23 min', '3 h'])
  })
})

/** How machines stand after every kind of end: a clean one, a long absence, a kill at any moment. */
import { describe, expect, test } from 'vitest'
import { loadStandings } from '../../src/store/standings.ts'
import { LIMITS, MINUTE } from '../model/lives.ts'
import { clock, FREE, openSite, siteWith, TAKEN } from './standing-site.ts'

describe('after a restart', () => {
  test('each stands as it stood, and nothing is told again', async () => {
    const first = await siteWith(TAKEN)
    first.step('config')
    first.step('kernel')
    const before = first.of()
    await first.close()
    const second = await openSite()
    expect(second.of()).toEqual(before)
    second.step('failed', 'no space')
    expect(await second.told()).toHaveLength(1)
    await second.close()
    const third = await openSite()
    expect(third.of()).toMatchObject({ stage: 'broken', broken: { because: 'no space' } })
    expect(await third.told()).toHaveLength(1)
  })

  test('time that nobody saw breaks no machine and is told of none', async () => {
    const first = await siteWith(TAKEN)
    first.step('config')
    await first.close()
    clock.advance(24 * 60 * MINUTE)
    const second = await openSite()
    second.pass(0)
    expect(second.of()).toMatchObject({ stage: 'installing', deadline: clock.now() + LIMITS.installing })
    expect(second.of().evidence.text).toContain('Orchestra was away')
    second.pass(119)
    expect(await second.told()).toEqual([])
    second.pass(1)
    expect(second.stage()).toBe('broken')
  })

  test('a machine that was taken by a stopped Orchestra’s database is seen as what it says', async () => {
    const first = await siteWith(FREE)
    await first.standings.stop()
    await first.save(TAKEN)
    await first.close()
    const second = await openSite()
    expect(second.of()).toMatchObject({ stage: 'acquired', holder: 'foo-acquired' })
  })
})

describe('after a kill', () => {
  test('what the journal has and the standings have not yet is caught up with', async () => {
    const first = await siteWith(FREE)
    await first.standings.settled()
    await first.save(TAKEN)
    for (const step of ['power', 'config', 'kernel', 'preseed'] as const) first.step(step)
    await first.journal.flushed()
    first.kill('killed.db')
    const second = await openSite('killed.db')
    expect(await loadStandings(second.db)).toEqual([])
    expect(second.of()).toMatchObject({ stage: 'installing', installs: 1, evidence: { text: 'preseed was seen' } })
  })

  test.each([
    ['before', 0],
    ['after', 1],
  ])('a machine that was broken %s it was told is told broken once', async (_, ticks) => {
    const first = await siteWith(TAKEN)
    first.step('config')
    await first.standings.settled()
    first.step('failed', 'no space')
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
    await first.journal.flushed()
    first.kill('killed.db')
    const second = await openSite('killed.db')
    expect((await loadStandings(second.db)).map(({ standing }) => standing.stage)).not.toContain('broken')
    expect(second.of()).toMatchObject({ stage: 'broken', broken: { because: 'no space' } })
    expect(await second.told()).toMatchObject([{ name: 'machine.broken', payload: { because: 'no space' } }])
  })

  test('what only time had found out is found in the journal', async () => {
    const first = await siteWith(TAKEN)
    first.step('config')
    await first.standings.settled()
    first.pass(121)
    await Promise.resolve()
    await first.journal.flushed()
    first.kill('killed.db')
    const second = await openSite('killed.db')
    expect(second.of()).toMatchObject({ stage: 'broken', broken: { isLate: true } })
    expect(await second.told()).toHaveLength(1)
  })

  test('what a person said was said', async () => {
    const first = await siteWith(TAKEN)
    first.step('config')
    first.step('failed', 'no space')
    await first.standings.settled()
    await first.standings.repair('node1', 'anna')
    first.kill('killed.db')
    const second = await openSite('killed.db')
    expect(second.of()).toMatchObject({ stage: 'acquired', broken: undefined })
    expect((await second.told()).map(({ name }) => name)).toEqual(['machine.broken', 'machine.repaired'])
  })

  test('at any moment of a loop, it is stopped at the same install', async () => {
    let site = await siteWith(TAKEN)
    let kills = 0
    for (let boot = 0; boot < 3; boot++) {
      for (const step of ['loader', 'config', 'kernel', 'preseed', 'installing'] as const) {
        site.step(step)
        await site.journal.flushed()
        site.kill(`killed-${++kills}.db`)
        site = await openSite(`killed-${kills}.db`)
      }
      expect(site.of()).toMatchObject({ stage: 'installing', installs: boot + 1 })
    }
    expect(site.standings.stoppedBecause(site.system())).toMatch(/^reinstall loop: 4 installs in /)
  })
})

/** How machines stand, over a real journal, catalog and database, with a clock that is told. */
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { attentionOf } from '../../src/services/standing-facts.ts'
import { loadStandings } from '../../src/store/standings.ts'
import { clock, FREE, siteWith, TAKEN } from './standing-site.ts'

describe('a machine', () => {
  test('is followed from free to ready', async () => {
    const site = await siteWith(FREE)
    const stages = [site.stage()]
    const note = () => void stages.push(site.stage())
    await site.save(TAKEN)
    note()
    for (const step of ['power', 'address', 'config', 'kernel', 'preseed', 'installing'] as const) {
      site.step(step)
      note()
    }
    await site.save({ netbootEnabled: false })
    site.step('installed')
    note()
    site.step('ready', 'it called')
    note()
    const way = ['available', 'acquired', 'booting', 'installing', 'installed', 'ready']
    expect(stages.filter((stage, index) => stage !== stages[index - 1])).toEqual(way)
    expect(site.of()).toMatchObject({
      system: 'node1',
      installs: 0,
      deadline: undefined,
      evidence: { text: 'it called' },
    })
    expect(await site.told()).toEqual([])
  })

  test('that is taken and never powered on is told of once, with what was seen and what to do', async () => {
    const site = await siteWith(FREE)
    await site.save(TAKEN)
    const since = clock.now()
    site.pass(14)
    expect(await site.told()).toEqual([])
    for (let beat = 0; beat < 5; beat++) site.pass(1)
    const told = await site.told()
    expect(told.map(({ name, payload }) => [name, payload])).toEqual([
      [
        'machine.overdue',
        {
          ...{ system: 'node1', stage: 'acquired', since },
          evidence: { at: since, text: 'it was taken: it has the class foo-acquired now' },
          next: expect.stringContaining('orchestra system poweron --name node1'),
        },
      ],
    ])
    expect(attentionOf(site.of())).toEqual([expect.stringMatching(/^system node1 is overdue, still acquired; /)])
    expect(site.standings.brokenBecause(site.system())).toBeUndefined()
  })

  test('whose install takes too long is broken, and nobody is given it until a person says so', async () => {
    const site = await siteWith(TAKEN)
    site.step('config')
    site.pass(119)
    expect(site.standings.brokenBecause(site.system())).toBeUndefined()
    site.pass(2)
    const because = 'the install did not end within 120 min; last seen: config was seen'
    expect(site.standings.brokenBecause(site.system())).toBe(because)
    await site.save(FREE)
    site.pass(10_000)
    expect(site.of()).toMatchObject({ stage: 'broken', custody: 'available' })
    expect(site.standings.brokenBecause(site.system())).toBe(because)
    const repaired = await site.standings.repair('node1', 'anna')
    expect(repaired).toMatchObject({ stage: 'available', broken: undefined })
    expect(site.standings.brokenBecause(site.system())).toBeUndefined()
    expect((await site.told()).map(({ name, payload }) => [name, payload])).toEqual([
      ['machine.broken', { system: 'node1', because }],
      ['machine.repaired', { system: 'node1', by: 'anna' }],
    ])
    await expect(site.standings.repair('nobody', 'anna')).rejects.toMatchObject({ code: 'item.missing' })
  })

  test('is told broken after the step that broke it', async () => {
    const site = await siteWith(TAKEN)
    const heard: string[] = []
    site.journal.watch(({ name }) => void heard.push(name))
    site.step('config')
    site.step('failed', 'no space')
    await site.told()
    expect(heard).toEqual(['boot.step', 'boot.step', 'machine.broken'])
  })

  test('that installs again and again is stopped, and a person or a new start lets it go on', async () => {
    const site = await siteWith(TAKEN)
    for (let boot = 0; boot < 3; boot++) {
      for (const step of ['loader', 'config', 'preseed', 'installing'] as const) site.step(step)
      site.pass(7)
    }
    expect(site.standings.stoppedBecause(site.system())).toBe('reinstall loop: 4 installs in 21 min, none ended')
    site.step('config')
    expect(site.standings.brokenBecause(site.system())).toBe('reinstall loop: 4 installs in 21 min, none ended')
    await site.save({ netbootEnabled: false })
    expect(site.standings.stoppedBecause(site.system())).toBeUndefined()
    await site.save({ netbootEnabled: true })
    expect(site.standings.stoppedBecause(site.system())).toBeUndefined()
    expect(site.of()).toMatchObject({ stage: 'broken', installs: 0 })
  })

  test('in the classes of two is nobody’s, and a person is told', async () => {
    const site = await siteWith({ mgmtClasses: ['bar-available', 'bar-acquired'] })
    expect(site.of()).toMatchObject({ stage: 'unmanaged', custody: 'contradictory', holder: 'bar-acquired' })
    expect(attentionOf(site.of())).toEqual([
      'system node1 can be given to nobody: it has the class bar-acquired and the class bar-available at once; take one of them away',
    ])
  })

  test('keeps its standing when it is renamed or gets another uid, and loses it when it is removed', async () => {
    const site = await siteWith(TAKEN)
    site.step('config')
    site.step('failed', 'no space')
    await site.save({ name: 'node2' })
    expect(site.stage('node2')).toBe('broken')
    const { uid } = site.system('node2')
    await site.catalog.save('system', { ...site.system('node2'), uid: 'another' }, { uid })
    expect(site.stage('node2')).toBe('broken')
    await site.standings.settled()
    expect((await loadStandings(site.db)).map((one) => [one.uid, one.standing.stage])).toEqual([['another', 'broken']])
    await site.catalog.remove('system', 'node2', { recursive: false })
    await site.standings.settled()
    expect(await loadStandings(site.db)).toEqual([])
    await site.catalog.save('system', { ...site.catalog.draft('system'), name: 'node2', profile: 'debian-13', ...FREE })
    expect(site.stage('node2')).toBe('available')
    expect(site.errors).toEqual([])
  })

  test('that is removed at the moment of writing disturbs no other', async () => {
    const site = await siteWith(TAKEN)
    await site.catalog.save('system', {
      ...site.catalog.draft('system'),
      name: 'node2',
      profile: 'debian-13',
      ...TAKEN,
    })
    for (const name of ['node1', 'node2']) site.step('config', 'config', name)
    const [removed] = await Promise.all([
      site.catalog.remove('system', 'node1', { recursive: false }),
      site.standings.settled(),
    ])
    expect(removed).toBeUndefined()
    await site.standings.settled()
    expect((await loadStandings(site.db)).map(({ uid }) => uid)).toEqual([site.system('node2').uid])
    expect(site.errors).toEqual([])
  })
})

describe('all machines', () => {
  test('are listed by name, seen or not', async () => {
    const site = await siteWith(TAKEN)
    await site.catalog.save('system', { ...site.catalog.draft('system'), name: 'a', profile: 'debian-13' })
    site.step('power')
    expect(site.standings.list().map(({ system, stage }) => [system, stage])).toEqual([
      ['a', 'unmanaged'],
      ['node1', 'booting'],
    ])
  })
})

test('what cannot be written is told, and written later', async () => {
  const site = await siteWith(TAKEN)
  await sql`alter table standing rename to away`.execute(site.db)
  site.step('config')
  await site.standings.settled()
  expect(site.errors).toHaveLength(1)
  await sql`alter table away rename to standing`.execute(site.db)
  await site.standings.settled()
  expect((await loadStandings(site.db)).map(({ standing }) => standing.stage)).toEqual(['installing'])
})

test('when it is stopped nobody looks for deadlines any more', async () => {
  const site = await siteWith(TAKEN)
  expect(site.beats.size).toBe(1)
  await site.close()
  expect(site.beats.size).toBe(0)
})

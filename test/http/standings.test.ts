/** How machines stand over REST and on the command line: lists, filters, repair, and exit codes for scripts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BootStep } from '../../src/model/event.ts'
import { testCli } from '../cli/run.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  for (const [name, mgmtClasses] of [
    ['node01', ['foo-acquired']],
    ['node02', ['foo-available']],
    ['node03', []],
  ] as const) {
    await it.as('operator', 'POST', '/api/systems', { name, profile: 'debian-13', mgmtClasses })
  }
})
afterEach(() => it.close())

const step = (system: string, name: BootStep, because = `${name} was seen`) =>
  it.journal.record('boot.step', { mac: undefined, system, step: name, because })

describe('over REST', () => {
  test('every machine has a standing, with what was seen, until when, and what to do', async () => {
    step('node01', 'config')
    const now = it.clock.now()
    expect((await it.as('viewer', 'GET', '/api/systems/node01/standing')).json()).toEqual({
      ...{ system: 'node01', stage: 'installing', since: now, overdue: false, installs: 1 },
      evidence: { at: now, text: 'config was seen' },
      deadline: now + 7_200_000,
      next: expect.stringContaining('the installer should make its last call'),
      ...{ stopped: null, broken: null, custody: 'acquired', holder: 'foo-acquired', netboot: true },
      ...{ contradiction: null, needsAttention: false },
    })
    const nobody = await it.as('viewer', 'GET', '/api/systems/nobody/standing')
    expect([nobody.statusCode, nobody.json().code]).toEqual([404, 'item.missing'])
  })

  test('all are listed, or those of a stage, or those that need a person', async () => {
    step('node01', 'config')
    step('node01', 'failed', 'no space')
    const names = async (query: string) =>
      (await it.as('viewer', 'GET', `/api/standings${query}`)).json().map((one: { system: string }) => one.system)
    expect(await names('')).toEqual(['node01', 'node02', 'node03'])
    expect(await names('?stage=broken')).toEqual(['node01'])
    expect(await names('?stage=available')).toEqual(['node02'])
    expect(await names('?overdue=true')).toEqual([])
    expect(await names('?attention=true')).toEqual(['node01'])
    expect(await names('?attention=false&stage=unmanaged')).toEqual(['node03'])
    for (const query of ['?stage=asleep', '?overdue=perhaps', '?what=1']) {
      expect((await it.as('viewer', 'GET', `/api/standings${query}`)).statusCode).toBe(400)
    }
  })

  test('an operator says that a machine was mended, and the journal says who', async () => {
    step('node01', 'failed', 'no space')
    const answer = await it.as('operator', 'POST', '/api/systems/node01/repair')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      ...{ stage: 'acquired', broken: null, needsAttention: false },
      evidence: { text: 'operator has mended it, which was broken: no space' },
    })
    const events = await it.journal.since(0, 100)
    expect(events.at(-1)).toMatchObject({ name: 'machine.repaired', payload: { system: 'node01', by: 'operator' } })
    expect((await it.as('operator', 'POST', '/api/systems/nobody/repair')).statusCode).toBe(404)
    expect((await it.as('operator', 'POST', '/api/systems/node01/repair')).statusCode).toBe(200)
  })
})

describe('on the command line', () => {
  test('attention says that there is nothing, or what there is, and ends accordingly', async () => {
    const { orchestra } = await testCli(it)
    expect(await orchestra('attention')).toEqual({ code: 0, out: 'No machine needs a person.\n', err: '' })
    expect(await orchestra('attention --json')).toEqual({ code: 0, out: '[]\n', err: '' })
    step('node01', 'failed', 'no \u001b[2Jspace')
    expect(await orchestra('attention')).toEqual({
      code: 2,
      err: '',
      out: [
        'node01: broken since 2023-11-14 22:13:20',
        '  because: no ?[2Jspace',
        '  last seen: 2023-11-14 22:13:20 no ?[2Jspace',
        '  next: find out why and mend it, then say so (orchestra repair node01) or install it again',
        '',
      ].join('\n'),
    })
    const { code, out } = await orchestra('attention --json')
    expect([code, JSON.parse(out)]).toMatchObject([2, [{ system: 'node01', stage: 'broken' }]])
    expect(await orchestra('attention --all')).toMatchObject({
      code: 2,
      out: expect.stringMatching(
        /^node01: broken since [\s\S]*^node02: available since [\s\S]*^node03: unmanaged since /m,
      ),
    })
  })

  test('attention tells of classes that contradict each other', async () => {
    const { orchestra } = await testCli(it)
    await it.as('operator', 'PATCH', '/api/systems/node02', { mgmtClasses: ['foo-available', 'foo-acquired'] })
    expect(await orchestra('attention')).toMatchObject({
      code: 2,
      out: expect.stringMatching(
        /^node02: [\s\S]*because: it has the class foo-acquired and the class foo-available at once/,
      ),
    })
  })

  test('repair takes names, and says how they stand then', async () => {
    const { orchestra } = await testCli(it)
    for (const name of ['node01', 'node02']) step(name, 'failed', 'no space')
    expect(await orchestra('repair node01 node02')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^node01: acquired since [\s\S]*^node02: available since /m),
    })
    expect(await orchestra('attention')).toMatchObject({ code: 0 })
    expect(JSON.parse((await orchestra('repair node01 --json')).out)).toMatchObject([{ system: 'node01' }])
    expect(await orchestra('repair nobody')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no system/),
    })
    expect(await orchestra('repair')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/missing required argument/),
    })
    expect(await orchestra('repair node01', { role: 'viewer' })).toMatchObject({ code: 1 })
  })

  test('events are told in a line each', async () => {
    const { orchestra } = await testCli(it)
    step('node01', 'failed', 'no space')
    await orchestra('repair node01')
    it.journal.record('machine.overdue', {
      ...{ system: 'node01', stage: 'acquired', since: 1, evidence: { at: 1, text: 'x' }, next: 'turn it on' },
    })
    const { out } = await orchestra('events --system=node01')
    expect(out).toMatch(
      /node01 {2}broken: no space\n.*node01 {2}repaired by admin\n.*node01 {2}overdue: still acquired; turn it on\n$/,
    )
  })
})

/** `orchestra acquire` and `orchestra release` against the real application. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  ;({ orchestra } = await testCli(it))
  for (const name of ['node1', 'node2']) {
    const line = `system add --name ${name} --profile debian-13 --mgmt-classes foo-available --power-type test`
    expect(await orchestra(line)).toMatchObject({ code: 0 })
  }
})
afterEach(() => it.close())

const uid = (name: string) => it.catalog.get('system', name)?.uid

describe('acquire', () => {
  test('says what it took, how to go on, and who was passed over', async () => {
    it.broken.set('node1', 'its install failed')
    expect(await orchestra('acquire')).toEqual({
      code: 0,
      out: `acquired node2 (uid ${uid('node2')})\nturn it on, to install it: orchestra system poweron --name node2\ngive it back: orchestra release node2\n`,
      err: 'passed over node1: it is broken: its install failed\n',
    })
    const none = await orchestra('acquire')
    expect(none).toMatchObject({ code: 1, out: '' })
    expect(none.err).toMatch(/^orchestra: no machine is free: node1: it is broken: .*; node2: it is in use: /)
  })

  test('takes what is asked for', async () => {
    expect((await orchestra('acquire --class ssd --class rack1')).err).toContain('has not the class ssd, rack1')
    expect((await orchestra('acquire --arch arm64')).err).toContain('x86_64, not aarch64')
    expect((await orchestra('acquire --pair bar')).err).toContain('no pair of classes with "bar"')
    const line = 'acquire --class foo-available --arch amd64 --name *2 --pair foo-acquired --json'
    const { code, out } = await orchestra(line)
    expect([code, JSON.parse(out)]).toMatchObject([0, { system: { name: 'node2', uid: uid('node2') }, dryRun: false }])
  })

  test('takes nothing when it is dry, and no second machine with a key', async () => {
    expect((await orchestra('acquire --dry-run')).out).toBe(`would acquire node1 (uid ${uid('node1')})\n`)
    const [first, again] = [await orchestra('acquire --key k'), await orchestra('acquire --key k')]
    expect(again.out).toBe(first.out)
    expect(it.catalog.get('system', 'node2')?.mgmtClasses).toEqual(['foo-available'])
    expect((await orchestra('acquire --key k --arch amd64')).err).toContain('used for another request')
  })

  test('is for those who may write', async () => {
    expect((await orchestra('acquire', { role: 'viewer' })).err).toContain('this needs operator')
  })
})

describe('release', () => {
  test('says what became of the machine', async () => {
    await orchestra('acquire')
    expect(await orchestra('release node1 --key k')).toEqual({
      code: 0,
      out: `released node1 (uid ${uid('node1')}): its classes are foo-available\nnode1 is being turned off\n`,
      err: '',
    })
    expect((await orchestra('release node1 --key k')).code).toBe(0)
    expect(await orchestra('release node1')).toMatchObject({
      code: 1,
      err: 'orchestra: node1 is not acquired: it has none of the classes foo-acquired\n',
    })
  })

  test('answers programs with JSON', async () => {
    await orchestra('acquire')
    const { out } = await orchestra('release node1 --json')
    expect(JSON.parse(out)).toMatchObject({ system: { name: 'node1' }, power: { task: expect.any(String) } })
  })
})

test('an edit may keep the class of an owner: it names what it has read', async () => {
  await orchestra('acquire')
  expect(await orchestra(['system', 'edit', '--name', 'node1', '--mgmt-classes', 'ssd foo-acquired'])).toMatchObject({
    code: 0,
    err: '',
  })
  expect(it.catalog.get('system', 'node1')?.mgmtClasses).toEqual(['ssd', 'foo-acquired'])
})

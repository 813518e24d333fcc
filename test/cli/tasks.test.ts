/** Commands that take their time, as tasks with a beginning and an end; and those that Orchestra has no use for. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  orchestra = (await testCli(it)).orchestra
})
afterEach(() => it.close())

describe('power', () => {
  beforeEach(() => orchestra('system add --name=node01 --profile=debian-13 --power-type=test'))

  test('on waits until that is seen, and status tells by its exit code', async () => {
    expect(await orchestra('system powerstatus --name=node01')).toMatchObject({
      code: 2,
      out: expect.stringMatching(/^node01: off/),
    })
    const on = await orchestra('system poweron --name=node01')
    expect(on).toMatchObject({ code: 0, err: '' })
    const [started, titled, ...log] = on.out.split('\n')
    expect(started).toMatch(/^task started: [0-9a-f]{32}$/)
    expect(titled).toMatch(/^task started \(id=Power management \(on\), time=Tue Nov 14 \d\d:\d\d:20 2023\)$/)
    expect(log.at(-3)).toMatch(/^node01: .*\bon\b/)
    expect(log.slice(-2)).toEqual(['*** TASK COMPLETE ***', ''])
    expect(it.machine.state).toBe('on')
    expect(await orchestra('system powerstatus --name=node01')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^node01: on/),
    })
    expect(await orchestra('system reboot --name=node01')).toMatchObject({ code: 0 })
    expect(await orchestra('system poweroff --name=node01')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/off/),
    })
    expect(it.machine.state).toBe('off')
  })

  test('status, as Cobbler has it, is a task that completes when it could be told', async () => {
    const asked = await orchestra('system powerstatus --name=node01', { name: 'cobbler' })
    expect(asked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\nStatus: OFF\n\*\*\* TASK COMPLETE \*\*\*\n$/),
    })
  })

  test('that fails says why, exit code 1', async () => {
    it.machine.fails = true
    expect(await orchestra('system poweron --name=node01')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/on fire.*\n!!! TASK FAILED !!!\n$/),
      err: '',
    })
    expect(await orchestra('system poweron --name=nope')).toMatchObject({ code: 1, err: expect.stringMatching(/nope/) })
  })

  test('tells programs how the task ended', async () => {
    const on = await orchestra('system poweron --name=node01 --json')
    expect(JSON.parse(on.out)).toMatchObject({ system: 'node01', action: 'on', state: 'complete' })
    const status = await orchestra('--json system powerstatus --name=node01')
    expect([status.code, JSON.parse(status.out)]).toMatchObject([0, { name: 'node01', state: 'on' }])
  })
})

describe('import', () => {
  const line = 'import --path=/srv/debian --name=debian --arch=x86_64 --os-version=trixie'

  test('says what it does while it does it, and what came of it', async () => {
    const ran = await orchestra(line)
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(
      /^task started: 2023-11-14_\d{6}_import\ntask started \(id=Media import, time=[^)]*\)\nimporting \/srv\/debian …\nimported debian\n\*\*\* TASK COMPLETE \*\*\*\n$/,
    )
    expect(it.imports).toEqual([{ path: '/srv/debian', name: 'debian', arch: 'x86_64', osVersion: 'trixie' }])
    expect(await orchestra('import --path=/srv/debian --name=debian', { role: 'operator' })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/needs admin\n!!! TASK FAILED !!!\n$/),
    })
  })

  test('as Cobbler has it makes NAME-ARCH, which its documents then use', async () => {
    await orchestra(line, { name: 'cobbler' })
    await orchestra(line.replace('debian --arch', 'debian-x86_64 --arch'), { name: 'cobbler' })
    expect(it.imports.map(({ name }) => name)).toEqual(['debian-x86_64', 'debian-x86_64'])
  })

  test.each([
    ['import --path=rsync://mirror/debian --name=debian', /fetch the tree first/],
    ['import --path=host:/debian --name=debian', /fetch the tree first/],
    ['import --path=/srv --name=debian --available-as=nfs://a:/b', /leave --available-as out/],
  ])('refuses what it would not do (%s)', async (wrong, sentence) => {
    expect(await orchestra(wrong)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(sentence) })
    expect(it.imports).toEqual([])
  })
})

describe('sync', () => {
  test('completes, whatever Cobbler knows of options, for nothing needs it', async () => {
    for (const line of ['sync', 'sync --verbose', 'sync --dhcp --dns', 'sync --systems=a,b']) {
      expect(await orchestra(line)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^task started: .*_sync\n[\s\S]*Nothing to sync.*\n\*\*\* TASK COMPLETE \*\*\*\n$/),
      })
    }
  })

  test('is no success when nobody is there', async () => {
    await it.app.close()
    expect(await orchestra('sync')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/no Orchestra answers at .*\n!!! TASK FAILED !!!\n$/),
    })
  })
})

describe('what Orchestra has no use for', () => {
  test.each([
    'buildiso --iso=/tmp/a.iso --profiles=a',
    'reposync --only=a --tries=3 --no-fail',
    'replicate --master=cobbler.example.com --distros=* --prune',
    'hardlink',
    'aclsetup --adduser=bob',
    'mkloaders',
    'get-loaders',
    'signature update',
    'signature report',
    'setting edit --name=server --value=10.0.0.1',
    'repo autoadd',
  ])('says so in a sentence, and fails (%s)', async (line) => {
    const { code, out, err } = await orchestra(line, { name: 'cobbler' })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^cobbler: .{40,}\n$/)
  })
})

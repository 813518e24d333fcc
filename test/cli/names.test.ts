/** What is there: names listed, found, changed and removed, and reports. */
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

const silent = { code: 0, out: '', err: '' }
const systemNow = (name: string) => it.catalog.get('system', name)

describe('names', () => {
  beforeEach(async () => {
    await orchestra('mgmtclass add --name=foo-available')
    for (const [name, last] of [
      ['node01', '1'],
      ['node02', '2'],
      ['other', '3'],
    ] as const) {
      const line = `system add --name=${name} --profile=debian-13 --mac=525400aa000${last} --ip=10.0.0.${last}`
      await orchestra([
        ...line.split(' '),
        '--mgmt-classes=foo-available x',
        `--netboot-enabled=${name === 'other' ? 'no' : 'yes'}`,
      ])
    }
  })

  test('are listed as Cobbler lists them', async () => {
    expect((await orchestra('system list')).out).toBe('   node01\n   node02\n   other\n')
    expect((await orchestra('list')).out).toBe(
      'distros:\n   debian-13\n\nprofiles:\n   debian-13\n\nsystems:\n   node01\n   node02\n   other\n\nrepos:\n\nimages:\n\nmgmtclasses:\n   foo-available\n\npackages:\n\nfiles:\n\nmenus:\n',
    )
  })

  test.each([
    ['--name=node*', 'node01\nnode02\n'],
    ['--name=NODE0[2-9]', 'node02\n'],
    ['--mgmt-classes=foo-available --name=o*', 'other\n'],
    ['--mgmt-classes=foo', ''],
    ['--mac=52:54:00:aa:00:02', 'node02\n'],
    ['--ip=10.0.0.?', 'node01\nnode02\nother\n'],
    ['--netboot-enabled=no', 'other\n'],
    ['--profile=nope', ''],
  ])('are found by %s', async (criteria, out) => {
    expect(await orchestra(`system find ${criteria}`)).toEqual({ ...silent, out })
  })

  test('are changed and copied, addresses left out', async () => {
    expect(await orchestra('system rename --name=node01 --newname=first')).toEqual(silent)
    expect(await orchestra('system copy --name=first --newname=second --ip=10.0.0.9')).toEqual(silent)
    expect(systemNow('node01')).toBeUndefined()
    expect(systemNow('second')?.interfaces['eth0']).toMatchObject({ macAddress: '', ipAddress: '10.0.0.9' })
  })

  test('are removed, and what others need only with them', async () => {
    expect(await orchestra('system remove --name=node01')).toEqual(silent)
    expect(await orchestra('profile remove --name=debian-13')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/orphan/),
    })
    expect(await orchestra('profile remove --name=debian-13 --recursive')).toEqual(silent)
    expect(it.catalog.list('system')).toEqual([])
  })
})

describe('report', () => {
  test('prints what Cobbler prints: labels padded to 30, values in the writing of Python', async () => {
    const line = 'system add --name=node01 --profile=debian-13 --mac=525400aa0001 --power-type=test'.split(' ')
    await orchestra([...line, '--ksmeta=a=1 b="two words" c d="it\'s"', '--mgmt-classes=x y', '--virt-ram=1024'])
    const { out } = await orchestra('system report --name=node01')
    const lines = out.split('\n')
    for (const expected of [
      'Profile                        : debian-13',
      'Netboot Enabled                : True',
      'Automatic Installation Template : <<inherit>>',
      'Kickstart                      : <<inherit>>',
      `Kickstart Metadata             : {'a': '1', 'b': 'two words', 'c': '~', 'd': "it's"}`,
      `Automatic Installation Metadata : {'a': '1', 'b': 'two words', 'c': '~', 'd': "it's"}`,
      "Management Classes             : ['x', 'y']",
      'Power Management Type          : test',
      'Power Management Password      : ',
      'Virt RAM (MB)                  : 1024',
      'Virt CPUs                      : <<inherit>>',
      'Interface =====                : eth0',
      'MAC Address                    : 52:54:00:aa:00:01',
      'CNAMES                         : []',
    ]) {
      expect(lines).toContain(expected)
    }
    expect(lines[0]).toBe('Name                           : node01')
    // An empty line after each object, and every line before it with a label.
    expect(out).toMatch(/^(?:[^\n]{30,} : [^\n]*\n)+\n$/)
    expect((await orchestra('report')).out).toContain(`systems:\n==========\n${out}`)
  })

  test('is JSON for programs: a list, also of one', async () => {
    await orchestra('system add --name=node01 --profile=debian-13')
    expect(JSON.parse((await orchestra('system report --name=node01 --json')).out)).toMatchObject([
      { name: 'node01', profile: 'debian-13' },
    ])
    expect(JSON.parse((await orchestra('--json report')).out)).toMatchObject({
      systems: [{ name: 'node01' }],
      repos: [],
    })
  })

  test('of what is not there is an error', async () => {
    expect(await orchestra('system report --name=nope')).toMatchObject({ code: 1, out: '' })
  })
})

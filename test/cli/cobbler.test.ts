/** The command line as Cobbler's documents write it, and its errors as Cobbler's users and programs know them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let url: string
let cobbler: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  const cli = await testCli(it)
  url = cli.url
  cobbler = (line, options) => cli.orchestra(line, { name: 'cobbler', ...options })
})
afterEach(() => it.close())

const silent = { code: 0, out: '', err: '' }

describe('called as cobbler', () => {
  test('42. 43. the lines of the orchestrators’ handbook work as typed', async () => {
    for (const line of [
      'mgmtclass add --name=foo-available',
      'mgmtclass add --name=foo-acquired',
      'profile add --name=XYZ --distro=debian-13',
      'system add --name=XYZ --profile=XYZ --mgmt-classes=foo-available --mac-address=AA:BB:CC:DD:EE:FF',
      'system edit --name=XYZ --power-type=test --power-address=10.0.0.9 --power-user=root --netboot-enabled=Y',
      'system edit --name=XYZ --interface=eth1 --mac=AA:BB:CC:DD:EE:00 --ip=10.0.0.3 --subnet=255.255.255.0 --static=1',
      'system edit --name=XYZ --interface=eth1 --rename-interface=eth2',
      'system edit --name=XYZ --interface=eth2 --delete-interface',
      'profile edit --name=XYZ --kopts=quiet --ksmeta=a=1 --kickstart=default.seed',
    ]) {
      expect([line, await cobbler(line)]).toEqual([line, silent])
    }
    expect((await cobbler('system find --mgmt-classes=foo-available')).out).toBe('XYZ\n')
    expect(it.catalog.get('system', 'XYZ')).toMatchObject({
      mgmtClasses: ['foo-available'],
      interfaces: { eth0: { macAddress: 'aa:bb:cc:dd:ee:ff' } },
    })
    expect((await cobbler('system dumpvars --name=XYZ')).out).toContain('mac_address_eth0 : aa:bb:cc:dd:ee:ff\n')
    expect((await cobbler('help')).out).toMatch(/^Usage: cobbler /)
  })

  test('--server of a profile or a system is what machines fetch from; elsewhere it is the daemon', async () => {
    expect(await cobbler('profile add --name=p --distro=debian-13 --server=10.0.0.7')).toEqual(silent)
    expect(it.catalog.get('profile', 'p')?.server).toBe('10.0.0.7')
    expect(await cobbler(`profile list --server=${url}`)).toMatchObject({ code: 0 })
    expect(await cobbler(`--server ${url} profile edit --name=p --server 10.0.0.8`)).toEqual(silent)
    expect(it.catalog.get('profile', 'p')?.server).toBe('10.0.0.8')
    expect((await cobbler('profile find --server=10.0.0.8')).out).toBe('p\n')
  })

  test.each([
    ['mgmtclass edit --name=nope --comment=a', "exception on server: 'there is no mgmtclass nope'\n"],
    ['profile add --name=p --distro=nope', /^exception on server: "?'?.*nope.*\n$/],
    ['system add', "cobbler: required option '--name <name>' not specified\n"],
  ])('a fault of the server is told as Cobbler tells it, and one of the line is not (%s)', async (line, err) => {
    expect(await cobbler(line)).toEqual({
      code: 1,
      out: '',
      err: typeof err === 'string' ? err : expect.stringMatching(err),
    })
  })

  test('a sentence with a quote in it is quoted as Python does', async () => {
    const { err } = await cobbler(['mgmtclass', 'add', '--name=a b'])
    expect(err).toBe(`exception on server: "Invalid characters in name: 'a b'"\n`)
  })
})

describe('for programs', () => {
  test('errors are JSON on standard error, with code and field', async () => {
    const wrong = await cobbler('system add --name=a --profile=nope --json')
    expect({ code: wrong.code, out: wrong.out }).toEqual({ code: 1, out: '' })
    expect(JSON.parse(wrong.err)).toEqual({
      error: { message: expect.stringContaining('nope'), code: 'item.missing', field: 'profile' },
    })
    const mistyped = await cobbler('system add --json --name=a --nome=a')
    expect(JSON.parse(mistyped.err)).toEqual({
      error: { message: expect.stringContaining("unknown option '--nome=a'") },
    })
    const nobody = await cobbler('list --json', { findLocal: async () => undefined })
    expect(JSON.parse(nobody.err)).toMatchObject({ error: { message: expect.stringContaining('no Orchestra') } })
  })

  test('every list is one', async () => {
    await cobbler('mgmtclass add --name=a')
    expect(JSON.parse((await cobbler('mgmtclass find --name=a --json')).out)).toEqual(['a'])
    expect(JSON.parse((await cobbler('list --json')).out)).toMatchObject({ mgmtclasses: ['a'], menus: [] })
    expect(JSON.parse((await cobbler('profile dumpvars --name=debian-13 --json')).out)).toMatchObject({
      profile_name: 'debian-13',
      owners: ['admin'],
    })
    expect(JSON.parse((await cobbler('profile getks --name=debian-13 --json')).out)).toEqual({
      name: 'debian-13',
      autoinstall: '',
    })
    expect(JSON.parse((await cobbler('validateks --json')).out)).toMatchObject({ state: 'complete', faults: [] })
  })
})

test('dumpvars shows no secret, and says what does not resolve', async () => {
  await cobbler('system add --name=a --profile=debian-13 --power-pass=s3cret --redhat-management-key=k3y')
  const { out } = await cobbler('system dumpvars --name=a')
  expect(out).not.toMatch(/s3cret|k3y/)
  expect(out.split('\n').slice(0, -1)).toEqual(out.split('\n').slice(0, -1).toSorted())
  expect(await cobbler('system dumpvars --name=nope')).toMatchObject({ code: 1, err: expect.stringMatching(/nope/) })
  await cobbler('image add --name=i --file=/srv/a.iso')
  await cobbler('system add --name=b --image=i')
  expect(await cobbler('system dumpvars --name=b')).toMatchObject({ code: 1, err: expect.stringMatching(/profile/) })
})

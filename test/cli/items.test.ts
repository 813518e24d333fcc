/** Cobbler's nouns and verbs on the command line, over REST, against the real catalog. */
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
const systemNow = (name = 'node01') => it.catalog.get('system', name)

describe('add', () => {
  test('makes a management class, silently, and a second time says that it is there', async () => {
    expect(await orchestra('mgmtclass add --name=foo-available')).toEqual(silent)
    expect(await orchestra('mgmtclass list')).toEqual({ ...silent, out: '   foo-available\n' })
    const again = await orchestra('mgmtclass add --name=foo-available')
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^orchestra: .*exists already.*\n$/) })
  })

  test('makes a system from every option, by the names of Cobbler 2', async () => {
    const line = [
      ...'system add --name=node01 --profile=debian-13 --mac=52-54-00-AA-00-01 --ip=10.0.0.1 --subnet=255.255.255.0'.split(
        ' ',
      ),
      ...'--hostname=node01 --dns-name=node01.lab --gateway=10.0.0.254 --netboot-enabled=N'.split(' '),
      ...['--name-servers=10.0.0.2 10.0.0.3', '--mgmt-classes=foo-available bar', '--owners=admin'],
      ...['--ksmeta=a=1 b="two words" c', '--kopts=console=ttyS0 !quiet', '--kopts-post=', '--kickstart=juju.seed'],
      ...'--power-type=test --power-address=10.0.0.99 --power-user=root --power-id=7'.split(' '),
    ]
    expect(await orchestra(line)).toEqual(silent)
    expect(systemNow()).toMatchObject({
      profile: 'debian-13',
      netbootEnabled: false,
      hostname: 'node01',
      gateway: '10.0.0.254',
      nameServers: ['10.0.0.2', '10.0.0.3'],
      mgmtClasses: ['foo-available', 'bar'],
      owners: ['admin'],
      meta: { a: '1', b: 'two words', c: null },
      kernelOptions: { console: 'ttyS0', '!quiet': null },
      kernelOptionsPost: {},
      autoinstall: 'juju.seed',
      power: { type: 'test', address: '10.0.0.99', user: 'root', id: '7', pass: '' },
      interfaces: {
        eth0: {
          macAddress: '52:54:00:aa:00:01',
          ipAddress: '10.0.0.1',
          netmask: '255.255.255.0',
          dnsName: 'node01.lab',
        },
      },
    })
  })

  test('takes the names of Cobbler 3 too, and another interface', async () => {
    const line = [
      ...'system add --name node01 --profile debian-13 --interface ens3 --mac-address 525400aa0001'.split(' '),
      ...['--ip-address', '10.0.0.1', '--netmask', '255.0.0.0', '--autoinstall', '<<inherit>>'],
      ...['--autoinstall-meta', 'a=1', '--kernel-options', 'b=2', '--kernel-options-post', 'c=3'],
    ]
    expect(await orchestra(line)).toEqual(silent)
    expect(systemNow()).toMatchObject({
      interfaces: { ens3: { macAddress: '52:54:00:aa:00:01', ipAddress: '10.0.0.1', netmask: '255.0.0.0' } },
      autoinstall: '<<inherit>>',
      meta: { a: '1' },
      kernelOptions: { b: '2' },
      kernelOptionsPost: { c: '3' },
    })
  })

  test('makes distros and profiles', async () => {
    const distro = 'distro add --name=d2 --kernel=/srv/linux --initrd=/srv/initrd.gz --arch=aarch64 --os-version=trixie'
    expect(await orchestra(`${distro} --breed=debian --ksmeta=a=1`)).toEqual(silent)
    expect(await orchestra('profile add --name=p2 --distro=d2 --server-override=10.0.0.5')).toEqual(silent)
    expect(await orchestra('profile add --name=p3 --parent=p2')).toEqual(silent)
    expect(it.catalog.get('distro', 'd2')).toMatchObject({ arch: 'aarch64', osVersion: 'trixie', meta: { a: '1' } })
    expect(it.catalog.get('profile', 'p2')).toMatchObject({ distro: 'd2', server: '10.0.0.5' })
    expect(it.catalog.get('profile', 'p3')).toMatchObject({ parent: 'p2' })
  })

  test.each([
    [
      'repo',
      '--mirror=http://deb.example.com/debian --breed=apt --apt-dists=trixie',
      { mirror: 'http://deb.example.com/debian', breed: 'apt', other: { apt_dists: ['trixie'] } },
    ],
    [
      'image',
      '--file=/srv/a.iso --image-type=iso --virt-cpus=2',
      { file: '/srv/a.iso', other: { image_type: 'iso', virt_cpus: 2 } },
    ],
    [
      'package',
      '--action=create --installer=apt --version=1.2',
      { action: 'create', installer: 'apt', version: '1.2' },
    ],
    [
      'file',
      '--path=/etc/motd --is-dir=no --owner=root --mode=0644',
      { path: '/etc/motd', isDirectory: false, other: { owner: 'root', mode: '0644' } },
    ],
    ['menu', '--display-name=Debian', { displayName: 'Debian' }],
  ] as const)('makes a %s too', async (type, options, expected) => {
    expect(await orchestra(`${type} add --name=one ${options}`)).toEqual(silent)
    expect(it.catalog.get(type, 'one')).toMatchObject(expected)
    expect(await orchestra(`${type} list`)).toEqual({ ...silent, out: '   one\n' })
    expect((await orchestra(`${type} report --name=one`)).out).toMatch(/^Name {27}: one\n/)
    expect(await orchestra(`${type} copy --name=one --newname=two`)).toEqual(silent)
    expect(await orchestra(`${type} rename --name=two --newname=three`)).toEqual(silent)
    expect(await orchestra(`${type} find --name=t*`)).toEqual({ ...silent, out: 'three\n' })
    expect(await orchestra(`${type} remove --name=three`)).toEqual(silent)
    expect(JSON.parse((await orchestra(`${type} list --json`)).out)).toEqual(['one'])
  })

  test('answers the object to programs', async () => {
    const { code, out } = await orchestra('mgmtclass add --name=a --json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { name: 'a', revision: 1 }])
  })

  test('replaces with --clobber', async () => {
    await orchestra('mgmtclass add --name=a --comment=old')
    expect(await orchestra('mgmtclass add --name=a --clobber')).toEqual(silent)
    expect(it.catalog.get('mgmtclass', 'a')?.comment).toBe('')
  })

  test.each([
    ['system add --profile=debian-13', /required option '--name <name>'/],
    ['system add --name=a', /profile or image is required/],
    ['system add --name=a --profile=nope', /profile "nope" of system a does not exist/],
    ['system add --name=a --profile=debian-13 --mac=zz', /"zz" is not a MAC address/],
    ['system add --name=a --profile=debian-13 --netboot-enabled=maybe', /--netboot-enabled is yes or no, not "maybe"/],
    ['system add --name=a --color=red', /unknown option '--color=red'/],
    ['system paint --name=a', /unknown command 'paint'/],
    ['systems', /unknown command 'systems'/],
  ])('of nonsense (%s) is one clear sentence and exit code 1', async (line, sentence) => {
    const { code, out, err } = await orchestra(line)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^orchestra: /)
    expect(err).toMatch(sentence)
    expect(it.catalog.list('system')).toEqual([])
  })
})

describe('a power password', () => {
  const add = (...more: string[]) => ['system', 'add', '--name=node01', '--profile=debian-13', ...more]

  test('as an argument works, with a warning that does not repeat it', async () => {
    const ran = await orchestra(add('--power-pass=s3cret'))
    expect(ran).toMatchObject({ code: 0, out: '', err: expect.stringContaining('--power-pass -') })
    expect(ran.err).not.toContain('s3cret')
    expect(systemNow()?.power.pass).toBe('s3cret')
  })

  test('comes from standard input with "-", from a file with its name, and is never shown', async () => {
    expect(await orchestra(add('--power-pass', '-'), { secret: 'one' })).toEqual(silent)
    expect(systemNow()?.power.pass).toBe('one')
    const edit = 'system edit --name=node01 --power-pass-file=/etc/pass'
    expect(await orchestra(edit, { files: { '/etc/pass': 'two\n' } })).toEqual(silent)
    expect(systemNow()?.power.pass).toBe('two')
    const { out } = await orchestra('system report --name=node01')
    expect(out).toContain('Power Management Password      : ********\n')
    expect(out).not.toContain('two')
    const missing = await orchestra('system edit --name=node01 --power-pass-file=/nope')
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('/nope cannot be read') })
  })
})

describe('edit', () => {
  beforeEach(async () => {
    const add = 'system add --name=node01 --profile=debian-13 --mac=525400aa0001 --ip=10.0.0.1 --comment=old'
    await orchestra([...add.split(' '), '--ksmeta=a=1 b=2 c=3'])
  })

  test('changes what is named and nothing else', async () => {
    expect(await orchestra('system edit --name=node01 --comment=new --dns-name=a.lab')).toEqual(silent)
    expect(systemNow()).toMatchObject({
      comment: 'new',
      meta: { a: '1', b: '2', c: '3' },
      interfaces: { eth0: { macAddress: '52:54:00:aa:00:01', ipAddress: '10.0.0.1', dnsName: 'a.lab' } },
    })
  })

  test('replaces options, or adds to them in place', async () => {
    await orchestra('system edit --name=node01 --ksmeta=d=4')
    expect(systemNow()?.meta).toEqual({ d: '4' })
    await orchestra(['system', 'edit', '--name=node01', '--in-place', '--ksmeta=e=5 d=6'])
    expect(systemNow()?.meta).toEqual({ d: '6', e: '5' })
    await orchestra(['system', 'edit', '--name=node01', '--in-place', '--ksmeta=~d'])
    expect(systemNow()?.meta).toEqual({ e: '5' })
  })

  test('adds to what Orchestra only keeps, and takes from it', async () => {
    await orchestra('system edit --name=node01 --virt-ram=512 --interface=eth0 --bonding-opts=miimon=100')
    await orchestra([
      'system',
      'edit',
      '--name=node01',
      '--virt-cpus=2',
      '--template-files=/a=/b /c=/d',
      '--cnames=x y',
    ])
    expect(systemNow()?.other).toEqual({ virt_ram: 512, virt_cpus: 2, template_files: { '/a': '/b', '/c': '/d' } })
    expect(systemNow()?.interfaces['eth0']?.other).toEqual({ bonding_opts: 'miimon=100', cnames: ['x', 'y'] })
    expect(systemNow()?.interfaces['eth0']?.macAddress).toBe('52:54:00:aa:00:01')
    await orchestra(['system', 'edit', '--name=node01', '--in-place', '--template-files=~/a /e=/f'])
    expect(systemNow()?.other['template_files']).toEqual({ '/c': '/d', '/e': '/f' })
    expect(await orchestra('system copy --name=node01 --newname=node02 --virt-cpus=4')).toEqual(silent)
    expect(systemNow('node02')?.other).toMatchObject({ virt_ram: 512, virt_cpus: 4 })
    expect((await orchestra('system find --virt-cpus=2')).out).toBe('node01\n')
    expect(await orchestra('system edit --name=node01 --virt-cpus=many')).toMatchObject({
      code: 1,
      err: 'orchestra: --virt-cpus is a number, not "many"\n',
    })
  })

  test('renames and removes an interface', async () => {
    expect(await orchestra('system edit --name=node01 --rename-interface=ens3 --ip=10.0.0.2')).toEqual(silent)
    expect(systemNow()?.interfaces).toMatchObject({ ens3: { macAddress: '52:54:00:aa:00:01', ipAddress: '10.0.0.2' } })
    expect(Object.keys(systemNow()?.interfaces ?? {})).toEqual(['ens3'])
    expect(await orchestra('system edit --name=node01 --interface=ens3 --delete-interface')).toEqual(silent)
    expect(systemNow()?.interfaces).toEqual({})
    await orchestra('system edit --name=node01 --interface=eth5 --mtu=9000')
    expect(await orchestra('system edit --name=node01 --delete-interface=eth5')).toEqual(silent)
    expect(systemNow()?.interfaces).toEqual({})
    const again = await orchestra('system edit --name=node01 --interface=ens3 --delete-interface')
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('no interface ens3') })
  })

  test('of nothing, or of what is not there, is an error', async () => {
    expect(await orchestra('system edit --name=node01')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nothing to change/),
    })
    const missing = await orchestra('system edit --name=nope --comment=a')
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('nope') })
  })
})

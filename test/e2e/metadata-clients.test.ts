/** The metadata service in the two dialects of cloud-init, read by hand and by the real cloud-init; and without tokens. */
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { startDaemon } from '../support/daemon.ts'
import { type MetadataSite, macOf, NODE1, STRANGER, startMetadataSite } from './metadata-site.ts'

let site: MetadataSite
let given: string
beforeAll(async () => {
  site = await startMetadataSite(Buffer.from('a'))
}, 600_000)

describe('EC2', () => {
  beforeAll(async () => {
    await site.api('PATCH', '/api/systems/node1', {
      hostname: 'web1.example.org',
      meta: {
        MACHINE_ID: '3',
        USER_DATA_BASE64: 'YQ==',
        ssh_authorized_keys: ['ssh-ed25519 AAAA a', 'ssh-rsa BBBB b'],
      },
    })
    given = await site.boot()
  })
  const text = async (path: string) => (await site.read(given, path)).body.toString()

  test.each([
    ['', '1.0\n2009-04-04\nlatest'],
    ['latest', 'meta-data/\nuser-data'],
    ['2009-04-04/meta-data/instance-id', '3'],
    ['latest/meta-data/local-hostname', 'web1'],
    ['latest/meta-data/hostname', 'web1.example.org'],
    ['latest/meta-data/local-ipv4', NODE1],
    ['latest/meta-data/mac', macOf('node1')],
    ['latest/meta-data/public-keys', '0=key-0\n1=key-1'],
    ['latest/meta-data/public-keys/', '0=key-0\n1=key-1'],
    ['latest/meta-data/public-keys/1', 'openssh-key'],
    ['latest/meta-data/public-keys/1/openssh-key', 'ssh-rsa BBBB b'],
    ['1.0/user-data', 'a'],
  ])('%j is %j', async (path, expected) => {
    expect(await text(path)).toBe(expected)
  })

  test.each([
    'latest/meta-data/constructor',
    'latest/x',
    '2010-01-01/meta-data/',
    'latest/meta-data/mac/x',
    'latest/user-data/x',
  ])('has no %s', async (path) => {
    expect(await site.status(given, path)).toBe(404)
  })

  test('lists nothing that it does not have', async () => {
    for (const name of (await text('latest/meta-data/')).split('\n'))
      expect(await site.status(given, `latest/meta-data/${name}`)).toBe(200)
  })

  test('is read by cloud-init itself', async () => {
    const read = [
      'import json, sys',
      'from cloudinit.sources.helpers import ec2',
      'at = sys.argv[1]',
      'meta = ec2.get_instance_metadata("2009-04-04", at, timeout=10, retries=0)',
      'user = ec2.get_instance_userdata("2009-04-04", at, timeout=10, retries=0)',
      'print(json.dumps({"meta": meta, "user": user.decode()}))',
    ]
    const answer = await exec('/usr/bin/python3', ['-c', read.join('\n'), `${site.daemon.url}/metadata/${given}`])
    expect(JSON.parse(answer)).toMatchObject({
      meta: {
        'instance-id': '3',
        'local-hostname': 'web1',
        'public-keys': { 'key-0': 'ssh-ed25519 AAAA a', 'key-1': 'ssh-rsa BBBB b' },
      },
      user: 'a',
    })
  })
})

test('NoCloud-net is read by cloud-init itself', async () => {
  const given = await site.boot()
  const read = [
    'import json, sys',
    'from cloudinit import util',
    'meta, user, vendor = util.read_seeded(sys.argv[1], timeout=10, retries=0)',
    'print(json.dumps({"meta": meta, "user": user.decode(), "vendor": vendor.decode()}))',
  ]
  const answer = await exec('/usr/bin/python3', ['-c', read.join('\n'), `${site.daemon.url}/metadata/${given}/`])
  expect(JSON.parse(answer)).toMatchObject({
    meta: { 'instance-id': '3', 'local-hostname': 'web1' },
    user: expect.stringMatching(/^#cloud-config\n[\s\S]*\nautoinstall:\n/),
    vendor: '#cloud-config\n',
  })
})

test('machines are known by their addresses where reading without a login is allowed, and only there', async () => {
  const anonymous = await startDaemon({ config: { cobbler: { anonymous_reads: true } } })
  const headers = { authorization: `Bearer ${await anonymous.token()}`, 'content-type': 'application/json' }
  const add = (path: string, body: object) =>
    fetch(`${anonymous.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  await add('/api/distros', { name: 'd', kernel: '/srv/linux', initrd: '/srv/initrd.gz' })
  await add('/api/profiles', { name: 'p', distro: 'd' })
  const interfaces = { eth0: { macAddress: macOf('node1'), ipAddress: NODE1 } }
  await add('/api/systems', { name: 'node1', profile: 'p', meta: { USER_DATA_BASE64: 'YQ==' }, interfaces })
  const ask = async (path: string, from: string) =>
    await exec('curl', ['-sS', '--interface', from, '-w', ' %{http_code}', `${anonymous.url}${path}`])
  expect(await ask('/latest/user-data', NODE1)).toBe('a 200')
  expect(await ask('/2009-04-04/meta-data/local-hostname', NODE1)).toBe('node1 200')
  expect(await ask('/latest/user-data', STRANGER)).toMatch(/ 404$/)
  await anonymous.stop()
})

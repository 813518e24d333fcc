/** Cobbler's HTTP surface as machines and scripts fetch it: curl against a real daemon, with and without anonymous reads. */
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { exec } from '../../src/lib/exec.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { encodeCall, readAnswer } from '../xmlrpc/support.ts'

let open: Daemon
let closed: Daemon

beforeAll(async () => {
  await needPackages('curl')
  open = await startDaemon({ env: { ORCHESTRA_COBBLER__ANONYMOUS_READS: 'true' } })
  closed = await startDaemon()
  for (const daemon of [open, closed]) await furnish(daemon)
})

async function call({ url }: Daemon, method: string, ...args: Value[]): Promise<Value> {
  const answer = await fetch(`${url}/cobbler_api`, { method: 'POST', body: new Uint8Array(encodeCall(method, args)) })
  return readAnswer(await answer.text())
}

async function furnish(daemon: Daemon): Promise<void> {
  const token = await daemon.token()
  const add = (type: string, name: string, given: Record<string, Value>) =>
    call(daemon, 'xapi_object_edit', type, name, 'add', given, token)
  await add('distro', 'trixie', { kernel: '/srv/trixie/linux', initrd: '/srv/trixie/initrd.gz' })
  await add('repo', 'extras', { mirror: 'http://deb.example/extras' })
  await add('profile', 'trixie', { distro: 'trixie', repos: 'extras' })
  await add('mgmtclass', 'web', { class_name: 'nginx', params: 'port=80' })
  await add('system', 'node1', {
    ...{ profile: 'trixie', interface: 'eth0', mac_address: '52:54:00:00:00:01', dns_name: 'node1.lab' },
    ...{ mgmt_classes: 'web other', power_pass: 'hunter2', template_files: 'motd=/etc/motd_of' },
  })
  await add('system', 'node2', { profile: 'trixie', interface: 'eth0', mac_address: '52:54:00:00:00:02' })
  await add('system', 'here', { profile: 'trixie', interface: 'eth0', ip_address: '127.0.0.1' })
  await call(daemon, 'write_autoinstall_template', 'motd', 'this is $system_name\n', token)
}

/** Status and text. */
async function get(daemon: Daemon, path: string, ...more: string[]): Promise<[number, string]> {
  const text = await exec('curl', ['-sS', '-w', '\n%{http_code}', ...more, `${daemon.url}${path}`])
  const at = text.lastIndexOf('\n')
  return [Number(text.slice(at + 1)), text.slice(0, at)]
}
const op = (daemon: Daemon, path: string, ...more: string[]) => get(daemon, `/cblr/svc/op/${path}`, ...more)

describe('what machines fetch needs no login', () => {
  test('a preseed, found by the MAC addresses that the installer names, else by the address', async () => {
    const header = (...macs: string[]) =>
      macs.flatMap((mac, index) => ['-H', `X-RHN-Provisioning-MAC-${index}: eth${index} ${mac}`])
    expect(await op(closed, 'autodetect', ...header('52:54:00:00:00:01'))).toEqual([200, 'node1'])
    expect(await op(closed, 'autodetect', ...header('52:54:00:00:00:99', '52-54-00-00-00-02'))).toEqual([200, 'node2'])
    expect(await op(closed, 'autodetect')).toEqual([200, 'here'])
    expect(await op(closed, 'autodetect', ...header('52:54:00:00:00:01', '52:54:00:00:00:02'))).toEqual([
      200,
      'FAILED: multiple matches',
    ])
    for (const name of ['findks', 'find_autoinstall']) {
      const [status, text] = await op(closed, name, ...header('52:54:00:00:00:01'))
      expect([status, text]).toEqual([200, expect.stringContaining('d-i ')])
      expect(text).toContain('node1')
    }
  })

  test('scripts, template files and repositories', async () => {
    for (const path of [
      'ipxe/system/node1',
      'gpxe/system/node1',
      'gpxe/profile/trixie',
      'ipxe/mac/52:54:00:00:00:01',
    ]) {
      expect(await op(closed, path)).toEqual([200, expect.stringMatching(/^#!ipxe/)])
    }
    expect(await op(closed, 'yum/system/node1')).toEqual([200, expect.stringContaining('[extras]\n')])
    expect(await op(closed, 'template/system/node1/path/_etc_motd__of')).toEqual([200, 'this is node1\n'])
    expect(await op(closed, 'script/system/node1?script=nope')).toEqual([200, '# script template "nope" not found'])
    expect(await op(closed, 'index')).toEqual([200, 'no mode specified'])
  })

  test('with 404 for what is not there, and 500 for what cannot be', async () => {
    for (const path of [
      'gpxe/system/nope',
      'gpxe/profile/nope',
      'ipxe',
      'yum/profile/nope',
      'template/system/nope/path/x',
    ]) {
      expect(await op(closed, path)).toEqual([404, expect.stringMatching(/^# (system|profile|object) not found/)])
    }
    expect(await op(closed, 'bootcfg/system/node1')).toEqual([500, expect.stringContaining('# *** ERROR ***')])
    expect((await op(closed, 'gpxe/system/%ff'))[0]).toBe(404)
    expect((await op(closed, 'nonsense'))[0]).toBe(404)
  })
})

describe('what people and scripts read', () => {
  test('is kept to itself unless anonymous reads are on, or a token comes along', async () => {
    for (const path of ['list/what/systems', 'puppet/hostname/node1.lab', 'settings', 'events/user/me']) {
      expect((await op(closed, path))[0], path).toBe(403)
      expect((await op(open, path))[0], path).toBe(200)
    }
    const header = ['-H', `Authorization: Bearer ${await closed.token()}`]
    expect(await op(closed, 'list/what/systems', ...header)).toEqual([200, 'here\nnode1\nnode2\n'])
  })

  test('is names, an external node, settings and events', async () => {
    expect(await op(open, 'list/what/systems')).toEqual([200, 'here\nnode1\nnode2\n'])
    expect(await op(open, 'list/what/mgmtclasses')).toEqual([200, 'web\n'])
    for (const what of ['menus', 'images', 'packages', 'files']) {
      expect(await op(open, `list/what/${what}`)).toEqual([200, ''])
    }
    expect(await op(open, 'list/what/passwords')).toEqual([200, '?'])
    const [, node] = await op(open, 'puppet/hostname/node1.lab')
    expect(parse(node)).toMatchObject({ classes: { nginx: { port: '80' }, other: null }, environment: 'production' })
    expect(JSON.parse((await op(open, 'settings'))[1])).toMatchObject({ pxe_just_once: true })
    await call(open, 'background_sync', {}, await open.token())
    const [event] = JSON.parse((await op(open, 'events/user/me'))[1])
    expect(event).toEqual([expect.stringContaining('_sync_'), expect.any(Number), 'Sync', expect.any(String)])
    expect((await op(open, 'events/user/me'))[1]).toBe('[]')
  })

  test('has no secret in it', async () => {
    for (const path of ['puppet/hostname/node1.lab', 'settings', 'list/what/systems', 'ipxe/system/node1']) {
      expect((await op(open, path))[1]).not.toContain('hunter2')
    }
  })

  test('leads from the old web interface to ours, and serves nothing else of the disk', async () => {
    expect((await get(open, '/cobbler_web', '-o', '/dev/null'))[0]).toBe(302)
    for (const path of ['/cobbler/images/trixie/linux', '/images/../../etc/passwd', '/cobbler/pub/x', '/cobbler/']) {
      expect((await get(open, path, '--path-as-is'))[0], path).toBe(404)
    }
  })

  test('turns nothing and leaves no error in the log', async () => {
    for (const daemon of [open, closed]) {
      expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
    }
  })
})

/** Templates and snippets in both dialects, and that no name leads out of their folders. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, test } from 'vitest'
import { aServer, furnish, PASSWORD, type TestServer } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
const KICKSTARTS = '/var/lib/cobbler/kickstarts/'
const DEED = { by: 'admin', comment: '' }
let server: TestServer
let token: string

beforeEach(async () => {
  server = await aServer()
  token = await server.login()
})

describe('templates', () => {
  test('are written, listed, read and removed by the names of Cobbler 3', async () => {
    assert.equal(await server.call('write_autoinstall_template', 'sub/my.seed', 'd-i $name\n', token), true)
    assert.deepEqual(await server.call('get_autoinstall_templates', token), ['sub/my.seed'])
    assert.equal(await server.call('read_autoinstall_template', 'sub/my.seed', token), 'd-i $name\n')
    assert.equal(readFileSync(join(server.data, 'cobbler/templates/sub/my.seed'), 'utf8'), 'd-i $name\n')
    assert.equal(await server.call('remove_autoinstall_template', 'sub/my.seed', token), true)
    assert.deepEqual(await server.call('get_autoinstall_templates', token), [])
    assert.match(
      await server.fault('read_autoinstall_template', 'sub/my.seed', token),
      /^<class 'OSError'>:.* file not found$/,
    )
  })

  test('are the same files by the paths of Cobbler 2, where -1 removes one', async () => {
    const path = `${KICKSTARTS}my.ks`
    const call = (isRead: boolean, data: string | number) =>
      server.call('read_or_write_kickstart_template', path, isRead, data, token)
    assert.equal(await call(false, 'url --url=$tree\n'), true)
    assert.equal(await call(true, ''), 'url --url=$tree\n')
    assert.deepEqual(await server.call('get_kickstart_templates', token), [path])
    assert.deepEqual(await server.call('get_autoinstall_templates', token), ['my.ks'])
    assert.equal(await call(false, -1), true)
    assert.deepEqual(await server.call('get_kickstart_templates', token), [])
  })

  test('that a profile names are in use, and stay', async () => {
    await furnish(server, token)
    await server.call('write_autoinstall_template', 'used.seed', 'x', token)
    await server.call('modify_profile', 'profile::trixie', 'kickstart', `${KICKSTARTS}used.seed`, token)
    await server.call('save_profile', 'profile::trixie', token)
    assert.equal(await server.call('is_autoinstall_in_use', 'used.seed', token), true)
    assert.equal(await server.call('is_kickstart_in_use', `${KICKSTARTS}used.seed`, token), true)
    assert.equal(await server.call('is_autoinstall_in_use', 'other.seed', token), false)
    assert.match(await server.fault('remove_autoinstall_template', 'used.seed', token), /in-use file: used.seed/)
  })

  test('that can never be rendered are refused with the line, and nothing is written', async () => {
    await server.call('write_autoinstall_template', 'good.ks', 'one\n', token)
    assert.match(await server.fault('write_autoinstall_template', 'good.ks', 'a\n#if $x\nb\n', token), /good\.ks:\d+: /)
    assert.equal(await server.call('read_autoinstall_template', 'good.ks', token), 'one\n')
    assert.match(
      await server.fault('write_autoinstall_template', 'new.ks', '#template=jinja2\n{% if x %}\n', token),
      /new\.ks/,
    )
    assert.deepEqual(await server.call('get_autoinstall_templates', token), ['good.ks'])
    assert.match(
      await server.fault('write_autoinstall_template', 'big.ks', 'x'.repeat(2 ** 20 + 1), token),
      /larger than/,
    )
  })
})

describe('snippets', () => {
  test('are written, listed, read and removed in both dialects', async () => {
    const path = '/var/lib/cobbler/snippets/per_system/net/node1'
    assert.equal(await server.call('read_or_write_snippet', path, false, 'network\n', token), true)
    assert.equal(await server.call('read_autoinstall_snippet', 'per_system/net/node1', token), 'network\n')
    assert.deepEqual(await server.call('get_snippets', token), [path])
    assert.deepEqual(await server.call('get_autoinstall_snippets', token), ['per_system/net/node1'])
    assert.equal(await server.call('write_autoinstall_snippet', 'a', 'b', token), true)
    assert.equal(await server.call('remove_autoinstall_snippet', 'a', token), true)
    assert.match(await server.fault('remove_autoinstall_snippet', 'a', token), /file not found/)
  })

  test('stand in scripts, for the machine that asks', async () => {
    await furnish(server, token, 'node1')
    await server.cobbler.files.write('snippets', 'hello', 'hello $system_name\n', DEED)
    await server.cobbler.files.write('scripts', 'greet', "#!/bin/sh\n$SNIPPET('hello')", DEED)
    assert.match(String(await server.call('generate_script', '', 'node1', 'greet')), /^#!\/bin\/sh\nhello node1\n/)
    assert.match(
      String(await server.call('generate_script', '', 'node1', '../../orchestra.db')),
      /^# script template ".*" not found$/,
    )
  })
})

describe('no name leads out of the folder', () => {
  const NAMES: readonly (string | Buffer)[] = [
    '../secret',
    '../../secret',
    'a/../../secret',
    '/etc/passwd',
    '/var/lib/cobbler/kickstarts/../secret',
    '/var/lib/cobbler/snippets/../../secret',
    'a//b',
    './a',
    // Text cannot carry this one, bytes can.
    Buffer.from('a\0b'),
    'a\\..\\b',
    '..',
    '.',
    '',
    'x'.repeat(300),
  ]

  test.each(NAMES.map((name) => [JSON.stringify(name.toString()), name] as const))('%s', async (_, name) => {
    mkdirSync(join(server.data, 'cobbler'), { recursive: true })
    writeFileSync(join(server.data, 'secret'), 'hunter2')
    writeFileSync(join(server.data, 'cobbler/secret'), 'hunter2')
    for (const [method, ...args] of [
      ['read_autoinstall_template', name],
      ['read_autoinstall_snippet', name],
      ['write_autoinstall_template', name, 'x'],
      ['write_autoinstall_snippet', name, 'x'],
      ['remove_autoinstall_template', name],
      ['remove_autoinstall_snippet', name],
      ['read_or_write_kickstart_template', name, true, ''],
      ['read_or_write_kickstart_template', name, false, 'x'],
      ['read_or_write_kickstart_template', name, false, -1],
      ['read_or_write_snippet', name, false, -1],
      ['read_or_write_snippet', `/var/lib/cobbler/snippets/${name}`, true, ''],
    ] as const) {
      const fault = await server.fault(method, ...args, token).catch((error: Error) => error.message)
      // Removing by the path of Cobbler 2 what is not there is no fault.
      if (!fault.startsWith('no fault, but true')) assert.doesNotMatch(fault, /hunter2|no fault/, method)
    }
    assert.equal(readFileSync(join(server.data, 'secret'), 'utf8'), 'hunter2')
    assert.equal(readFileSync(join(server.data, 'cobbler/secret'), 'utf8'), 'hunter2')
    assert.deepEqual(readdirSync(join(server.data, 'cobbler')), ['secret'])
  })

  test('nor does a link that somebody has put there', async () => {
    mkdirSync(join(server.data, 'cobbler/templates'), { recursive: true })
    writeFileSync(join(server.data, 'secret'), 'hunter2')
    symlinkSync(server.data, join(server.data, 'cobbler/templates/out'))
    assert.match(await server.fault('read_autoinstall_template', 'out/secret', token), /file not found/)
    await server.fault('write_autoinstall_template', 'out/new', 'x', token)
    assert.equal(existsSync(join(server.data, 'new')), false)
  })

  test('and the words of 3.3 and of 2.8 say so', async () => {
    assert.equal(
      await server.fault('read_autoinstall_template', '../x', token),
      "<class 'ValueError'>:Invalid automatic installation template file location ../x, it must not contain ..",
    )
    assert.equal(
      await server.fault('read_or_write_kickstart_template', '/etc/passwd', true, '', token),
      `${CX}'unable to view or edit kickstart in this location'`,
    )
  })
})

test('only admins write, operators read, viewers see names', async () => {
  const tokenOf = async (user: string) => String(await server.call('login', user, PASSWORD))
  const [viewer, operator] = [await tokenOf('looker'), await tokenOf('worker')]
  await server.call('write_autoinstall_template', 'a', 'b', token)
  assert.deepEqual(await server.call('get_autoinstall_templates', viewer), ['a'])
  const denied = /authorization failure for user/
  assert.match(await server.fault('read_autoinstall_template', 'a', viewer), denied)
  assert.equal(await server.call('read_autoinstall_template', 'a', operator), 'b')
  assert.match(await server.fault('write_autoinstall_template', 'a', 'c', operator), denied)
  assert.match(await server.fault('read_or_write_kickstart_template', 'a', false, 'c', operator), denied)
  assert.equal(await server.call('read_or_write_kickstart_template', 'a', true, '', operator), 'b')
  assert.match(await server.fault('modify_setting', 'anamon_enabled', 1, operator), denied)
  assert.match(await server.fault('get_autoinstall_templates', ''), /invalid token: /)
})

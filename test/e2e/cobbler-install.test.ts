/** Somebody brings templates from Cobbler: uploaded over XML-RPC, named by a system, fetched as its installer does. */
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { encodeCall, readAnswer } from '../xmlrpc/support.ts'

let daemon: Daemon
let token: string

beforeAll(async () => {
  await needPackages('curl')
  daemon = await startDaemon()
  token = await daemon.token()
  const add = (type: string, name: string, given: Record<string, Value>) =>
    call('xapi_object_edit', type, name, 'add', given, token)
  await add('distro', 'rocky9', { kernel: '/srv/rocky/vmlinuz', initrd: '/srv/rocky/initrd.img', breed: 'redhat' })
  await add('profile', 'rocky9', { distro: 'rocky9', ks_meta: 'tree=http://@@http_server@@/rocky role=web' })
  await add('system', 'node1', {
    ...{ profile: 'rocky9', interface: 'eth0', mac_address: '52:54:00:00:00:01', ip_address: '10.0.0.5' },
    ...{ hostname: 'node1.example.org', power_pass: 'hunter2' },
  })
})

async function call(method: string, ...args: Value[]): Promise<Value> {
  const answer = await fetch(`${daemon.url}/cobbler_api`, {
    method: 'POST',
    body: new Uint8Array(encodeCall(method, args)),
  })
  return readAnswer(await answer.text())
}

async function fetched(template: string): Promise<{ status: number; text: string }> {
  await call('xapi_object_edit', 'system', 'node1', 'edit', { kickstart: template }, token)
  const answer = await exec('curl', ['-sS', '-w', '\n%{http_code}', `${daemon.url}/cblr/svc/op/ks/system/node1`])
  const at = answer.lastIndexOf('\n')
  return { status: Number(answer.slice(at + 1)), text: answer.slice(0, at) }
}

describe('a kickstart from Cobbler', () => {
  test('is rendered as it is, with its snippets', async () => {
    await call('write_autoinstall_snippet', 'hello', 'echo hello from everybody\n', token)
    await call('write_autoinstall_snippet', 'per_system/hello/node1', 'echo hello from $system_name, a $role\n', token)
    const text =
      'url --url=$tree\n#for $nic in $interfaces\nnetwork --device=$nic --ip=$interfaces[$nic].ip_address\n#end for\n' +
      '%post\nPATH=/sbin:$PATH\nSNIPPET::hello\n%end\n'
    await call('write_autoinstall_template', 'corp.ks', text, token)
    const { status, text: rendered } = await fetched('/var/lib/cobbler/kickstarts/corp.ks')
    expect(rendered.replace(/http:\/\/[^/]+/, 'http://server')).toBe(
      'url --url=http://server/rocky\nnetwork --device=eth0 --ip=10.0.0.5\n%post\nPATH=/sbin:$PATH\n' +
        'echo hello from node1, a web\n\n%end\n',
    )
    expect(status).toBe(200)
  })

  test('may be Jinja', async () => {
    await call('write_autoinstall_template', 'corp.j2', '#template=jinja2\n{{ hostname }} {{ role|upper }}\n', token)
    expect(await fetched('corp.j2')).toEqual({ status: 200, text: 'node1.example.org WEB' })
  })

  test('never tells the password of a power controller', async () => {
    await call('write_autoinstall_template', 'leak.ks', '$power_address|$power_pass|$template_universe\n', token)
    expect((await fetched('leak.ks')).text).not.toContain('hunter2')
  })

  test('that cannot be rendered is an error that says where, and nothing is half-rendered', async () => {
    await call('write_autoinstall_template', 'bad.ks', 'url\n#if $nope\nx\n#end if\n', token)
    const { status, text } = await fetched('bad.ks')
    expect(status).toBe(500)
    expect(text).toContain('templates/bad.ks:2: "nope" is not defined')
    expect(text).not.toContain('url\n')
  })
})

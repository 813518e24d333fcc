/** The calls that an installer makes, made with an installer's own tools: busybox's wget, cloud-init's POST, plain sockets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ExecError, exec } from '../../src/lib/exec.ts'
import { needBusybox } from '../render/installer.ts'
import { type BootClient, CONFIG, KERNEL, startBootClient } from './boot-client.ts'

let client: BootClient

beforeAll(async () => {
  await needBusybox()
  client = await startBootClient(async (folder) => {
    mkdirSync(join(folder, 'tree'))
    writeFileSync(join(folder, 'tree/linux'), 'a kernel')
    writeFileSync(join(folder, 'tree/initrd.gz'), 'an initrd')
    return join(folder, 'tree')
  })
}, 600_000)

const curl: BootClient['curl'] = (path, ...args) => client.curl(path, ...args)

describe('an installer', () => {
  const wget = (path: string, ...args: string[]) =>
    exec('busybox', ['wget', '-q', '-O', '-', ...args, `${client.daemon.url}${path}`])

  test('fetches its preseed by both of its names', async () => {
    const seed = await wget('/cblr/svc/op/autoinstall/system/node1')
    expect(seed).toContain(`wget -q -O /dev/null ${client.daemon.url}/cblr/svc/op/nopxe/system/node1`)
    expect(await wget('/cblr/svc/op/ks/system/node1')).toBe(seed)
    expect(await wget('/cblr/svc/op/ks/profile/debian-12')).toContain('d-i ')
    expect((await curl('/cblr/svc/op/ks/system/node1')).head).toMatch(/^content-type: text\/plain;\s?charset=utf-8/im)
  })

  test.each([
    ['/cblr/svc/op/ks/system/nobody', 404, '# system not found'],
    ['/cblr/svc/op/autoinstall/profile/nothing', 404, '# profile not found'],
    ['/cblr/svc/op/ks', 404, '# object not found'],
    ['/cblr/svc/op/frobnicate/system/node1', 404, '# object not found'],
    ['/cblr/svc/op/constructor/system/node1', 404, '# object not found'],
    ['/cblr/svc/op/nopxe/system/nobody', 200, 'False'],
    ['/cblr/svc/op/trig/mode/middle/system/node1', 200, 'False'],
    ['/cblr/svc/op/trig/mode/post/system/nobody', 200, 'False'],
    ['/cblr/svc/op/progress/system/nobody?step=x&message=y', 200, 'False'],
  ])('asking for %s is told %i %s', async (path, status, text) => {
    const answer = await curl(path)
    expect([answer.status, answer.body.toString()]).toEqual([status, text])
  })

  test('is told why there is no preseed, and gets no half of one', async () => {
    await client.api('PATCH', '/api/systems/node1', { autoinstall: 'gone.seed' })
    const { status, body } = await curl('/cblr/svc/op/ks/system/node1')
    await client.api('PATCH', '/api/systems/node1', { autoinstall: '<<inherit>>' })
    expect(status).toBe(500)
    expect(body.toString()).toMatch(/^# \*\*\* ERROR \*\*\*\n# preseed "gone\.seed" of system node1 does not exist/)
  })

  test('a look ahead changes nothing', async () => {
    const before = await client.steps()
    await curl('/cblr/svc/op/nopxe/system/node1', '--head')
    expect(await client.steps()).toEqual(before)
    expect(await client.api('GET', '/api/systems/node1')).toMatchObject({ netbootEnabled: true })
  })

  test('is followed through all of its steps', async () => {
    const before = (await client.steps()).length
    await curl(CONFIG)
    await curl(KERNEL)
    await wget('/cblr/svc/op/autoinstall/system/node1')
    expect(await wget('/cblr/svc/op/trig/mode/pre/system/node1')).toBe('True')
    expect(await wget('/cblr/svc/op/progress/system/node1?step=partitioning&message=Making+partitions')).toBe('True')
    expect(await wget('/cblr/svc/op/progress/system/node1?step=late', '--post-data', 'a=b')).toBe('True')
    expect(await wget('/cblr/svc/op/nopxe/system/node1')).toBe('True')
    expect((await curl(CONFIG)).body.toString()).toContain('sanboot')
    // cloud-init's phone_home posts a form.
    const form = ['-d', 'instance_id=0&hostname=node1']
    expect((await curl('/cblr/svc/op/trig/mode/firstboot/system/node1', ...form)).body.toString()).toBe('True')
    expect((await client.steps()).slice(before)).toEqual([
      'config',
      'kernel',
      'preseed',
      'installing',
      'installing',
      'installing',
      'installed',
      'first-boot',
      'ready',
    ])
    expect(await client.api('GET', '/api/systems/node1')).toMatchObject({ netbootEnabled: false })
  })

  test.each(['application/json', 'text/xml', 'multipart/form-data; boundary=x', ''])(
    'may post what it likes as %s, and nothing in it counts',
    async (type) => {
      const { status, body } = await curl(
        '/cblr/svc/op/trig/mode/firstboot/system/node1',
        '-H',
        `Content-Type:${type}`,
        '-d',
        '{',
      )
      expect([status, body.toString()]).toEqual([200, 'True'])
    },
  )

  test('but not without end', async () => {
    const big = join(client.folder, 'big')
    writeFileSync(big, Buffer.alloc(1024 * 1024))
    const sent = curl('/cblr/svc/op/trig/mode/firstboot/system/node1', '--data-binary', `@${big}`)
    // Told while it still sends, or cut off: both are a refusal.
    const status = await sent.then(
      (answer) => answer.status,
      (error: unknown) => (error instanceof ExecError ? 413 : Promise.reject(error)),
    )
    expect(status).toBe(413)
  })

  test('of the simplest kind is served: HTTP/1.0, no Host, no keep-alive', async () => {
    const answer = await client.raw('GET /cblr/svc/op/trig/mode/pre/system/node1 HTTP/1.0\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nTrue$/)
    expect(answer).toMatch(/\r\ncontent-length: 4\r\n/i)
  })
})

test('nothing of all this was an error of the daemon', () => {
  expect(client.daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
})

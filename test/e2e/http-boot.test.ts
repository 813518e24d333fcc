/** What loaders and kernels are over HTTP, fetched by real clients: Debian's own netboot tree, whole, in parts, many at once. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'
import { type BootClient, CONFIG, KERNEL, startBootClient } from './boot-client.ts'

let client: BootClient
let tree: string
let kernel: Buffer

beforeAll(async () => {
  client = await startBootClient(async (folder) => {
    // Only fetched and unpacked: nothing is installed.
    const args = ['download', '-o', 'APT::Sandbox::User=root', 'debian-installer-12-netboot-amd64']
    await exec('apt-get', args, { cwd: folder, timeout: 300_000 })
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? ''
    await exec('dpkg-deb', ['--extract', join(folder, deb), folder], { timeout: 300_000 })
    tree = join(folder, 'usr/lib/debian-installer/images/12')
    return tree
  })
  kernel = readFileSync(join(tree, 'amd64/text/debian-installer/amd64/linux'))
}, 900_000)

const curl: BootClient['curl'] = (path, ...args) => client.curl(path, ...args)

test("Debian's package is imported from where it puts its files, and known again as a tar", async () => {
  const distro = await client.api('GET', '/api/distros/debian-12')
  expect(distro).toMatchObject({ arch: 'x86_64', breed: 'debian', osVersion: 'bookworm', revision: 1 })
  const tar = join(client.folder, 'netboot.tar.gz')
  await exec('tar', ['--create', '--gzip', `--file=${tar}`, '-C', join(tree, 'amd64/text'), '.'], { timeout: 300_000 })
  expect(await client.api('POST', '/api/import', { path: tar, name: 'debian-12' })).toMatchObject({ changed: false })
})

describe('a kernel', () => {
  test('comes whole, with its length, and is kept by its tag', async () => {
    const { status, head, body } = await curl(KERNEL)
    expect(status).toBe(200)
    expect(body.equals(kernel)).toBe(true)
    expect(head).toMatch(/^content-type: application\/octet-stream/im)
    expect(head).toMatch(/^accept-ranges: bytes/im)
    expect(head).not.toMatch(/transfer-encoding/i)
    const etag = /^etag: (.*)\r$/im.exec(head)?.[1] ?? ''
    expect(await curl(KERNEL, '-H', `If-None-Match: ${etag}`)).toMatchObject({ status: 304, body: Buffer.alloc(0) })
    expect((await curl(KERNEL, '-H', 'If-None-Match: "other"')).status).toBe(200)
  })

  test.each([
    ['0-0', 0, 1],
    ['10-19', 10, 20],
    ['-5', -5, undefined],
    ['100-', 100, undefined],
    ['0-99999999999', 0, undefined],
  ] as const)('comes in part: %s', async (range, start, end) => {
    const { status, head, body } = await curl(KERNEL, '-r', range)
    const wanted = kernel.subarray(start, end)
    expect(status).toBe(206)
    expect(body.equals(wanted)).toBe(true)
    const first = start < 0 ? kernel.length + start : start
    expect(head).toMatch(
      new RegExp(`^content-range: bytes ${first}-${first + wanted.length - 1}/${kernel.length}\\r$`, 'im'),
    )
    expect(head).toMatch(new RegExp(`^content-length: ${wanted.length}\\r$`, 'im'))
  })

  test.each(['99999999999-', '-0'])('has no part %s', async (range) => {
    const { status, head } = await curl(KERNEL, '-H', `Range: bytes=${range}`)
    expect(status).toBe(416)
    expect(head).toMatch(new RegExp(`^content-range: bytes \\*/${kernel.length}\\r$`, 'im'))
  })

  test.each(['bytes=5-2', 'bytes=a-b', 'bytes=-', 'lines=1-2', 'bytes=0-1,4-5', ''])(
    'comes whole where a range says nothing that must be understood: %j',
    async (range) => {
      const { status, body } = await curl(KERNEL, '-H', `Range: ${range}`)
      expect([status, body.length]).toEqual([200, kernel.length])
    },
  )

  test('that was cut off is fetched to its end', async () => {
    const file = join(client.folder, 'resumed')
    writeFileSync(file, kernel.subarray(0, 1_000_000))
    await exec('curl', ['-sS', '-C', '-', '-o', file, `${client.daemon.url}${KERNEL}`])
    expect(readFileSync(file).equals(kernel)).toBe(true)
  })

  test('that changed in between is not continued', async () => {
    const part = await curl(KERNEL, '-r', '5-9', '-H', 'If-Range: "of last week"')
    expect([part.status, part.body.length]).toEqual([200, kernel.length])
  })

  test('is looked at before it is fetched', async () => {
    const before = (await client.steps()).length
    const { status, head } = await curl(KERNEL, '--head')
    expect(status).toBe(200)
    expect(head).toMatch(new RegExp(`^content-length: ${kernel.length}\\r$`, 'im'))
    expect((await client.steps()).length).toBe(before)
  })

  test('is sent to firmware in the words that it knows: GRUB reads "Content-Length" in these letters', async () => {
    const answer = await client.raw(`GET ${KERNEL} HTTP/1.0\r\nHost: x\r\n\r\n`)
    const [head = '', ...body] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toContain(`\r\nContent-Length: ${kernel.length}`)
    expect(head).not.toMatch(/transfer-encoding/i)
    expect(body.join('\r\n\r\n').length).toBe(kernel.length)
  })

  test('is sent to twenty at once, whole to each', async () => {
    const urls = Array.from({ length: 20 }, (_, index) => [
      '-o',
      join(client.folder, `copy${index}`),
      `${client.daemon.url}${KERNEL}`,
    ])
    await exec('curl', ['-sS', '--parallel', '--parallel-immediate', '--parallel-max', '20', ...urls.flat()], {
      timeout: 120_000,
    })
    const sums = urls.map((_, index) =>
      createHash('sha256')
        .update(readFileSync(join(client.folder, `copy${index}`)))
        .digest('hex'),
    )
    expect(new Set(sums)).toEqual(new Set([createHash('sha256').update(kernel).digest('hex')]))
  })

  test('that nobody waits for is not kept open', async () => {
    const open = () => readdirSync(`/proc/${client.daemon.pid}/fd`).length
    const before = open()
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        await exec('curl', ['-s', '--max-filesize', '1000', '-o', '/dev/null', `${client.daemon.url}${KERNEL}`]).catch(
          () => {},
        )
      }),
    )
    await expect.poll(open).toBeLessThanOrEqual(before)
  })
})

describe('a boot config', () => {
  test('is text, made for this machine, and kept by nobody', async () => {
    const { status, head, body } = await curl(CONFIG)
    expect(status).toBe(200)
    expect(body.toString()).toMatch(/^#!ipxe\n/)
    expect(body.toString()).toContain(`kernel ${client.daemon.url}/boot/images/debian-12/linux`)
    expect(head).toMatch(/^content-type: text\/plain;\s?charset=utf-8/im)
    expect(head).toMatch(/^cache-control: no-store/im)
    expect(head).not.toMatch(/^etag/im)
  })

  test('is the same by TFTP, and where a GRUB of UEFI HTTP Boot looks', async () => {
    const byTftp = await exec('curl', ['-sS', `tftp://${client.daemon.tftp}/ipxe/01-52-54-00-77-00-01`])
    expect(byTftp).toBe((await curl(CONFIG)).body.toString())
    expect((await curl('/grub/grub.cfg')).body.toString()).toContain('images/debian-12/linux')
    expect((await curl('/boot/grub/grub.cfg')).body.toString()).toContain('images/debian-12/linux')
  })

  test('is not there for a stranger', async () => {
    expect((await curl('/boot/ipxe/01-52-54-00-99-99-99')).status).toBe(404)
  })
})

test('a loader comes by the name that DHCP gave', async () => {
  await needPackages('shim-signed')
  const { status, head, body } = await curl('/boot/shimx64.efi')
  expect(status).toBe(200)
  expect(head).toMatch(/^content-type: application\/efi/im)
  expect(body.length).toBe(statSync('/usr/lib/shim/shimx64.efi.signed').size)
})

test.each([
  '/boot/../data/orchestra.db',
  '/boot/..%2f..%2forchestra.db',
  '/boot/%2e%2e/%2e%2e/etc/passwd',
  '/boot//etc/passwd',
  '/boot/..%5c..%5corchestra.db',
  '/boot/%00',
  '/boot/%',
  '/boot/%c3%28',
  '/boot/',
  '/boot/images/debian-12/../../../orchestra.db',
  '/EFI/../orchestra.db',
])('there is nothing at %s', async (path) => {
  const { status, body } = await curl(path)
  expect([400, 404]).toContain(status)
  expect(body.toString()).not.toMatch(/SQLite|root:/)
})

test('nothing of all this was an error of the daemon', () => {
  expect(client.daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
})

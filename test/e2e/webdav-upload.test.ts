/** Uploads that are large, that break off, that are too large, and that the daemon does not survive. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { begin } from '../support/raw-http.ts'

const MB = 1024 * 1024

let daemon: Daemon
beforeAll(async () => {
  await needPackages('curl')
  daemon = await startDaemon({ config: { webdav: { quota_bytes: 1100 * MB } } })
})

const drafts = () => readdirSync(join(daemon.data, 'webdav-uploads'))
const bearer = async () => `Authorization: Bearer ${await daemon.token()}`

async function curl(path: string, args: readonly string[]): Promise<number> {
  const token = await bearer()
  // The token on stdin: arguments are for everybody to see.
  const output = await exec(
    'curl',
    ['-sS', '-H', '@-', '-o', '/dev/null', '-w', '%{http_code}', ...args, `${daemon.url}/webdav${path}`],
    { stdin: `${token}\n`, timeout: 150_000 },
  )
  return Number(output)
}

/** Bytes, as Linux counts them: `VmRSS` is now, `VmHWM` the most so far. */
function memory(what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

test('a gigabyte comes and goes in constant memory', async () => {
  const file = join(temporaryFolder(), 'large')
  writeFileSync(file, '')
  // Once before, so that what every first upload takes is not counted.
  truncateSync(file, 16 * MB)
  expect(await curl('/warm', ['-T', file])).toBe(201)
  expect(await curl('/warm', ['-X', 'DELETE'])).toBe(204)
  truncateSync(file, 1024 * MB)
  const before = memory('VmRSS')
  expect(await curl('/large', ['-T', file])).toBe(201)
  expect(statSync(join(daemon.data, 'webdav/large')).size).toBe(1024 * MB)
  expect((memory('VmHWM') - before) / MB).toBeLessThan(80)
  // More than the quota has left, and refused before the bytes come.
  expect(await curl('/second', ['-T', file])).toBe(507)
  expect(await curl('/large', ['-X', 'DELETE'])).toBe(204)
  rmSync(file)
  expect(drafts()).toEqual([])
})

/** Begins a PUT of 64 MB and answers when a part of it is on the disk. */
async function beginUpload(path: string): Promise<Socket> {
  const lines = [`PUT /webdav${path} HTTP/1.1`, 'Host: x', await bearer(), `Content-Length: ${64 * MB}`]
  const folder = join(daemon.data, 'webdav-uploads')
  const half = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (drafts().every((name) => statSync(join(folder, name)).size === 0)) return
      watcher.close()
      resolve()
    })
  })
  const socket = await begin(daemon.url, `${lines.join('\r\n')}\r\n\r\n`)
  socket.write(Buffer.alloc(4 * MB))
  await half
  return socket
}

test('an upload that breaks off leaves nothing, and what was there stays', async () => {
  expect(await curl('/kept', ['-X', 'PUT', '-d', 'old'])).toBe(201)
  const socket = await beginUpload('/kept')
  expect(drafts()).toHaveLength(1)
  socket.destroy()
  await daemon.logged('a client of the store hung up')
  expect(drafts()).toEqual([])
  expect(readFileSync(join(daemon.data, 'webdav/kept'), 'utf8')).toBe('old')
})

test('an upload in chunks of unknown length ends where the quota does', async () => {
  const small = await startDaemon({ config: { webdav: { quota_bytes: 4 * MB, anonymous_write: true } } })
  const file = join(temporaryFolder(), 'large')
  writeFileSync(file, Buffer.alloc(16 * MB))
  const chunked = ['-sS', '-T', file, '-H', 'Transfer-Encoding: chunked', '-w', '%{http_code}']
  expect(await exec('curl', [...chunked, `${small.url}/webdav/endless`])).toMatch(/507$/)
  expect(readdirSync(join(small.data, 'webdav-uploads'))).toEqual([])
  expect(readdirSync(join(small.data, 'webdav'))).toEqual(['formulas'])
  await small.stop()
})

test('a daemon that is killed in an upload shows no half file, and clears it away', async () => {
  const socket = await beginUpload('/half')
  await daemon.kill9()
  socket.destroy()
  expect(drafts()).toHaveLength(1)
  expect(readdirSync(join(daemon.data, 'webdav'))).not.toContain('half')
  await daemon.restart()
  expect(drafts()).toEqual([])
  expect(await curl('/half', [])).toBe(404)
  expect(await curl('/kept', [])).toBe(200)
})

/** The TFTP server against the clients that people run: curl, atftp, tftp-hpa, busybox. Every file arrives as it is. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { type ExecError, exec } from '../../src/lib/exec.ts'
import { openBelow } from '../../src/lib/files.ts'
import type { TransferReport } from '../../src/tftp/report.ts'
import { startTftp, type TftpServer } from '../../src/tftp/server.ts'
import { needPackages } from '../support/debian.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-tftp-'))
const root = join(folder, 'root')
const large = { name: 'large.bin', size: 200_000_000, sha256: '' }
const medium = { name: 'boot/initrd.gz', sha256: '' }
const text = 'one line\nand\rone\r\nmore\n\n'
const reports: TransferReport[] = []
const warnings: string[] = []
let server: TftpServer

beforeAll(async () => {
  await needPackages('curl', 'atftp', 'tftp-hpa', 'busybox')
  mkdirSync(join(root, 'boot'), { recursive: true })
  large.sha256 = await writeRandom(join(root, large.name), large.size)
  medium.sha256 = await writeRandom(join(root, medium.name), 3_000_000)
  writeFileSync(join(root, 'empty'), '')
  writeFileSync(join(root, 'two-blocks'), Buffer.alloc(1024, 'x'))
  writeFileSync(join(root, 'text.cfg'), text)
  writeFileSync(join(folder, 'secret'), 'secret')
  symlinkSync('../secret', join(root, 'link-out'))
  symlinkSync('text.cfg', join(root, 'link-in'))
  server = await startTftp({
    listen: { address: '127.0.0.1', port: 0 },
    open: (path) => openBelow(root, path),
    clock: systemClock,
    log: pino({ level: 'warn' }, { write: (line) => void warnings.push(line) }),
    onTransfer: (report) => void reports.push(report),
  })
})

afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function writeRandom(path: string, size: number): Promise<string> {
  const hash = createHash('sha256')
  for (let left = size; left > 0; ) {
    const part = randomBytes(Math.min(left, 8_000_000))
    hash.update(part)
    await appendFile(path, part)
    left -= part.length
  }
  return hash.digest('hex')
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}

let outs = 0
const out = () => join(folder, `out-${++outs}`)
const MINUTES = { timeout: 170_000 }

/** Each fetches a file to a local path. */
type Client = (name: string, to: string) => Promise<unknown>

const curl =
  (...options: string[]): Client =>
  (name, to) =>
    exec('curl', ['-sS', '--path-as-is', ...options, '-o', to, `tftp://127.0.0.1:${server.port}/${name}`], MINUTES)

const atftp =
  (...options: string[]): Client =>
  (name, to) =>
    exec(
      'atftp',
      ['-g', '-r', name, '-l', to, ...options.flatMap((option) => ['--option', option]), '127.0.0.1', `${server.port}`],
      MINUTES,
    )

const hpa =
  (mode: string): Client =>
  (name, to) =>
    exec('tftp', ['-m', mode, '127.0.0.1', `${server.port}`, '-c', 'get', name, to], MINUTES)

const busybox =
  (...options: string[]): Client =>
  (name, to) =>
    exec('busybox', ['tftp', '-g', '-r', name, '-l', to, ...options, '127.0.0.1', `${server.port}`], MINUTES)

const CLIENTS: readonly [string, Client][] = [
  ['curl', curl()],
  ['curl with large blocks', curl('--tftp-blksize', '1468')],
  ['curl with the largest blocks', curl('--tftp-blksize', '65464')],
  ['curl with the smallest blocks', curl('--tftp-blksize', '8')],
  ['curl without options', curl('--tftp-no-options')],
  ['atftp', atftp()],
  ['atftp with blksize', atftp('blksize 1428')],
  ['atftp with a window', atftp('blksize 1428', 'windowsize 8')],
  ['atftp with a window of small blocks', atftp('windowsize 64')],
  ['atftp with every option', atftp('blksize 1024', 'windowsize 4', 'tsize 0', 'timeout 2')],
  ['tftp-hpa', hpa('octet')],
  ['busybox tftp', busybox()],
  ['busybox tftp with large blocks', busybox('-b', '1468')],
]

describe.each(CLIENTS)('%s', (client, fetch) => {
  test('gets a file as it is', async () => {
    const name = client.includes('smallest') ? 'two-blocks' : medium.name
    const to = out()
    await fetch(name, to)
    expect(await sha256(to)).toBe(await sha256(join(root, name)))
  })

  test('gets a file whose size is a whole number of blocks', async () => {
    const to = out()
    await fetch('two-blocks', to)
    expect((await readFile(to)).length).toBe(1024)
  })
})

test('tftp-hpa gets a text in netascii, and has the same lines again', async () => {
  const to = out()
  await hpa('netascii')('text.cfg', to)
  expect(await readFile(to, 'latin1')).toBe(text)
})

test('an empty file arrives empty', async () => {
  // Not by curl: it calls an empty file an error, whoever sends it.
  const to = out()
  await atftp()('empty', to)
  expect(await readFile(to, 'latin1')).toBe('')
})

test('a file of more than 65,535 blocks arrives whole', async () => {
  const ways: Client[] = [curl('--tftp-blksize', '1468'), atftp('blksize 1024', 'windowsize 16')]
  for (const fetch of ways) {
    const to = out()
    await fetch(large.name, to)
    expect(await sha256(to)).toBe(large.sha256)
    rmSync(to)
  }
})

test('thirty clients at once all have what they asked for', async () => {
  const before = reports.length
  const kinds: Client[] = [curl('--tftp-blksize', '1468'), atftp('windowsize 8'), busybox('-b', '1024')]
  const fetched = Array.from({ length: 30 }, async (_, index) => {
    const to = out()
    await kinds[index % kinds.length]?.(medium.name, to)
    return sha256(to)
  })
  for (const sum of await Promise.all(fetched)) expect(sum).toBe(medium.sha256)
  expect(reports.slice(before).filter(({ outcome }) => outcome === 'done').length).toBe(30)
})

describe('what is not there or not below the root', () => {
  const code = (name: string) =>
    curl()(name, out()).then(
      () => 0,
      (error: ExecError) => error.code,
    )
  const [NOT_FOUND, DENIED] = [68, 69]

  test('a link that stays below the root is followed', async () => {
    expect(await code('link-in')).toBe(0)
  })

  test.each([
    'nothing-here',
    '../secret',
    'boot/../../secret',
    '%2e%2e/secret',
    '..%2fsecret',
    `/${folder}/secret`,
    '/etc/passwd',
    'link-out',
    'boot',
    'boot/',
    './text.cfg',
  ])('%s is not found', async (name) => {
    expect(await code(name)).toBe(NOT_FOUND)
  })

  test.each(['..%5csecret', 'boot%5cinitrd.gz'])('%s is refused', async (name) => {
    expect(await code(name)).toBe(DENIED)
  })

  test('an upload is refused', async () => {
    const upload = exec('curl', ['-sS', '-T', join(folder, 'secret'), `tftp://127.0.0.1:${server.port}/new`])
    await expect(upload).rejects.toMatchObject({ code: DENIED })
  })
})

test('none of it was worth a warning', () => {
  expect(warnings).toEqual([])
})

/**
 * TFTP beside tftpd-hpa: the same files by the same clients, in turns, each server a process of its own on the
 * loopback. Run as root: `sh devenv/with-node test/bench/tftp.ts [rounds] [words of a name]`. The clients run on the
 * same machine, so only the ratio says something; the best of the rounds counts, since whatever else runs only makes a
 * round slower.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { systemClock } from '../../src/lib/clock.ts'
import { exec } from '../../src/lib/exec.ts'
import { openBelow } from '../../src/lib/files.ts'
import { startTftp } from '../../src/tftp/server.ts'
import { needPackages } from '../support/debian.ts'

const FILE = { name: 'initrd.gz', size: 60_000_000 }
const SMALL = { name: 'small.gz', size: 10_000_000 }
const TARGET = 0.75

type Work = (port: number, to: string) => Promise<unknown>
const curl =
  (file: string, ...options: string[]): Work =>
  (port, to) =>
    exec('curl', ['-sS', ...options, '-o', to, `tftp://127.0.0.1:${port}/${file}`], { timeout: 120_000 })
const atftp =
  (file: string, ...options: string[]): Work =>
  (port, to) => {
    const asked = options.flatMap((option) => ['--option', option])
    return exec('atftp', ['-g', '-r', file, '-l', to, ...asked, '127.0.0.1', `${port}`], { timeout: 120_000 })
  }

const WORKS: readonly [string, number, Work][] = [
  ['curl, blksize 1468', FILE.size, curl(FILE.name, '--tftp-blksize', '1468')],
  ['curl, no options (512)', FILE.size, curl(FILE.name, '--tftp-no-options')],
  ['atftp, blksize 1428', FILE.size, atftp(FILE.name, 'blksize 1428')],
  ['atftp, blksize 1428, windowsize 16', FILE.size, atftp(FILE.name, 'blksize 1428', 'windowsize 16')],
  [
    '30 curl at once, blksize 1468',
    30 * SMALL.size,
    (port, to) =>
      Promise.all(Array.from({ length: 30 }, (_, i) => curl(SMALL.name, '--tftp-blksize', '1468')(port, `${to}-${i}`))),
  ],
]

if (process.argv[2] === 'serve') await serve(process.argv[3] ?? '')
else await compare(Number(process.argv[2] ?? 10), process.argv[3] ?? '')

/** This program again, as the server. */
async function serve(root: string): Promise<void> {
  const server = await startTftp({
    listen: { address: '127.0.0.1', port: 0 },
    open: (path) => openBelow(root, path),
    clock: systemClock,
    log: pino({ level: 'warn' }),
  })
  process.stdout.write(`${server.port}\n`)
}

async function compare(rounds: number, words: string): Promise<void> {
  await needPackages('tftpd-hpa', 'curl', 'atftp')
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
  const root = join(folder, 'root')
  mkdirSync(root)
  for (const { name, size } of [FILE, SMALL]) writeFileSync(join(root, name), randomBytes(size))
  const children: ChildProcess[] = []
  try {
    const ours = await startOurs(root, children)
    const hpa = await startHpa(root, children)
    const to = join(folder, 'out')
    process.stdout.write(`${'MB/s, the best of each'.padEnd(36)} Orchestra  tftpd-hpa  ratio\n`)
    for (const [name, size, work] of WORKS.filter(([name]) => name.includes(words))) {
      const best = { ours: Number.POSITIVE_INFINITY, hpa: Number.POSITIVE_INFINITY }
      for (let round = 0; round < rounds; round++) {
        best.ours = Math.min(best.ours, await timed(() => work(ours.port, to)))
        best.hpa = Math.min(best.hpa, await timed(() => work(hpa, to)))
      }
      const speed = (ms: number) => (size / ms / 1000).toFixed(1).padStart(9)
      const ratio = (best.hpa / best.ours).toFixed(2)
      process.stdout.write(`${name.padEnd(36)} ${speed(best.ours)}  ${speed(best.hpa)}  ${ratio.padStart(5)}\n`)
    }
    process.stdout.write(
      `target: ${TARGET} for one client in lock-step; resident ${residentMiB(ours.pid)} MiB at most\n`,
    )
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function startOurs(root: string, children: ChildProcess[]): Promise<{ port: number; pid: number }> {
  const child = spawn(process.execPath, [import.meta.filename, 'serve', root], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  return { port: Number(line), pid: child.pid ?? 0 }
}

async function startHpa(root: string, children: ChildProcess[]): Promise<number> {
  const port = await freePort()
  const options = ['--foreground', '--listen', '--address', `127.0.0.1:${port}`, '-u', 'root', '--secure', root]
  children.push(spawn('in.tftpd', options, { stdio: 'inherit' }))
  // It says nothing when it listens: ask until it answers.
  for (let tries = 0; tries < 50; tries++) {
    const answer = curl('nothing-here')(port, '/dev/null')
    const isUp = await Promise.race([answer.catch((error: { code?: unknown }) => error.code === 68), wait(100, false)])
    if (isUp === true) return port
  }
  throw new Error('in.tftpd does not answer')
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

function residentMiB(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}

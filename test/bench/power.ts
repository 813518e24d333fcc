/**
 * How soon the power of 1,000 machines is known: their BMCs asked by the IPMI driver, from one socket, beside one process
 * of ipmitool for each. Run by hand: `npm run bench:power`, or `npm run bench:power -- 200` for fewer machines.
 *
 * The BMCs are those of the tests, with a socket each, in a process of their own: on a machine of two cores they take one
 * of them. ipmitool asks some of the same, as many at once as there are cores, and its time is scaled.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { exec } from '../../src/lib/exec.ts'
import type { PowerTarget } from '../../src/power/driver.ts'
import { createIpmiDriver } from '../../src/power/drivers/ipmi.ts'
import { startBmc } from '../support/bmc/start.ts'
import { needPackages } from '../support/debian.ts'

/** Seconds and MiB that must not be passed. */
const TARGET = { seconds: 10, resident: 150 }
/** Asked by ipmitool, of all. */
const SAMPLE = 50

interface Round {
  readonly label: string
  readonly seconds: number
}

interface Polled {
  readonly rounds: readonly Round[]
  readonly on: number
  /** MiB: before the first question, and the most of all. */
  readonly start: number
  readonly most: number
  /** Seconds of processor time for the first round. */
  readonly processor: number
}

const [, , first = '1000', second = ''] = process.argv
if (first === 'herd') await herd(Number(second))
else if (first === 'poll') await poll()
else await compare(Number(first))

/** This program again, as the BMCs. Every third machine is on. */
async function herd(count: number): Promise<void> {
  const bmcs = await Promise.all(Array.from({ length: count }, (_, i) => startBmc({ isOn: i % 3 === 0 })))
  process.stdout.write(`${JSON.stringify(bmcs.map(({ port }) => port))}\n`)
}

/** This program again, as the one that asks: the ports come on standard input. */
async function poll(): Promise<void> {
  const [line] = (await once(createInterface(process.stdin), 'line')) as [string]
  const driver = createIpmiDriver()
  const targets = (JSON.parse(line) as number[]).map(targetOf)
  const tools = { exec, signal: AbortSignal.timeout(120_000) }
  const look = (target: PowerTarget) => driver.state(target, tools)
  const rounds: Round[] = []
  let on = 0
  async function round(label: string): Promise<void> {
    const began = performance.now()
    const states = await Promise.all(targets.map(look))
    rounds.push({ label, seconds: (performance.now() - began) / 1000 })
    on = states.filter((state) => state === 'on').length
  }
  const start = residentMiB('VmRSS')
  const before = process.cpuUsage()
  await round('first round: each session is opened')
  const { user, system } = process.cpuUsage(before)
  for (let i = 2; i <= 3; i++) await round(`round ${i}: the same sessions`)
  await driver.close?.()
  await round('all sessions closed, and a first round again')
  await driver.close?.()
  const polled: Polled = { rounds, on, start, most: residentMiB('VmHWM'), processor: (user + system) / 1e6 }
  process.stdout.write(`${JSON.stringify(polled)}\n`)
}

async function compare(count: number): Promise<void> {
  await needPackages('ipmitool')
  const children: ChildProcess[] = []
  try {
    const ports = JSON.parse(await lineOf(start(children, 'herd', `${count}`))) as number[]
    const poller = start(children, 'poll')
    poller.stdin?.end(`${JSON.stringify(ports)}\n`)
    const polled = JSON.parse(await lineOf(poller)) as Polled
    if (polled.on !== Math.ceil(count / 3)) throw new Error(`${polled.on} machines were seen on`)
    const process = await ipmitools(ports.slice(0, SAMPLE), count)
    print(count, polled, process)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** Seconds that one process for each would take, as many at once as there are cores. */
async function ipmitools(ports: readonly number[], count: number): Promise<number> {
  const began = performance.now()
  await each(ports, cpus().length, (port) => {
    const where = ['-I', 'lanplus', '-C', '17', '-H', '127.0.0.1', '-p', `${port}`, '-U', 'admin', '-E']
    return exec('ipmitool', [...where, 'chassis', 'power', 'status'], { env: { IPMI_PASSWORD: 'secret' } })
  })
  return (((performance.now() - began) / 1000) * count) / ports.length
}

function print(count: number, { rounds, start, most, processor }: Polled, process: number): void {
  const [cpu] = cpus()
  const write = (text: string) => globalThis.process.stdout.write(`${text}\n`)
  write(`${count.toLocaleString('en')} BMCs, suite 17, ${cpus().length} × ${cpu?.model.trim()}\n`)
  write('| | seconds | machines a second | against ipmitool |\n| --- | --- | --- | --- |')
  const row = (label: string, seconds: number) =>
    write(`| ${label} | ${seconds.toFixed(2)} | ${Math.round(count / seconds)} | ${(process / seconds).toFixed(1)}× |`)
  for (const { label, seconds } of rounds) row(label, seconds)
  row(`a process of ipmitool each (${Math.min(SAMPLE, count)}, scaled)`, process)
  const slowest = Math.max(...rounds.map(({ seconds }) => seconds))
  const met = slowest < TARGET.seconds && most < TARGET.resident
  write(
    `\nresident ${start} MiB before, ${most} MiB at most; ${processor.toFixed(2)} s of processor in the first round`,
  )
  write(`target: each round in ${TARGET.seconds} s, ${TARGET.resident} MiB: ${met ? 'met' : 'NOT MET'}`)
  if (!met) globalThis.process.exitCode = 1
}

/** In order, so many at once. */
async function each<In, Out>(list: readonly In[], atOnce: number, run: (one: In) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = []
  let next = 0
  const hand = async () => {
    for (let i = next++; i < list.length; i = next++) out[i] = await run(list[i] as In)
  }
  await Promise.all(Array.from({ length: atOnce }, hand))
  return out
}

function targetOf(port: number): PowerTarget {
  const power = { type: 'ipmi', address: `127.0.0.1:${port}`, user: 'admin', pass: 'secret', id: '', options: '' }
  return { name: `node${port}`, macs: [], power }
}

function start(children: ChildProcess[], ...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

async function lineOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the child has no output')
  const [line] = (await once(createInterface(stdout), 'line')) as [string]
  return line
}

function residentMiB(which: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`${which}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}

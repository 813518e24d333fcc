/** However the lab ends, its machines, its daemon and its network end with it, and so do its files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const LAB = resolve(import.meta.dirname, '../../devenv/lab.ts')
const MINUTES = 60_000

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGKILL')
})

interface RunningLab {
  readonly process: ChildProcess
  readonly folder: string
  said(): string
}

/** Answers when a machine of the lab is on its way. */
async function startProgram(args: readonly string[]): Promise<RunningLab> {
  const started = spawn(process.execPath, [LAB, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let text = ''
  const underWay = Promise.withResolvers<void>()
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => {
      text += part
      if (/✓ .* DHCP/.test(text)) underWay.resolve()
    })
  }
  started.once('close', () => underWay.reject(new Error(`the lab ended: ${text}`)))
  await underWay.promise
  const folder = /(\S*orchestra-lab-\w+)\/env/.exec(text)?.[1]
  if (!folder) throw new Error(`the lab named no folder: ${text}`)
  return { process: started, folder, said: () => text }
}

/** The programs that run with this folder in an argument. */
function programsOf(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words.some((word) => word.includes(folder)) ? [`${pid} ${words[0]}`] : []
    } catch {
      return [] // it ended meanwhile
    }
  })
}

test('killed without a last word, the lab leaves nothing behind', { timeout: 5 * MINUTES }, async () => {
  const lab = await startProgram([])
  // QEMU, the daemon and what holds them in their namespaces.
  expect(programsOf(lab.folder).length).toBeGreaterThan(3)
  lab.process.kill('SIGKILL')
  await expect.poll(() => programsOf(lab.folder), { timeout: 20_000 }).toEqual([])
  await expect.poll(() => existsSync(lab.folder), { timeout: 20_000 }).toBe(false)
})

test('with the first process of its namespaces killed, all others are gone too', { timeout: 5 * MINUTES }, async () => {
  const lab = await startProgram(['--once'])
  const closed = once(lab.process, 'close')
  const holder = programsOf(lab.folder).find((line) => line.endsWith('unshare'))
  process.kill(Number(holder?.split(' ')[0]), 'SIGKILL')
  await expect.poll(() => programsOf(lab.folder), { timeout: 20_000 }).toEqual([])
  expect(await closed).toEqual([1, null])
  expect(lab.said()).toContain('the lab has ended')
  expect(existsSync(lab.folder)).toBe(false)
})

test('told to end, the lab takes everything down and says so', { timeout: 5 * MINUTES }, async () => {
  const lab = await startProgram(['--once'])
  const closed = once(lab.process, 'close')
  lab.process.kill('SIGINT')
  expect(await closed).toEqual([130, null])
  expect(lab.said()).toContain('Taking the lab down')
  expect(programsOf(lab.folder)).toEqual([])
  expect(existsSync(lab.folder)).toBe(false)
})

/** `orchestra devenv storm`: the wire under a whole machine room that is turned on at once, with a live picture. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Say } from '../backend.ts'
import { CACHE } from '../lab-run.ts'
import { needLabPackages } from '../packages.ts'
import { pictureOf } from './picture.ts'
import type { StormLook } from './storm.ts'

const MOST = 16_000

/** Answers 0 when every machine has booted, else 1. */
export async function storm(nodes: number, seconds: number, say: Say): Promise<number> {
  if (process.getuid?.() !== 0) throw new Error('a storm has networks of its own, and those need root: sudo')
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST) throw new Error(`--nodes is a number from 1 to ${MOST}`)
  if (!(seconds >= 0 && seconds <= 3600)) throw new Error('--seconds is a number from 0 to 3600')
  await needLabPackages(say)
  const world = join(import.meta.dirname, 'world.ts')
  const apart = ['--net', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child=SIGKILL']
  const args = [...apart, process.execPath, world, `${nodes}`, `${seconds}`, CACHE]
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const interrupt = () => void child.kill('SIGTERM')
  process.once('SIGINT', interrupt)
  const isTty = process.stdout.isTTY
  let drawn = 0
  const draw = (lines: readonly string[]) => {
    process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}F\x1b[J` : ''}${lines.join('\n')}\n`)
    drawn = lines.length
  }
  let last: StormLook | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { look, memory } = JSON.parse(line) as { look?: StormLook; memory?: number }
    if (look) last = look
    if (look && isTty) draw(pictureOf(look))
    if (memory === undefined) return
    if (last && !isTty) for (const one of pictureOf(last)) say(one)
    say(`the daemon has ${Math.round(memory / 1024 / 1024)} MB in memory`)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  process.off('SIGINT', interrupt)
  return code ?? 1
}

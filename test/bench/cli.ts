/**
 * How long a command takes from nothing: `node test/bench/cli.ts [times]`. The daemon runs beside it, so on a machine with
 * two processors a busy neighbor shows; the least of the times is what the command needs.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'

const TIMES = Number(process.argv[2] ?? 20)
const ROOT = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
for (const name of ['orchestra', 'cobbler']) symlinkSync(join(ROOT, 'devenv/with-node'), join(folder, name))

const env = {
  PATH: `${folder}:${process.env['PATH']}`,
  HOME: folder,
  ORCHESTRA_DATA: join(folder, 'data'),
  ORCHESTRA_HTTP__LISTEN: '127.0.0.1:0',
  ORCHESTRA_TFTP__LISTEN: '127.0.0.1:0',
  ORCHESTRA_SYSLOG__LISTEN: '127.0.0.1:0',
  ORCHESTRA_LOG__FORMAT: 'json',
}

const daemon = spawn('orchestra', ['serve', '--config', '/dev/null'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
try {
  let text = ''
  for await (const part of daemon.stdout) {
    text += String(part)
    if (text.includes('"ready:')) break
  }
  for (const name of ['class-1', 'class-2']) run(['orchestra', 'mgmtclass', 'add', `--name=${name}`])

  console.log(`${TIMES} times each, milliseconds    least  median    most`)
  for (const line of [
    `${process.execPath} -e 0`,
    'orchestra --help',
    'orchestra system add --help',
    'orchestra list',
    'cobbler mgmtclass report --name=class-1',
    'orchestra __complete -- mgmtclass report --name=',
  ]) {
    run(line.split(' '))
    const times = Array.from({ length: TIMES }, () => run(line.split(' '))).sort((a, b) => a - b)
    const shown = [times[0], times[times.length >> 1], times.at(-1)].map((time = 0) => time.toFixed(0).padStart(8))
    console.log(line.replace(process.execPath, 'node').padEnd(52).slice(0, 52) + shown.join(''))
  }
} finally {
  daemon.kill('SIGTERM')
  await once(daemon, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

/** Answers how long it took. */
function run([program = '', ...args]: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return performance.now() - start
}

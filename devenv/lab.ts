/**
 * `npm run lab`: a daemon and virtual machines in a network of their own, and one of them shown on its way from power-on to
 * its first boot. This file is the terminal program; the lab itself is lab-run.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDoor } from './expose.ts'
import { FAULTS, type FaultName } from './faults.ts'
import { LabFailure, type Moment, type NodeHandle } from './lab-node.ts'
import { findRunningLab, type Lab, type Loader, startLab } from './lab-run.ts'
import { DEADLINE, LAB_USER, PROFILES, type ProfileName } from './nodes.ts'
import { type Progress, type Screen, showProgress } from './progress.ts'
import { type NodeFirmware, readLabSettings } from './settings.ts'

const HELP = `npm run lab -- [options]
npm run lab -- environments

Installs a virtual machine through Orchestra, in a network of its own that ends with the lab. The second prints, while a lab
runs, the environments.yaml by which an Ensemble or Juju client of 2011 bootstraps in it.

  --node NAME       the machine to install (${readLabSettings()
    .nodes.map(({ name }) => name)
    .join(', ')}); node01 unless told
  --firmware KIND   bios or uefi; else the machine's own
  --loader NAME     pxelinux, ipxe or grub; else the daemon's own choice
  --profile NAME    mini (seconds; the default), debian (a real Debian 13, streamed as an image: two minutes), debian-13 or
                    debian-12 (the real debian-installer: a quarter of an hour)
  --password WORD   of the administrator ${LAB_USER}, as "cobbler" in an old client's file; made up unless told
  --mirror URL      where they take their packages from
  --again           when it is ready, power it again: it must boot from its disk
  --reinstall       then turn netboot on and power it again: it must be installed anew
  --fault NAME      let something go wrong, and see what the verdict is (${Object.keys(FAULTS).join(', ')})
  --once            end when all that is done, with exit code 0, or with the last evidence and 1
  --keep            keep the lab's files when it failed
  --verbose         show repeated steps too
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: 'node01' },
    firmware: { type: 'string' },
    loader: { type: 'string' },
    profile: { type: 'string', default: 'mini' },
    mirror: { type: 'string' },
    password: { type: 'string' },
    again: { type: 'boolean', default: false },
    reinstall: { type: 'boolean', default: false },
    fault: { type: 'string' },
    once: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (sentence: string) => void process.stdout.write(`${sentence}\n`)

const screen: Screen = {
  write: (text) => void process.stdout.write(text),
  isTty: process.stdout.isTTY,
  get columns() {
    return process.stdout.columns || 80
  },
  now: () => performance.now(),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds)
    return () => clearInterval(timer)
  },
}

const interrupted = new AbortController()
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
})

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [command, ...more] = positionals
  if (command === 'environments' && more.length === 0) return await printEnvironments()
  if (command !== undefined)
    throw new Error(`"${command}" is no command of the lab; npm run lab -- --help tells of them`)
  const profile = oneOf('profile', values.profile, PROFILES) ?? 'mini'
  const firmware: NodeFirmware | undefined = oneOf('firmware', values.firmware, ['bios', 'uefi'] as const)
  const loader: Loader | undefined = oneOf('loader', values.loader, ['pxelinux', 'ipxe', 'grub'] as const)
  const fault = oneOf('fault', values.fault, Object.keys(FAULTS) as FaultName[])
  const stopped = onInterrupt()
  const lab = await startLab({
    profile,
    say,
    ...(firmware && { firmware }),
    ...(loader && { loader }),
    ...(values.mirror && { mirror: values.mirror }),
    // With a tenth of the patience a verdict comes while one looks on.
    ...(fault && { faults: true, patience: 0.1 }),
    ...(values.password && { password: values.password }),
    signal: interrupted.signal,
  })
  const door = await openDoor(lab.gateway, 8080)
  let code = 0
  try {
    introduce(lab, door.url)
    const node = lab.node(values.node)
    const installed = fault ? suffer(node, lab, fault) : demonstrate(node, lab, profile)
    code = await Promise.race([installed, stopped])
    if (!values.once && !interrupted.signal.aborted) await idle(stopped)
  } finally {
    door.close()
    const keep = code !== 0 && values.keep
    await lab.stop({ keep })
    if (keep) say(`The lab's files are in ${lab.folder}`)
  }
  return code
}

async function printEnvironments(): Promise<number> {
  const folder = await findRunningLab()
  if (folder === undefined) throw new Error('no lab runs; start one with: npm run lab')
  process.stdout.write(readFileSync(join(folder, 'environments.yaml'), 'utf8'))
  return 0
}

function oneOf<Word extends string>(name: string, given: string | undefined, words: readonly Word[]): Word | undefined {
  const found = words.find((word) => word === given)
  if (given !== undefined && found === undefined)
    throw new Error(`--${name} is one of ${words.join(', ')}, not "${given}"`)
  return found
}

function introduce(lab: Lab, url: string): void {
  const environment = join(lab.folder, 'env')
  writeFileSync(environment, `export ORCHESTRA_SERVER=${url}\nexport ORCHESTRA_TOKEN=${lab.api.token}\n`, {
    mode: 0o600,
  })
  say('')
  say(`Orchestra in the lab   ${url}/         (user ${LAB_USER}, password ${lab.password})`)
  say(`Is it alive?           ${url}/healthz`)
  say(`Command line           . ${environment}; npm run orchestra -- system list`)
  say(`Ensemble and Juju      ${join(lab.folder, 'environments.yaml')}`)
  say(`Machines               ${lab.nodes.map(({ name }) => name).join(', ')}; their consoles: ${lab.folder}/NODE.log`)
  say('')
}

/** Everything that was asked for, on one machine; answers the exit code. */
async function demonstrate(node: NodeHandle, lab: Lab, profile: ProfileName): Promise<number> {
  const { name } = node
  const rounds: [string, () => Promise<void>, (from: Moment) => Promise<unknown>][] = [
    [`${name} is powered on`, () => node.power('on'), (from) => node.until('ready', from, DEADLINE[profile])],
  ]
  if (values.again)
    rounds.push([
      `${name} is powered again and must boot from its disk`,
      () => node.power('reboot'),
      (from) => node.says(profile === 'mini' ? 'orchestra-mini: up' : `${name} login:`, from, DEADLINE[profile]),
    ])
  if (values.reinstall) {
    const netbootAndPower = async () => {
      await lab.api.call('PATCH', `/api/systems/${name}`, { netbootEnabled: true })
      await node.power('reboot')
    }
    rounds.push([
      `${name} is to be installed anew`,
      netbootAndPower,
      (from) => node.until('ready', from, DEADLINE[profile]),
    ])
  }
  for (const [title, begin, reach] of rounds) {
    const begun = performance.now()
    if (!(await round(node, lab, title, begin, reach))) return 1
    say(`${name} is ready after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  }
  return 0
}

/** Lets something go wrong, and answers 0 when the verdict is the right one. */
async function suffer(node: NodeHandle, lab: Lab, name: FaultName): Promise<number> {
  const { does, verdict } = FAULTS[name]
  await lab.inject(name, node.name)
  say(`${node.name} is powered on, and ${does}`)
  // The order itself may be what fails.
  await node.power('on').catch(() => {})
  while (!interrupted.signal.aborted) {
    const [boot] = (await lab.api.call('GET', `/api/systems/${node.name}/boots?limit=1`)) as BootTold[]
    // On the way to some faults others are seen.
    const isRight = boot?.verdict.verdict === verdict
    const isLate = boot?.verdict.fault === true && boot.seen < Date.now() - DEADLINE.mini * 1000
    if (boot && (isRight || isLate)) {
      const { says, missing, next } = boot.verdict
      say(missing === null ? `${says}\n` : `${says}\n  missing: ${missing}\n  next: ${next}\n`)
      return isRight ? 0 : 1
    }
    await wait(500)
  }
  return 1
}

interface BootTold {
  readonly seen: number
  readonly verdict: { verdict: string; fault: boolean; says: string; missing: string | null; next: string | null }
}

/** One boot, shown as it goes. A kernel that panics is given one more try: QEMU's emulation is not always sound. */
async function round(
  node: NodeHandle,
  lab: Lab,
  title: string,
  begin: () => Promise<void>,
  reach: (from: Moment) => Promise<unknown>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    say(title)
    const progress = showProgress(screen, values.verbose)
    const stop = follow(lab, node.name, progress)
    const from = node.now()
    try {
      await (attempt === 1 ? begin() : node.power('reboot'))
      await reach(from)
      progress.done('')
      return true
    } catch (error) {
      if (interrupted.signal.aborted) return false
      const sentence = error instanceof Error ? error.message : String(error)
      const again = attempt === 1 && error instanceof LabFailure && sentence.includes('Kernel panic')
      progress.failed(again ? 'the kernel panicked, as it does at times in emulation; once more' : sentence)
      if (!again) return false
    } finally {
      stop()
    }
  }
}

function follow(lab: Lab, system: string, progress: Progress): () => void {
  return lab.api.events.on(({ name, payload }) => {
    if (name === 'boot.step' && 'step' in payload && payload.system === system)
      progress.reached(payload.step, payload.because)
  })
}

async function idle(stopped: Promise<unknown>): Promise<void> {
  say('The lab goes on until Ctrl-C.')
  await stopped
}

/** The first Ctrl-C ends everything in order, the second at once. */
function onInterrupt(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (interrupted.signal.aborted) process.exit(130)
        interrupted.abort()
        say('\nTaking the lab down …')
        resolve(values.once ? 130 : 0)
      })
    }
  })
}

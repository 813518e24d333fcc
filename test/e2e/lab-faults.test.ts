/**
 * What goes wrong is named: faults are injected into the lab, one after the other on each machine, real firmware and a real
 * installer run into them, and the verdict on each boot is the right one; with the fault undone, the machine is installed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAULTS, type FaultName } from '../../devenv/faults.ts'
import { type Lab, startLab } from '../../devenv/lab-run.ts'
import type { Boot } from '../support/boot-answer.ts'

const MINUTES = 60_000

let lab: Lab
beforeAll(async () => {
  // A twentieth of what is waited for usually: three seconds for a boot config, 45 for a silent installer.
  lab = await startLab({ faults: true, patience: 0.05 })
})
afterAll(() => lab?.stop())

/** What is run on each machine, in this order; beside what the others run. */
const PLAN: Readonly<Record<string, readonly FaultName[]>> = {
  node01: ['unplugged', 'dhcp-dropped', 'kernel-gone', 'no-driver', 'installer-asks', 'deaf-bmc', 'dead-bmc'],
  node02: ['loader-blocked', 'loader-gone', 'loader-broken', 'never-rebooted'],
  node03: ['other-dhcp', 'large-packets-lost', 'preseed-broken', 'late-command-fails', 'disk-full', 'no-late-command'],
}
/** What a machine must come through. */
const HARDSHIPS = { node01: 'daemon-killed', node03: 'dhcp-delayed' } as const

const SECONDS: Partial<Record<FaultName, number>> = { 'no-late-command': 240, 'installer-asks': 200 }

const lastBoot = async (node: string) =>
  ((await lab.api.call('GET', `/api/systems/${node}/boots?limit=1`)) as Omit<Boot, 'entries'>[])[0]

/** Polls as a person looks: what else is said on the way goes into the complaint. */
async function verdictOf(node: string, after: number, wanted: string, seconds: number): Promise<Boot['verdict']> {
  const said = new Set<string>()
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline) {
    const boot = await lastBoot(node)
    if (boot && boot.id > after) {
      said.add(`${boot.verdict.verdict}: ${boot.verdict.says}`)
      if (boot.verdict.verdict === wanted) return boot.verdict
    }
    await new Promise((next) => setTimeout(next, 250))
  }
  throw new Error(
    [`${node} was never told "${wanted}", but:`, ...said, '', lab.node(node).serial().slice(-2000)].join('\n'),
  )
}

/** What was installed, or given up on, is to be installed again. */
async function installAnew(node: string): Promise<void> {
  for (const netbootEnabled of [false, true]) await lab.api.call('PATCH', `/api/systems/${node}`, { netbootEnabled })
}

/** Answers the verdict, or why there was none: the next fault of the machine has its turn all the same. */
async function suffer(node: string, name: FaultName): Promise<Boot['verdict'] | Error> {
  const handle = lab.node(node)
  const undo = await lab.inject(name, node)
  try {
    const before = (await lastBoot(node))?.id ?? 0
    await installAnew(node)
    // The order itself may be what fails.
    await handle.power('on').catch(() => {})
    return await verdictOf(node, before, FAULTS[name].verdict, SECONDS[name] ?? 180)
  } catch (error) {
    return error as Error
  } finally {
    await undo()
    await handle.power('off')
  }
}

const results = new Map<FaultName, Promise<Boot['verdict'] | Error>>()
beforeAll(() => {
  for (const [node, names] of Object.entries(PLAN)) {
    let before: Promise<unknown> = Promise.resolve()
    for (const name of names) {
      const result = before.then(() => suffer(node, name)).catch((error: Error) => error)
      results.set(name, result)
      before = result
    }
  }
})

describe('the verdict on a boot is right when', () => {
  const faults = Object.entries(FAULTS).filter(([, { verdict }]) => verdict !== 'ready')
  test.each(faults.map(([name, fault]) => ({ name: name as FaultName, ...fault })))(
    '$does: $verdict',
    { timeout: 10 * MINUTES },
    async ({ name, verdict }) => {
      const told = await results.get(name)
      if (!told || told instanceof Error) throw told ?? new Error(`${name} is in nobody's plan`)
      expect(told).toMatchObject({ verdict, fault: true })
      for (const part of [told.says, told.missing, told.next]) expect(part?.length).toBeGreaterThan(5)
      expect(told.evidence?.text.length).toBeGreaterThan(5)
    },
  )
})

test('with everything undone, machines are installed, through what is merely hard as well', {
  timeout: 8 * MINUTES,
}, async () => {
  await Promise.all([...results.values()])
  // One after the other: a daemon that is killed is missed by all.
  for (const [name, hardship] of Object.entries(HARDSHIPS)) {
    const undo = await lab.inject(hardship, name)
    await installAnew(name)
    const node = lab.node(name)
    const begin = node.now()
    await node.power('on')
    await node.until('ready', begin)
    await undo()
    expect((await lastBoot(name))?.verdict).toMatchObject({ verdict: 'ready', fault: false })
  }
})

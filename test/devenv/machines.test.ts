/** How the lab starts its machines, and how it shows their way. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { plainText } from '../../devenv/lab-node.ts'
import { createMachine, type MachinePlan, qemuArgs } from '../../devenv/machines.ts'
import { type Screen, showProgress } from '../../devenv/progress.ts'
import { type LabNode, readLabSettings } from '../../devenv/settings.ts'
import { mac } from '../support/dhcp.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [node] = readLabSettings().nodes as [LabNode]
const plan = (firmware: 'bios' | 'uefi'): MachinePlan => ({
  node: { ...node, name: 'vm', mac: mac('52:54:00:00:00:09'), firmware },
  tap: 'tap-vm',
  folder,
  accel: 'tcg',
  capture: false,
})

describe('a machine', () => {
  test('asks the network first, then its disk', () => {
    const args = qemuArgs(plan('bios')).join(' ')
    expect(args).toContain('mac=52:54:00:00:00:09,bootindex=1 ')
    expect(args).toContain('drive=disk,bootindex=2')
    expect(args).not.toContain('pflash')
  })

  test('that records its packets does so to a file of its own', () => {
    expect(qemuArgs({ ...plan('bios'), capture: true }).join(' ')).toContain(`file=${folder}/vm.pcap`)
  })

  test('has an empty disk of its size and a console before it is ever on', () => {
    const machine = createMachine(plan('bios'), () => {})
    expect(machine.state()).toBe('off')
    expect(statSync(join(folder, 'vm.raw')).size).toBe(256 * 1024 * 1024)
    expect(readFileSync(join(folder, 'vm.log'), 'utf8')).toBe('')
  })
})

test('a console is read without its escape sequences', () => {
  expect(plainText(Buffer.from('\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS\r\n\x1b[01;01Hiprxe'))).toBe('SeaBIOS\niprxe')
})

function screen(isTty: boolean) {
  let [text, now] = ['', 0]
  const ticks: (() => void)[] = []
  const value: Screen = {
    write: (part) => {
      text += part
    },
    isTty,
    columns: 60,
    now: () => now,
    every: (_, call) => {
      ticks.push(call)
      return () => void ticks.splice(0)
    },
  }
  const pass = (milliseconds: number) => {
    now += milliseconds
    for (const tick of ticks) tick()
  }
  return { value, text: () => text, pass, ticks }
}

describe('the way of a machine', () => {
  test('is plain lines where there is no terminal', () => {
    const { value, text, pass } = screen(false)
    const progress = showProgress(value)
    progress.reached('power', 'lab took the order')
    pass(4200)
    progress.reached('address', '10.77.0.100')
    progress.reached('address', 'once more')
    progress.done('')
    expect(text()).toBe(' ✓    0.0 s  power        lab took the order\n ✓    4.2 s  DHCP         10.77.0.100\n\n')
  })

  test('shows a moving sign and what is awaited on a terminal, on one line', () => {
    const { value, text, pass, ticks } = screen(true)
    const progress = showProgress(value)
    progress.reached('preseed', 'x'.repeat(200))
    pass(1000)
    const drawn = text().split('\r\x1b[K')
    expect(drawn.at(-1)).toMatch(/^ . {4}1\.0 s {2}waiting for the installer$/)
    expect(Math.max(...drawn.map((line) => line.trimEnd().length))).toBeLessThan(60)
    progress.failed('panic')
    expect(text().endsWith('panic\n')).toBe(true)
    expect(ticks).toEqual([])
  })

  test('tells each of many sentences when it is asked for all', () => {
    const { value, text } = screen(false)
    const progress = showProgress(value, true)
    progress.reached('installing', 'one')
    progress.reached('installing', 'two')
    expect(text()).toMatch(/one\n.*two\n/)
  })
})

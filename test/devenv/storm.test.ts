/** Light machines count what goes wrong with them: a server that does not answer, or not rightly, is no boot. */
import { expect, test } from 'vitest'
import { pictureOf } from '../../devenv/storm/picture.ts'
import { runStorm, type StormLook } from '../../devenv/storm/storm.ts'
import { ip } from '../support/dhcp.ts'

test('machines whom nobody answers have failed, with the reason', async () => {
  const looks: StormLook[] = []
  const last = await runStorm({
    ...{ nodes: 3, seconds: 0, onLook: (look) => looks.push(look) },
    wire: { ask: () => Promise.reject(new Error('nobody answered')), close: () => {} },
  })
  expect(last).toMatchObject({
    started: 3,
    failed: 3,
    reasons: { 'nobody answered': 3 },
    phases: { dhcp: { count: 0 } },
  })
  expect(pictureOf(last).join('\n')).toMatch(/3 failed: nobody answered$/)
  expect(looks.at(-1)).toEqual(last)
})

test('one that is named no loader has failed, though it has its address', async () => {
  const told = { ip: ip('127.0.0.1'), server: ip('127.0.0.1'), nextServer: ip('127.0.0.1'), file: '' }
  const last = await runStorm({
    nodes: 1,
    seconds: 0,
    onLook: () => {},
    wire: { ask: async () => told, close: () => {} },
  })
  expect(last).toMatchObject({ failed: 1, reasons: { 'DHCP named no loader': 1 }, phases: { dhcp: { count: 1 } } })
})

test('a picture of all that boot says so', () => {
  const phase = { count: 2, p50: 10, p99: 20 }
  const look = { nodes: 2, elapsed: 1000, started: 2, failed: 0, reasons: {} }
  const lines = pictureOf({ ...look, phases: { dhcp: phase, loader: phase, script: phase, kernel: phase } })
  expect(lines.at(-1)).toBe('all of them boot')
  expect(lines[1]).toBe(`turned on         ${'█'.repeat(40)}      2  `)
})

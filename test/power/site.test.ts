/** Drivers of a site, with real programs. */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { PowerTarget } from '../../src/power/driver.ts'
import { POWER_DRIVERS } from '../../src/power/drivers/index.ts'
import { type SiteDriver, siteDrivers } from '../../src/power/drivers/site.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-site-'))
const program = join(folder, 'rack')
beforeAll(() => {
  writeFileSync(
    program,
    `#!/bin/sh
read given
case "$given" in *'"id":"outlet 3"'*) ;; *) echo "no such outlet: $given" >&2; exit 1;; esac
case "$1" in status) cat ${folder}/state;; *) echo "$1" >${folder}/state;; esac
`,
  )
  chmodSync(program, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

const rack: SiteDriver = { type: 'rack', program, can: ['on', 'off', 'state'] }
const tools = { exec, signal: new AbortController().signal }
const target = (id: string): PowerTarget => ({
  ...{ name: 'node01', macs: [] },
  power: { type: 'rack', address: '', user: '', pass: 'hunter2', id, options: '' },
})

describe('a driver of the site', () => {
  test('runs its program: the action as an argument, the rest on standard input', async () => {
    const [driver] = siteDrivers([rack], POWER_DRIVERS, existsSync)
    await driver?.act(target('outlet 3'), 'on', tools)
    expect(await driver?.state(target('outlet 3'), tools)).toBe('on')
    await driver?.act(target('outlet 3'), 'off', tools)
    expect(await driver?.state(target('outlet 3'), tools)).toBe('off')
  })

  test('that fails tells what its program said, without the password', async () => {
    const [driver] = siteDrivers([rack], POWER_DRIVERS, existsSync)
    const error = await driver?.act(target('outlet 4'), 'on', tools).catch((one: Error) => one.message)
    expect(error).toMatch(/could not on node01: no such outlet: .*"pass":"\*{8}"/)
  })

  test('is looked at when the daemon starts', () => {
    const start = (driver: Partial<SiteDriver>) => () =>
      siteDrivers([{ ...rack, ...driver }], POWER_DRIVERS, existsSync)
    expect(start({ type: 'virsh' })).toThrow('power.drivers: the type "virsh" is taken; choose another word')
    expect(start({ program: '/nowhere/x' })).toThrow('/nowhere/x of "rack" is no program that can be run')
    expect(() => siteDrivers([rack, rack], POWER_DRIVERS, existsSync)).toThrow(/"rack" is taken/)
  })
})

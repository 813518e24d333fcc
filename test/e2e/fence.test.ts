/** The fence driver with Debian's fence-agents: their dummy keeps a state, and their IPMI agent shows what it is called with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { PowerSettings } from '../../src/model/system.ts'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { agentInput, fence } from '../../src/power/drivers/fence.ts'
import { needPackages } from '../support/debian.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-fence-'))
beforeAll(() => needPackages('fence-agents'), 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

const settings = (power: Partial<PowerSettings>): PowerSettings => ({
  ...{ type: 'fence_dummy', address: '', user: '', pass: '', id: '', options: `status_file=${folder}/state` },
  ...power,
})
const target = (power: Partial<PowerSettings> = {}): PowerTarget => ({
  name: 'node01',
  macs: [],
  power: settings(power),
})
const tools: PowerTools = { exec, signal: new AbortController().signal }

describe("fence-agents' dummy", () => {
  test('is turned off, on and around, and its state is seen', async () => {
    await fence.act(target(), 'on', tools)
    expect(readFileSync(join(folder, 'state'), 'utf8')).toMatch(/^on/)
    expect(await fence.state(target(), tools)).toBe('on')
    await fence.act(target(), 'off', tools)
    expect(await fence.state(target(), tools)).toBe('off')
    await fence.act(target(), 'reboot', tools)
    expect(await fence.state(target(), tools)).toBe('on')
  })

  test('may be named by an option', async () => {
    const named = target({ type: 'fence', options: `agent=dummy status_file=${folder}/state` })
    expect(await fence.state(named, tools)).toBe('on')
    expect(fence.fault?.(settings({ type: 'fence', options: '' }))).toMatch(/must say agent=NAME/)
  })

  test('that fails says so', async () => {
    await expect(fence.act(target({ options: 'type=fail power_timeout=1' }), 'on', tools)).rejects.toMatchObject({
      code: 'power.failed',
    })
  })

  test('that is not installed is named, with what to install', async () => {
    await expect(fence.act(target({ type: 'fence_of_nobody' }), 'on', tools)).rejects.toMatchObject({
      fault: 'no-program',
      message: 'fence_of_nobody is not installed on this host; install fence-agents',
    })
  })

  test('gets passwords on standard input alone, and they are in no message', async () => {
    let seen: { args: readonly string[]; stdin: string | undefined } | undefined
    const spy: PowerTools['exec'] = (program, args, options) => {
      seen = { args, stdin: options?.stdin }
      return exec(program, args, options)
    }
    const refused = fence.act(
      target({
        type: 'fence_ipmilan',
        address: '127.0.0.1',
        user: 'ann',
        pass: 'hunter2',
        options: 'ipport=1 lanplus login_timeout=1 power_timeout=1',
      }),
      'on',
      { ...tools, exec: spy },
    )
    const error = await refused.catch((one: Error) => one)
    expect(String(error)).not.toContain('hunter2')
    expect(error).toMatchObject({ code: 'power.failed' })
    expect(seen?.args).toEqual([])
    expect(seen?.stdin).toContain('password=hunter2\n')
  })
})

test('an address with a port is two words for an agent', () => {
  expect(agentInput(settings({ address: '10.0.0.1:161', options: '' }), 'on')).toBe(
    'action=on\nip=10.0.0.1\nipport=161\n',
  )
  expect(agentInput(settings({ address: '[fd00::5]:22', options: '' }), 'on')).toContain('ip=fd00::5\nipport=22\n')
  expect(agentInput(settings({ address: 'fd00::5', options: '' }), 'on')).toContain('ip=fd00::5\n')
})

test('what an agent lacks is told, and not how its options are listed', async () => {
  const apc = target({ type: 'apc', address: '127.0.0.1', user: 'ann', pass: 'hunter2', options: '' })
  await expect(fence.state(apc, tools)).rejects.toMatchObject({
    fault: 'wrong-id',
    message: expect.stringMatching(
      /^fence_apc cannot see the state of node01: Failed: You have to enter plug.*power_id/,
    ),
  })
})

test('what an agent reads is a name and a value a line, and nobody adds one', () => {
  const power = settings({
    address: '10.0.0.1',
    user: 'u',
    pass: 'p',
    id: '3',
    options: 'lanplus privlvl=operator action=off',
  })
  expect(agentInput(power, 'on')).toBe(
    'action=on\nip=10.0.0.1\nusername=u\npassword=p\nplug=3\nlanplus=1\nprivlvl=operator\n',
  )
  expect(fence.fault?.(settings({ pass: 'x\naction=off' }))).toMatch(/line break/)
})

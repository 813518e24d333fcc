/** What a TAB is answered. That shells ask for it rightly is seen in test/e2e/cli-cobbler.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  orchestra = (await testCli(it)).orchestra
})
afterEach(() => it.close())

/** The words after the program's name; the last one is being typed. */
async function tab(...words: string[]): Promise<string[]> {
  const { code, out, err } = await orchestra(['__complete', '--', ...words])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out.split('\n').slice(0, -1)
}

describe('a TAB', () => {
  test('offers nouns and commands, and those of the daemon itself', async () => {
    expect(await tab('s')).toEqual(['serve', 'status', 'sync', 'system'])
    expect(await tab('')).toEqual(expect.arrayContaining(['distro', 'import', 'serve', 'validateks']))
    expect(await tab('')).not.toContain('__complete')
  })

  test('offers the verbs of a noun', async () => {
    expect(await tab('system', 'power')).toEqual(['poweroff', 'poweron', 'powerstatus'])
    expect(await tab('mgmtclass', 'power')).toEqual([])
    expect(await tab('profile', 'get')).toEqual(['get-autoinstall', 'getks'])
  })

  test('offers options, and none twice', async () => {
    expect(await tab('system', 'add', '--prof')).toEqual(['--profile='])
    expect(await tab('system', 'add', '--profile=a', '--prof')).toEqual([])
    expect(await tab('system', 'edit', '--in')).toEqual([
      '--in-place',
      '--interface-master=',
      '--interface-type=',
      '--interface=',
    ])
    expect(await tab('import', '--a')).toEqual(['--arch=', '--autoinstall=', '--available-as='])
    expect(await tab('--j')).toEqual(['--json'])
  })

  test('offers names that the daemon knows, and the two words of a flag', async () => {
    await orchestra('system add --name=node01 --profile=debian-13')
    expect(await tab('system', 'report', '--name=')).toEqual(['--name=node01'])
    expect(await tab('system', 'report', '--name', 'n')).toEqual(['node01'])
    expect(await tab('system', 'add', '--name=')).toEqual([])
    expect(await tab('system', 'add', '--profile=deb')).toEqual(['--profile=debian-13'])
    expect(await tab('profile', 'edit', '--parent=')).toEqual(['--parent=debian-13'])
    expect(await tab('system', 'edit', '--netboot-enabled=')).toEqual(['--netboot-enabled=no', '--netboot-enabled=yes'])
    expect(await tab('events', '--system=')).toEqual(['--system=node01'])
  })

  test('is silent when there is nothing to offer, or no daemon to ask', async () => {
    expect(await tab('nonsense', '')).toEqual([])
    await it.app.close()
    expect(await tab('system', 'report', '--name=')).toEqual([])
  })
})

test('there is a script for three shells, and a sentence for others', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    expect((await orchestra(`completion ${shell}`)).out).toContain('__complete')
  }
  expect(await orchestra('completion tcsh')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no script for tcsh/),
  })
})

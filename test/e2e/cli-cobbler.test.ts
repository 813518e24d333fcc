/** The command line under both of its names, as documents written for Cobbler call it: processes against a real daemon. */
import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const LAUNCHER = resolve(import.meta.dirname, '../../devenv/with-node')
const bin = join(temporaryFolder(), 'bin')
const PATH = `${bin}:${process.env['PATH']}`
let daemon: Daemon

beforeAll(async () => {
  await needPackages('zsh', 'fish')
  mkdirSync(bin)
  for (const name of ['orchestra', 'cobbler']) symlinkSync(LAUNCHER, join(bin, name))
  daemon = await startDaemon()
})

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** In a shell of the kind in which people type, with nothing in its environment but where the daemon is. */
async function shell(line: string, program = 'bash'): Promise<Ran> {
  const env = { PATH, LC_ALL: 'C.UTF-8', HOME: bin, ORCHESTRA_DATA: daemon.data }
  return await promisify(execFile)(program, ['-c', line], { env, cwd: '/' }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  )
}

const silent = { code: 0, stdout: '', stderr: '' }

describe.each(['orchestra', 'cobbler'])('%s', (name) => {
  const run = (line: string) => shell(`${name} ${line}`)
  const own = `for-${name}`

  test('does as typed what Cobbler does', async () => {
    const mac = name === 'cobbler' ? 'AA:BB:CC:DD:EE:FF' : 'AA:BB:CC:DD:EE:F0'
    for (const line of [
      `mgmtclass add --name=${own}-available`,
      `distro add --name=${own} --kernel=/srv/linux --initrd=/srv/initrd.gz --arch=x86_64 --breed=debian`,
      `profile add --name=${own} --distro=${own} --ksmeta='a=1 b="two words"' --kopts="console=ttyS0 quiet"`,
      `system add --name=${own} --profile=${own} --mgmt-classes=${own}-available --mac-address=${mac}`,
      `system edit --name=${own} --in-place --ksmeta="c=3 ~a" --virt-ram=512`,
      `system edit --name=${own} --interface=eth1 --ip=10.9.${name.length}.1 --subnet=255.255.255.0`,
      `system edit --name=${own} --interface=eth1 --rename-interface=eth2`,
      `system edit --name=${own} --interface=eth2 --delete-interface`,
      `system copy --name=${own} --newname=${own}-2`,
      `system rename --name=${own}-2 --newname=${own}-3`,
      `system remove --name=${own}-3`,
      `repo add --name=${own} --mirror=http://deb.example.com/debian --breed=apt`,
    ]) {
      expect([line, await run(line)]).toEqual([line, silent])
    }
    expect((await run(`system find --mgmt-classes=${own}-available --netboot-enabled=true`)).stdout).toBe(`${own}\n`)
    expect((await run('list')).stdout).toMatch(new RegExp(`^distros:\\n[^:]* {3}${own}\\n[^:]*\\nprofiles:\\n`))
    const report = (await run(`system report --name=${own}`)).stdout.split('\n')
    expect(report).toContain(`${'Name'.padEnd(30)} : ${own}`)
    expect(report).toContain(`${'Management Classes'.padEnd(30)} : ['${own}-available']`)
    expect(report).toContain(`${'MAC Address'.padEnd(30)} : ${mac.toLowerCase()}`)
    expect((await run(`profile dumpvars --name=${own}`)).stdout).toContain(`ks_meta : {'a': '1', 'b': 'two words'}\n`)
  })

  test('renders what the installer would get, and says what is wrong with it', async () => {
    const got = await run(`system ${name === 'cobbler' ? 'getks' : 'get-autoinstall'} --name=${own}`)
    expect(got).toMatchObject({ code: 0, stdout: expect.stringContaining('d-i '), stderr: '' })
    expect(await run('validate-autoinstalls')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n\*\*\* TASK COMPLETE \*\*\*\n$/),
    })
    await run(`profile edit --name=${own} --autoinstall=nowhere.seed`)
    expect(await run('validateks')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(new RegExp(`profile ${own}: .*nowhere\\.seed[^]*\n!!! TASK FAILED !!!\n$`)),
    })
    await run(`profile edit --name=${own} --autoinstall='<<inherit>>'`)
  })

  test('checks, syncs and tells the state', async () => {
    expect((await run('check')).stdout).toMatch(
      /^The following are potential configuration items that you may want to fix:\n\n1 : .*\n/,
    )
    expect(await run('sync')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^task started: \S+_sync\ntask started \(id=Sync, time=.*\*\*\* TASK COMPLETE \*\*\*\n$/s,
      ),
      stderr: '',
    })
    expect((await run('status')).stdout).toMatch(/^ip +\|target +\|start +\|state\n/)
    expect(JSON.parse((await run('--json status')).stdout)).toEqual(expect.any(Array))
    expect((await run('version')).stdout).toContain(`at ${daemon.url}\n`)
  })

  test('fails in the words of who asked', async () => {
    const missing = await run('system edit --name=nope --comment=a')
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 1, stdout: '' })
    expect(missing.stderr).toBe(
      name === 'cobbler' ? "exception on server: 'there is no system nope'\n" : 'orchestra: there is no system nope\n',
    )
    const asJson = await run('system edit --name=nope --comment=a --json')
    expect(JSON.parse(asJson.stderr)).toEqual({ error: { message: 'there is no system nope', code: 'item.missing' } })
    expect(await run('buildiso')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/ISO/) })
    expect((await run('system --help')).stdout).toMatch(new RegExp(`^Usage: ${name} system `))
  })

  test('works from another machine', async () => {
    const away = `unset ORCHESTRA_DATA; export XDG_DATA_HOME=${bin}/none; `
    const login = `printf '%s\\n' '${daemon.password}' | ${name} --server ${daemon.url} login --user admin`
    const { code, stdout } = await shell(
      `${away}${login} > ${bin}/token-${name} && ${name} list --server ${daemon.url} --token-file ${bin}/token-${name}`,
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(new RegExp(` {3}${own}\n`)) })
  })
})

describe('completion', () => {
  beforeAll(() => shell('orchestra mgmtclass add --name=tab-class; orchestra mgmtclass add --name=tab:two'))

  /** As bash parts a line into words, "=" and ":" being words of their own. */
  async function tab(line: string, pieces: readonly string[]): Promise<string[]> {
    const words = pieces.map((piece) => `'${piece}'`).join(' ')
    const { stdout, stderr } = await shell(
      `source <(orchestra completion bash); COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${words}) COMP_CWORD=${pieces.length - 1}; _orchestra; printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
    expect(stderr).toBe('')
    return stdout.split('\n').filter((word) => word !== '')
  }

  test('in bash knows commands, verbs, options and names', async () => {
    expect(await tab('cobbler sys', ['cobbler', 'sys'])).toEqual(['system'])
    expect(await tab('cobbler system ', ['cobbler', 'system', ''])).toContain('dumpvars')
    expect(await tab('orchestra system add --mgmt-c', ['orchestra', 'system', 'add', '--mgmt-c'])).toEqual([
      '--mgmt-classes=',
    ])
    const line = 'orchestra system add --mgmt-classes=tab-'
    expect(await tab(line, ['orchestra', 'system', 'add', '--mgmt-classes', '=', 'tab-'])).toEqual(['tab-class'])
    const empty = 'orchestra system add --mgmt-classes=tab'
    expect(await tab(empty, ['orchestra', 'system', 'add', '--mgmt-classes', '=', 'tab'])).toEqual([
      'tab-class',
      'tab:two',
    ])
    const colon = 'orchestra mgmtclass report --name=tab:'
    expect(await tab(colon, ['orchestra', 'mgmtclass', 'report', '--name', '=', 'tab', ':'])).toEqual(['two'])
    expect(await shell('source <(orchestra completion bash); complete -p cobbler orchestra')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/-F _orchestra cobbler\n.*-F _orchestra orchestra\n/),
    })
  })

  test('in fish does the same', async () => {
    const { stdout, stderr } = await shell(
      `orchestra completion fish | source; complete -C 'cobbler system add --mgmt-classes=tab-'; complete -C 'cobbler sys'`,
      'fish',
    )
    expect({ stdout, stderr }).toEqual({ stdout: '--mgmt-classes=tab-class\nsystem\n', stderr: '' })
  })

  test('in zsh is a script that zsh understands', async () => {
    const loaded = await shell(
      'autoload -U compinit && compinit -u -D; source <(orchestra completion zsh); print $_comps[cobbler]',
      'zsh',
    )
    expect(loaded).toEqual({ code: 0, stdout: '_orchestra\n', stderr: '' })
  })
})

/** The command line as people run it: a process of its own against a real daemon, from this machine and as from another. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, runOrchestra, startDaemon, temporaryFolder } from '../support/daemon.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const nowhere = temporaryFolder()
let daemon: Daemon
const running = new Set<ChildProcessWithoutNullStreams>()

beforeAll(async () => {
  daemon = await startDaemon()
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** On the machine of the daemon: its data directory says where it is. */
async function orchestra(line: string | readonly string[]) {
  const args = typeof line === 'string' ? line.split(' ') : line
  const { code, stdout, stderr } = await runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })
  return { code, stdout, stderr }
}

/** As on another machine: no data directory, nothing but what is given. */
function away(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn('sh', [join(ROOT, 'devenv/with-node'), join(ROOT, 'src/main.ts'), ...args], {
    env: { PATH: process.env['PATH'], ORCHESTRA_DATA: nowhere, ...env },
    cwd: tmpdir(),
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part))
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  /** Answers when that was written. */
  const says = (sign: RegExp) =>
    new Promise<void>((done, failed) => {
      const look = () => sign.test(stdout + stderr) && done()
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look)
      void ended.then(() => failed(new Error(`ended without ${sign}: ${stdout}${stderr}`)))
      look()
    })
  return { child, ended, says }
}

const silent = { code: 0, stdout: '', stderr: '' }

describe('on the machine of the daemon', () => {
  test('a class, a distro, a profile and a system are made, silently, and listed', async () => {
    expect(await orchestra('mgmtclass add --name=foo-available')).toEqual(silent)
    const again = await orchestra('mgmtclass add --name=foo-available')
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toMatch(/^orchestra: [^\n]*foo-available exists already[^\n]*\n$/)

    const distro = 'distro add --name=debian --kernel=/srv/linux --initrd=/srv/initrd.gz --arch=x86_64'
    expect(await orchestra(distro)).toEqual(silent)
    expect(await orchestra('profile add --name=debian --distro=debian')).toEqual(silent)
    const system =
      'system add --name=node01 --profile=debian --mgmt-classes=foo-available --mac-address=52:54:00:aa:00:01'
    expect(await orchestra([...system.split(' '), '--ksmeta=a=1 b="two words"'])).toEqual(silent)

    expect((await orchestra('list')).stdout).toBe(
      'distros:\n   debian\n\nprofiles:\n   debian\n\nsystems:\n   node01\n\nrepos:\n\nimages:\n\nmgmtclasses:\n   foo-available\n\npackages:\n\nfiles:\n\nmenus:\n',
    )
    expect((await orchestra('system find --mac=52:54:00:AA:00:01')).stdout).toBe('node01\n')
    const { stdout } = await orchestra('system report --name=node01')
    expect(stdout).toContain(`Automatic Installation Metadata : {'a': '1', 'b': 'two words'}\n`)
    expect((await orchestra('events')).stdout).toMatch(/ {2}node01 {2}system changed\n/)
  })

  test('the way in is for its user alone', () => {
    const path = join(daemon.data, 'daemon.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8')).url).toBe(daemon.url)
  })

  test('nobody is there when the data directory is another', async () => {
    const ran = await runOrchestra(['system', 'list'], { env: { ORCHESTRA_DATA: nowhere } })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('start it with "orchestra serve"')
  })
})

describe('from another machine', () => {
  async function loginAt({ url, password }: Daemon): Promise<string> {
    const run = away(['--server', url, 'login', '--user', 'admin'])
    run.child.stdin.end(`${password}\n`)
    const { code, stdout, stderr } = await run.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout.trim()
  }

  test('a password gives a token, and the token does the rest', async () => {
    const anonymous = await away(['--server', daemon.url, 'system', 'list']).ended
    expect(anonymous).toMatchObject({ code: 1, stdout: '' })
    expect(anonymous.stderr).toContain('ORCHESTRA_TOKEN')
    const env = { ORCHESTRA_SERVER: daemon.url, ORCHESTRA_TOKEN: await loginAt(daemon) }
    expect(await away(['mgmtclass', 'add', '--name=from-away'], env).ended).toEqual(silent)
    expect((await away(['mgmtclass', 'list'], env).ended).stdout).toContain('   from-away\n')
  })

  test('events are followed, through a restart of the daemon, and none is lost or repeated', async () => {
    const data = join(temporaryFolder(), 'data')
    const before = await startDaemon({ data })
    const env = { ORCHESTRA_SERVER: before.url, ORCHESTRA_TOKEN: await loginAt(before) }
    expect(await away(['mgmtclass', 'add', '--name=one'], env).ended).toEqual(silent)
    const follow = away(['events', '--follow', '--since=0'], env)
    await follow.says(/ {2}one {2}mgmtclass changed\n/)

    expect(await before.stop()).toBe(0)
    await follow.says(/the stream of events ended; trying again …\n/)
    // On the port where it was, as a daemon with a configured one is.
    await startDaemon({ data, env: { ORCHESTRA_HTTP__LISTEN: before.url.replace('http://', '') } })
    await follow.says(/connected again\n/)
    expect(await away(['mgmtclass', 'add', '--name=two'], env).ended).toEqual(silent)
    await follow.says(/ {2}two {2}mgmtclass changed\n/)

    follow.child.kill('SIGTERM')
    const { stdout } = await follow.ended
    expect(stdout.match(/mgmtclass changed/g)).toHaveLength(2)
  })
})

test('a pipe that closes early ends it quietly', async () => {
  const run = away(['--help'])
  run.child.stdout.destroy()
  expect(await run.ended).toMatchObject({ stderr: '' })
})

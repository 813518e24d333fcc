/**
 * One action for many machines through the daemon as people use it, with controllers that ipmitool takes for real: said
 * before, done, cancelled in the middle, stopped and killed in the middle; and an import of what was uploaded.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Job } from '../../src/model/job.ts'
import { startBmc } from '../support/bmc/start.ts'
import { type Daemon, type Ended, runOrchestra, startDaemon } from '../support/daemon.ts'

type Bmc = Awaited<ReturnType<typeof startBmc>>
const USER = { name: 'ann', password: 'hunter22', privilege: 4 }
const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
const bmcs: Bmc[] = []
let daemon: Daemon

beforeAll(async () => {
  for (let count = 0; count < 3; count++) bmcs.push(await startBmc({ users: [USER] }))
  daemon = await startDaemon({ config: { power: { poll_seconds: 0 } } })
  for (const name of ['linux', 'initrd']) writeFileSync(join(folder, name), name)
  await api('POST', 'distros', { name: 'd', kernel: join(folder, 'linux'), initrd: join(folder, 'initrd') })
  await api('POST', 'profiles', { name: 'p', distro: 'd' })
  const more = { profile: 'p', netbootEnabled: false, mgmtClasses: ['rack1'] }
  for (const [index, { port }] of bmcs.entries()) {
    const power = { type: 'ipmilan', address: `127.0.0.1:${port}`, user: USER.name, pass: USER.password }
    await api('POST', 'systems', { name: `n${index + 1}`, power, ...more })
  }
  await api('POST', 'systems', { name: 'bare', ...more, mgmtClasses: [] })
})
beforeEach(() => setAway(false))
afterAll(async () => {
  await daemon.stop()
  for (const bmc of bmcs) await bmc.close()
  rmSync(folder, { recursive: true })
})

function setAway(isAway: boolean): void {
  for (const bmc of bmcs.slice(1)) bmc.isAway = isAway
}

async function api<Value>(method: string, path: string, body?: object): Promise<Value> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` }
  const answer = await fetch(`${daemon.url}/api/${path}`, {
    ...{ method, headers: body ? headers : { authorization: headers.authorization } },
    ...(body && { body: JSON.stringify(body) }),
  })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
  return (answer.status === 204 ? undefined : await answer.json()) as Value
}

const run = (...args: string[]): Promise<Ended> => runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })
const isOn = () => bmcs.map(({ chassis }) => chassis.isOn)

/** One machine is done, two controllers do not answer. */
async function beginAndHang(action: 'on' | 'off'): Promise<string> {
  setAway(true)
  const { job } = await api<{ job: Job }>('POST', 'bulk', { action, systems: ['n1', 'n2', 'n3'] })
  const outcomes = async () => (await api<Job>('GET', `jobs/${job.id}`)).results?.map(({ outcome }) => outcome)
  await expect.poll(outcomes, { timeout: 15_000 }).toEqual(['done', 'running', 'running'])
  return job.id
}

describe('an action for many machines', () => {
  test('is counted before, for machines that are found by what they are', async () => {
    const looked = await run('bulk', 'on', '--dry-run', '--where', 'class=rack*', 'netboot=false', 'bare', 'n1', 'n2')
    expect(looked).toMatchObject({ code: 0, stdout: '2 of 2 are to be had for it:\n  n1\n  n2\n' })
    expect((await run('bulk', 'on', 'n1', 'bare', '--dry-run')).stdout).toBe(
      '1 of 2 are to be had for it:\n  n1\nnot bare: it has no power type, so nothing turns it on and off\n',
    )
    expect((await run('bulk', 'on', '--where', 'color=red')).stderr).toMatch(
      /a machine has no "color"; it has uid, name/,
    )
    expect((await run('bulk', 'on', '--where', 'stage=ready')).stderr).toMatch(/no machine has stage=ready/)
    expect(isOn()).toEqual([false, false, false])
  })

  test('comes out for each, and is a job that can be looked at later', async () => {
    const ended = await run('bulk', 'on', 'n1', 'n2', 'n3', 'bare')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toBe(
      'n1: done: n1 is on, seen by ipmi\nn2: done: n2 is on, seen by ipmi\nn3: done: n3 is on, seen by ipmi\n' +
        'bare: failed: it has no power type, so nothing turns it on and off\n',
    )
    expect(isOn()).toEqual([true, true, true])
    const listed = await run('jobs')
    expect(listed.stdout).toMatch(/ bulk {2}failed {2}admin {2}power on of 4 machines: 1 of 4 failed: bare\n$/)
    const [job] = JSON.parse((await run('jobs', '--json')).stdout) as Job[]
    const followed = await run('jobs', '--follow', job?.id ?? '')
    expect(followed).toMatchObject({ code: 1, stdout: expect.stringContaining('n2 is on, seen by ipmi\n') })
  })

  test('is cancelled in the middle: what was done is done, what runs is not followed', async () => {
    const id = await beginAndHang('off')
    const waiting = run('jobs', '--follow', id)
    expect(await run('jobs', '--cancel', id)).toMatchObject({
      code: 0,
      stdout: 'power off of 3 machines: cancelled by admin\n',
    })
    expect(await waiting).toMatchObject({ code: 1, stdout: expect.stringMatching(/cancelled: cancelled by admin\n$/) })
    const { results } = await api<Job>('GET', `jobs/${id}`)
    expect(results?.map(({ outcome }) => outcome)).toEqual(['done', 'cancelled', 'cancelled'])
    expect((await api<Job[]>('GET', 'jobs?state=running')).length).toBe(0)
  })

  test.each(['stopped', 'killed'])('says after a restart that the daemon was stopped, when it was %s', async (how) => {
    const id = await beginAndHang(how === 'stopped' ? 'on' : 'off')
    // Written behind: a kill loses what came of the last machines, never the job.
    if (how === 'killed') {
      await expect.poll(async () => (await api<Job[]>('GET', 'jobs?limit=1'))[0]?.id).toBe(id)
      await daemon.kill9()
    }
    await daemon.restart()
    const job = await api<Job>('GET', `jobs/${id}`)
    expect(job).toMatchObject({ state: 'failed', because: 'the daemon was stopped', ended: expect.any(Number) })
    expect(job.results?.slice(1)).toMatchObject([
      { outcome: 'failed', because: 'the daemon was stopped' },
      { outcome: 'failed', because: 'the daemon was stopped' },
    ])
    expect((await run('jobs', '--follow', id)).stdout).toMatch(/failed: the daemon was stopped\n$/)
  })

  test('a single order that was under way says the same', async () => {
    setAway(true)
    const { task } = await api<{ task: { id: string } }>('POST', 'systems/n2/power', { action: 'on' })
    await daemon.restart()
    expect(await api<Job>('GET', `jobs/${task.id}`)).toMatchObject({
      ...{ kind: 'power', title: 'power on of n2', by: 'admin', state: 'failed' },
      because: expect.stringContaining('the daemon was stopped'),
    })
  })
})

test('a tree is uploaded to the store and imported from there in the background', async () => {
  const tree = join(folder, 'tree')
  await exec('mkdir', ['-p', `${tree}/debian-installer/amd64`])
  for (const name of ['linux', 'initrd.gz'])
    writeFileSync(`${tree}/debian-installer/amd64/${name}`, name.repeat(200_000))
  await exec('tar', ['-czf', join(folder, 'netboot.tar.gz'), '-C', tree, '.'])
  const upload = ['--silent', '--fail', '--upload-file', join(folder, 'netboot.tar.gz')]
  await exec('curl', [
    ...[...upload, '--header', `authorization: Bearer ${await daemon.token()}`],
    `${daemon.url}/api/store/isos/netboot.tar.gz`,
  ])
  const request = { path: 'store:isos/netboot.tar.gz', name: 'debian-13', background: true }
  const { job } = await api<{ job: Job }>('POST', 'import', request)
  const followed = await run('jobs', '--follow', job.id)
  expect(followed.code, followed.stdout).toBe(0)
  expect(followed.stdout).toMatch(/^looking for an installer in .*netboot\.tar\.gz\n/)
  expect(followed.stdout).toMatch(
    /found linux and initrd\.gz, 2800000 bytes; reading them\ncopying them to images\/debian-13\n/,
  )
  expect(await api<Job>('GET', `jobs/${job.id}`)).toMatchObject({ progress: { done: 5_600_000, total: 5_600_000 } })
  expect((await run('distro', 'list')).stdout).toContain('debian-13')
  const broken = await api<{ job: Job }>('POST', 'import', { path: 'store:isos', name: 'x', background: true })
  expect((await run('jobs', '--follow', broken.job.id)).code).toBe(1)
  await daemon.restart()
  expect(await api<Job[]>('GET', 'jobs?state=failed&limit=1')).toMatchObject([{ kind: 'import', title: 'import of x' }])
})

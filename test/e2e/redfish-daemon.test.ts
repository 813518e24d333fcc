/** A Redfish machine in the daemon: tested, turned on for an install, looked at and turned off by the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Daemon, type Ended, runOrchestra, startDaemon } from '../support/daemon.ts'
import { type Certificate, makeCertificate } from '../support/redfish/certificate.ts'
import { aMachine } from '../support/redfish/documents.ts'
import { ADMIN, type RedfishService, startRedfishService } from '../support/redfish/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
let certificate: Certificate
let service: RedfishService
let daemon: Daemon

beforeAll(async () => {
  certificate = await makeCertificate()
  service = await startRedfishService({ machines: [aMachine('1')], tls: certificate })
  daemon = await startDaemon()
  for (const name of ['linux', 'initrd']) writeFileSync(join(folder, name), name)
  await run('distro', 'add', '--name=d', `--kernel=${join(folder, 'linux')}`, `--initrd=${join(folder, 'initrd')}`)
  await run('profile', 'add', '--name=p', '--distro=d')
  const power = [`--power-address=${service.origin}`, `--power-user=${ADMIN.user}`, `--power-pass=${ADMIN.pass}`]
  const made = await run(
    'system',
    'add',
    '--name=n1',
    '--profile=p',
    '--netboot-enabled=yes',
    '--power-type=redfish',
    ...power,
  )
  expect(made.code, made.stderr).toBe(0)
})
afterAll(async () => {
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
})

function run(...args: string[]): Promise<Ended> {
  return runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })
}

const edit = (...words: string[]) => run('system', 'edit', '--name=n1', ...words)

test('what is wrong is told, one thing after the other', async () => {
  const untrusted = await run('power', 'test', 'n1')
  expect(untrusted).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`fingerprint=sha256:${certificate.sha256}`),
  })
  expect(service.asked).toEqual([])
  await edit(`--power-options=fingerprint=sha256:${certificate.sha256}`, '--power-pass=not-the-one')
  const wrong = await run('power', 'test', 'n1')
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringMatching(/does not accept the password of user "root"/) })
  await edit(`--power-pass=${ADMIN.pass}`, '--power-id=9')
  expect((await run('power', 'test', 'n1')).stdout).toMatch(/has no system "9"; set power_id to one of "1"/)
  await edit('--power-id=')
  expect(await run('power', 'test', 'n1')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^n1: good/) })
})

test('a machine is turned on for its install by the network, and off', async () => {
  service.asked.length = 0
  const on = await run('power', 'on', 'n1')
  expect(on).toMatchObject({ code: 0, stderr: '' })
  expect(service.machines[0]?.power).toBe('On')
  const changes = service.changes().filter((one) => !one.includes('Session'))
  expect(changes).toEqual([
    expect.stringMatching(/^PATCH .*"BootSourceOverrideTarget":"Pxe"/),
    expect.stringMatching(/^POST .*\/ComputerSystem\.Reset \{"ResetType":"On"\}/),
  ])
  expect((await run('power', 'off', 'n1')).code).toBe(0)
  expect(service.machines[0]?.power).toBe('Off')
})

test('verification that is turned off is told by check', async () => {
  await edit('--power-options=insecure=yes')
  expect((await run('check')).stdout).toMatch(/system n1 tells its power password to whoever answers/)
  expect((await run('power', 'test', 'n1')).code).toBe(0)
})

test('the daemon gives its sessions back when it ends, and has told nobody the password', async () => {
  await daemon.stop()
  expect(service.sessions.size).toBe(0)
  expect(daemon.log()).not.toContain(ADMIN.pass)
})

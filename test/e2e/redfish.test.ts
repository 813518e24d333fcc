/**
 * Redfish from three sides: Debian's redfishtool and OpenStack's sushy drive the service of our tests over verified TLS, so
 * that it is proved right; then our driver does the same things to it, and all three see each other's changes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { createRedfish } from '../../src/power/drivers/redfish.ts'
import { needPackages } from '../support/debian.ts'
import { type Certificate, makeCertificate } from '../support/redfish/certificate.ts'
import { aMachine } from '../support/redfish/documents.ts'
import { ADMIN, type RedfishService, startRedfishService } from '../support/redfish/service.ts'
import { targetOf, toolsOf } from '../support/redfish/target.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
const certificateFile = join(folder, 'bmc.pem')
const driver = createRedfish()
let certificate: Certificate
let service: RedfishService

beforeAll(async () => {
  await needPackages('redfishtool', 'python3-sushy')
  certificate = await makeCertificate()
  writeFileSync(certificateFile, certificate.cert)
  service = await startRedfishService({ machines: [aMachine('437XR1138R2')], tls: certificate })
})
afterAll(async () => {
  await driver.close()
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
})

const machine = () => service.machines[0]
const pinned = () => targetOf(service, { options: `fingerprint=sha256:${certificate.sha256}` })

/** redfishtool reads user and password from a file; it knows no certificates. */
async function redfishtool(...words: string[]): Promise<string> {
  const account = join(folder, 'account.json')
  writeFileSync(account, JSON.stringify({ user: ADMIN.user, password: ADMIN.pass }), { mode: 0o600 })
  const where = ['-r', `127.0.0.1:${service.port}`, '-S', 'Always', '-A', 'Session', '-c', account]
  return exec('redfishtool', [...where, ...words])
}

test('redfishtool switches our service on and off and orders its next boot', async () => {
  expect(JSON.parse(await redfishtool('Systems', 'get', '-P', 'PowerState'))).toEqual({ PowerState: 'Off' })
  await redfishtool('Systems', 'setBootOverride', 'Once', 'Pxe')
  expect(machine()?.boot).toMatchObject({ target: 'Pxe', enabled: 'Once' })
  await redfishtool('Systems', 'reset', 'On')
  expect(machine()?.power).toBe('On')
  // The order was for one boot.
  expect(machine()?.boot).toMatchObject({ target: 'None', enabled: 'Disabled' })
  await redfishtool('Systems', 'reset', 'ForceOff')
  expect(machine()?.power).toBe('Off')
  await expect(redfishtool('Systems', 'reset', 'PushPowerButton')).rejects.toThrow(/400|not supported|invalid/i)
  expect(service.sessions.size).toBe(0)
})

test('sushy does, over TLS that it verifies', async () => {
  const script = join(import.meta.dirname, '../support/redfish/drive.py')
  const account = JSON.stringify({ user: ADMIN.user, pass: ADMIN.pass })
  const answer = await exec('/usr/bin/python3', [script, service.origin, certificateFile], { stdin: account })
  expect(JSON.parse(answer)).toEqual({
    power: ['Off', 'On', 'Off'],
    allowed: [...(machine()?.resetTypes ?? [])].sort(),
    boot: ['Pxe', 'Once', 'UEFI'],
    led: 'Blinking',
    media: ['http://192.0.2.1/live.iso', true, null, false],
    wrong: 401,
  })
})

test('our driver does, and they see it', async () => {
  const target = pinned()
  expect(await driver.state(target, toolsOf())).toBe('off')
  expect(await driver.bootOnce?.(target, toolsOf())).toMatchObject({ obeyed: 'yes' })
  expect(JSON.parse(await redfishtool('Systems', 'get', '-P', 'Boot'))).toMatchObject({
    Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' },
  })
  await driver.act(target, 'on', toolsOf())
  expect(JSON.parse(await redfishtool('Systems', 'get', '-P', 'PowerState'))).toEqual({ PowerState: 'On' })
  await driver.act(target, 'reboot', toolsOf())
  await redfishtool('Systems', 'reset', 'ForceOff')
  expect(await driver.state(target, toolsOf())).toBe('off')
  expect(await driver.metrics(target, toolsOf())).toMatchObject({ watts: 344 })
})

test('our driver does not speak to it before its certificate is pinned, and says which to pin', async () => {
  const before = service.asked.length
  const stranger = createRedfish()
  await expect(stranger.state(targetOf(service), toolsOf())).rejects.toMatchObject({
    fault: 'tls-not-trusted',
    message: expect.stringContaining(`fingerprint=sha256:${certificate.sha256}`),
  })
  await stranger.close()
  expect(service.asked).toHaveLength(before)
  // openssl tells the same fingerprint.
  const told = await exec('openssl', ['x509', '-in', certificateFile, '-noout', '-fingerprint', '-sha256'])
  expect(told.replaceAll(':', '').toLowerCase()).toContain(certificate.sha256)
})

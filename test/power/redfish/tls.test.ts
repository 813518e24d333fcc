/** TLS is verified before a byte is sent, unless that is turned off in so many words; what to pin is told. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PowerError, type PowerTarget } from '../../../src/power/driver.ts'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { type Certificate, makeCertificate } from '../../support/redfish/certificate.ts'
import { aMachine } from '../../support/redfish/documents.ts'
import { type RedfishService, startRedfishService } from '../../support/redfish/service.ts'
import { noWait, targetOf, toolsOf } from '../../support/redfish/target.ts'

const running: RedfishService[] = []
const driver = createRedfish({ wait: noWait })
afterEach(async () => {
  await driver.close()
  for (const service of running.splice(0)) await service.stop()
})

async function serve(tls?: Certificate): Promise<RedfishService> {
  const service = await startRedfishService({ machines: [aMachine('1')], ...(tls && { tls }) })
  running.push(service)
  return service
}

/** The fault of asking for the state, as `[fault, sentence]`. */
async function faultOf(target: PowerTarget): Promise<[string, string]> {
  try {
    await driver.state(target, toolsOf())
  } catch (error) {
    if (error instanceof PowerError) return [error.fault, error.message]
    throw error
  }
  return ['none', '']
}

const saying = (fault: string, words: RegExp) => [fault, expect.stringMatching(words)]

describe('TLS', () => {
  let own: Certificate
  let other: Certificate
  let wrongName: Certificate
  beforeAll(async () => {
    ;[own, other, wrongName] = await Promise.all([makeCertificate(), makeCertificate(), makeCertificate('DNS:bmc9')])
  })
  const heard = (service: RedfishService) => service.asked.length

  test('of a certificate that nobody signed is refused, and its fingerprint told', async () => {
    const service = await serve(own)
    const [fault, sentence] = await faultOf(targetOf(service))
    expect(fault).toBe('tls-not-trusted')
    expect(sentence).toMatch(/is signed by nobody that we trust \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
    expect(sentence).toContain(`fingerprint=sha256:${own.sha256} into power_options`)
    expect(heard(service)).toBe(0)
  })

  test('of the pinned certificate is spoken, whatever names are in it', async () => {
    for (const one of [own, wrongName]) {
      const service = await serve(one)
      expect(await driver.state(targetOf(service, { options: `fingerprint=sha256:${one.sha256}` }), toolsOf())).toBe(
        'off',
      )
    }
  })

  test('of another than the pinned one is refused before a byte is sent', async () => {
    const service = await serve(other)
    const target = targetOf(service, { options: `fingerprint=sha256:${own.sha256}` })
    expect(await faultOf(target)).toEqual(saying('tls-not-trusted', /has another certificate than the pinned one/))
    expect(heard(service)).toBe(0)
  })

  test('of an authority of our own is spoken, and of another refused', async () => {
    const service = await serve(own)
    const files: Record<string, string> = { 'own.pem': own.cert, 'other.pem': other.cert, 'no.pem': 'no certificate' }
    const readFile = (path: string) => files[path]
    const trusting = (ca: string) => targetOf(service, { options: `ca=${ca}` })
    const tools = toolsOf({ readFile })
    expect(await driver.state(trusting('own.pem'), tools)).toBe('off')
    await expect(driver.state(trusting('other.pem'), tools)).rejects.toMatchObject({ fault: 'tls-not-trusted' })
    await expect(driver.state(trusting('gone.pem'), tools)).rejects.toMatchObject({
      message: expect.stringMatching(/ca=gone\.pem is not there/),
    })
    await expect(driver.state(trusting('no.pem'), tools)).rejects.toMatchObject({
      message: expect.stringMatching(/holds no certificate/),
    })
  })

  test('of a certificate with other names is refused by those names', async () => {
    const service = await serve(wrongName)
    const tools = toolsOf({ readFile: () => wrongName.cert })
    await expect(driver.state(targetOf(service, { options: 'ca=bmc.pem' }), tools)).rejects.toMatchObject({
      fault: 'tls-not-trusted',
      message: expect.stringMatching(/is for DNS:bmc9 and not for 127\.0\.0\.1/),
    })
    expect(heard(service)).toBe(0)
  })

  test('of anybody is spoken where insecure=yes is written', async () => {
    const service = await serve(own)
    expect(await driver.state(targetOf(service, { options: 'insecure=yes' }), toolsOf())).toBe('off')
  })

  test('with a port that has none is said', async () => {
    const { origin } = await serve()
    expect(await faultOf(targetOf({ origin: origin.replace('http:', 'https:') }))).toEqual(
      saying('wrong-address', /does not speak TLS/),
    )
  })

  test('of a port that is asked without it is said', async () => {
    const service = await serve(own)
    const [fault] = await faultOf(targetOf({ origin: service.origin.replace('https:', 'http:') }))
    expect(['wrong-address', 'no-answer']).toContain(fault)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explanation, sentPreseed } from '../../src/http/answer-shapes.ts'
import type { Explanation } from '../../src/model/explanation.ts'
import { type TestApp, testApp } from './test-app.ts'

const HASH = '$6$salt$abcdefghijkl'
const USER_DATA = Buffer.from('#cloud-config\npassword: hunter22\n').toString('base64')

let it: TestApp

beforeAll(async () => {
  it = await testApp()
  await it.as('operator', 'POST', '/api/systems', {
    ...{ name: 'node1', profile: it.catalog.list('profile')[0]?.name },
    interfaces: { eth0: { macAddress: '52:54:00:77:00:01' } },
    meta: { password_crypted: HASH, USER_DATA_BASE64: USER_DATA },
  })
})
afterAll(() => it.close())

const explain = async (role: 'viewer' | 'operator', query = '') => {
  const answer = await it.as(role, 'GET', `/api/explain/node1${query}`)
  return { status: answer.statusCode, body: answer.body, told: answer.json<Explanation>() }
}

describe('GET /api/explain/:machine', () => {
  test('answers in the shape that is described', async () => {
    const { told } = await explain('operator', '?firmware=uefi&arch=arm64&netboot=on')
    expect(explanation.parse(told)).toEqual(told)
    expect(told.steps.map(({ id }) => id)).toEqual([
      ...['dhcp', 'loader', 'config', 'kernel', 'preseed', 'late-command', 'metadata'],
    ])
    expect(told.whatIf).toEqual({ firmware: 'uefi', arch: 'arm64', netboot: true, profile: null })
  })

  test('shows passwords to operators, and to viewers none, however they are wrapped', async () => {
    const plain = (body: string) =>
      body.replace(/[A-Za-z0-9+/]{40,}={0,2}/g, (word) => Buffer.from(word, 'base64').toString())
    const operator = plain((await explain('operator')).body)
    for (const secret of [HASH, USER_DATA, 'hunter22']) expect(operator).toContain(secret)
    const viewer = plain((await explain('viewer')).body)
    for (const secret of [HASH, USER_DATA, 'hunter22']) expect(viewer).not.toContain(secret)
    expect(viewer).toContain('d-i passwd/user-password-crypted password ********')
  })

  test('refuses what no machine is, and names the field', async () => {
    const refused = await explain('viewer', '?firmware=coreboot')
    expect(refused).toMatchObject({ status: 400, told: { field: 'firmware' } })
    const none = await explain('viewer', '?firmware=bios&arch=arm64')
    expect(none).toMatchObject({
      told: { field: 'arch', detail: expect.stringContaining('there is no bios for arm64') },
    })
    expect((await it.as('viewer', 'GET', '/api/explain/nobody')).statusCode).toBe(404)
  })
})

describe('GET /api/systems/:name/autoinstall/last', () => {
  const last = async (role: 'viewer' | 'operator') => await it.as(role, 'GET', '/api/systems/node1/autoinstall/last')

  test('is nothing before an installer has asked, then the last that was sent', async () => {
    expect((await last('operator')).statusCode).toBe(404)
    const system = it.catalog.get('system', 'node1')
    if (!system) throw new Error('no system')
    it.sentPreseeds.keep(system, 'first', 'first')
    it.sentPreseeds.keep(system, `password ${HASH}`, 'password ********')
    const told = (await last('operator')).json<unknown>()
    expect(sentPreseed.parse(told)).toEqual({ text: `password ${HASH}`, at: it.clock.now(), boot: 7 })
    expect((await last('viewer')).json()).toMatchObject({ text: 'password ********' })
  })
})

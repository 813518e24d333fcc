/** What is typed as power settings, and what is said about it. */
import { describe, expect, test } from 'vitest'
import type { PowerSettings } from '../../../src/model/system.ts'
import { ipmi } from '../../../src/power/drivers/ipmi.ts'
import { parseAddress, parseSettings } from '../../../src/power/ipmi/settings.ts'

const settings = (more: Partial<PowerSettings> = {}): PowerSettings => ({
  ...{ type: 'ipmi', address: '10.0.0.5', user: 'admin', pass: 'secret', id: '', options: '' },
  ...more,
})

function parsed(options: string) {
  const result = parseSettings(settings({ options }))
  if (!result.ok) throw new Error(result.because)
  return result.settings
}

describe('the power address', () => {
  test.each([
    ['10.0.0.5', '10.0.0.5', 623],
    ['10.0.0.5:9001', '10.0.0.5', 9001],
    ['bmc-1.rack_2.example', 'bmc-1.rack_2.example', 623],
    ['bmc1:624', 'bmc1', 624],
    ['[fd00::5]', 'fd00::5', 623],
    ['[fd00::5]:624', 'fd00::5', 624],
    ['[fe80::1%eth0]:624', 'fe80::1%eth0', 624],
    ['fd00::5', 'fd00::5', 623],
    ['::1', '::1', 623],
    [' 10.0.0.5 ', '10.0.0.5', 623],
  ])('%s is %s, port %i', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port })
  })

  test.each(['', ' ', 'a b', 'https://bmc1', 'bmc1:', 'bmc1:0', 'bmc1:70000', '-bmc', '[fd00::5', 'a/b', 'bmc1:x'])(
    '"%s" is none',
    (address) => {
      expect(parseAddress(address)).toBeUndefined()
      expect(parseSettings(settings({ address }))).toMatchObject({ ok: false, fault: 'wrong-address' })
    },
  )
})

describe('the power options', () => {
  test('may be left out', () => {
    expect(parsed('')).toMatchObject({
      target: { user: 'admin', password: 'secret' },
      firmware: undefined,
      soft: false,
    })
    expect(parsed('').target.suite).toBeUndefined()
  })

  test('name suite, privilege, port and firmware', () => {
    expect(parsed('cipher=17 privilege=operator lanplus')).toMatchObject({
      target: { suite: 17, privilege: 'operator' },
    })
    expect(parsed('lanplus=1 privlvl=ADMINISTRATOR cipher=3')).toMatchObject({
      target: { suite: 3, privilege: 'administrator' },
    })
    expect(parsed('ipport=6230 efi soft').target.port).toBe(6230)
    expect(parsed('efi soft')).toMatchObject({ firmware: 'efi', soft: true })
    expect(parsed('privlvl=admin power_wait=4 timeout=20 auth=password').target.privilege).toBe('administrator')
  })

  test.each([
    ['-I lanplus', {}],
    ['-I lanplus -L OPERATOR -C 17', { privilege: 'operator', suite: 17 }],
    ['--lanplus --cipher=3 -P', { suite: 3 }],
    ['-p 6230 --power-wait=4', { port: 6230 }],
  ])('may be those of ipmitool and fence_ipmilan: %s', (options, target) => {
    expect(parsed(options)).toMatchObject({ target })
  })

  test.each([
    ['cipher=0', 'cipher-refused', 'lets anyone in'],
    ['cipher=1', 'cipher-refused', 'suite 1'],
    ['cipher=8', 'cipher-refused', 'only 17 and 3'],
    ['cipher=strong', 'cipher-refused', 'no number'],
    ['cipher=', 'cipher-refused', 'no number'],
    ['privilege=root', 'privilege-too-low', 'known are user, operator, administrator'],
    ['port=0', 'refused', 'not known'],
    ['lanpuls', 'refused', '"lanpuls"'],
  ])('"%s" is %s', (options, fault, because) => {
    expect(parseSettings(settings({ options }))).toMatchObject({ ok: false, fault, field: 'power.options' })
    expect(ipmi.fault?.(settings({ options }))).toContain(because)
  })
})

describe('user and password', () => {
  test('are as long as IPMI takes, counted in bytes', () => {
    expect(parseSettings(settings({ pass: 'x'.repeat(20), user: 'u'.repeat(16) }))).toMatchObject({ ok: true })
    expect(parseSettings(settings({ user: 'u'.repeat(17) }))).toMatchObject({ ok: false, field: 'power.user' })
    const long = parseSettings(settings({ pass: 'pässwörter-ohne-ende' }))
    expect(long).toMatchObject({ ok: false, field: 'power.pass', fault: 'wrong-password' })
  })

  test('of which the password is in no sentence', () => {
    const pass = 'correct-horse-battery-staple'
    const sentence = ipmi.fault?.(settings({ pass })) ?? ''
    expect(sentence).toContain('has 28 bytes, but IPMI takes 20 at most')
    expect(sentence).not.toContain(pass)
  })
})

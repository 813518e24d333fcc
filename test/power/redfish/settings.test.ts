/** What power_address and power_options of a Redfish system may say. */
import { describe, expect, test } from 'vitest'
import { trustsAnyone } from '../../../src/power/http/trust.ts'
import { readAddress, readSettings } from '../../../src/power/redfish/settings.ts'

const settings = (address: string, options = '') =>
  readSettings({ type: 'redfish', address, user: 'root', pass: 'secret', id: '', options })

describe('power_address', () => {
  test.each([
    ['bmc1', 'https://bmc1'],
    ['bmc1.example:8443', 'https://bmc1.example:8443'],
    ['10.0.0.5', 'https://10.0.0.5'],
    ['[2001:db8::5]', 'https://[2001:db8::5]'],
    ['[2001:db8::5]:8443', 'https://[2001:db8::5]:8443'],
    ['https://bmc1', 'https://bmc1'],
    ['https://bmc1/redfish/v1/', 'https://bmc1'],
    ['https://bmc1/redfish', 'https://bmc1'],
    ['http://bmc1:8000', 'http://bmc1:8000'],
  ])('%s is %s', (address, origin) => {
    const read = readAddress(address)
    expect(typeof read === 'string' ? read : read.origin.origin).toBe(origin)
  })

  test('may be the URL of one system', () => {
    expect(readAddress('https://bmc1/redfish/v1/Systems/437X')).toMatchObject({ system: '/redfish/v1/Systems/437X' })
  })

  test.each([
    ['', /is empty/],
    ['bmc 1', /blank/],
    ['2001:db8::5', /in brackets, \[2001:db8::5\]/],
    ['ftp://bmc1', /https or http/],
    ['https://bmc1:99999', /host:port/],
    ['https://bmc1/cgi-bin', /neither \/redfish\/v1/],
    ['https://bmc1/?a=b', /a \? or a #/],
    ['https://root:hunter2@bmc1', /power_user and power_pass/],
  ])('"%s" is refused with a sentence', (address, words) => {
    const fault = settings(address)
    expect(fault).toEqual(expect.stringMatching(words))
    expect(fault).not.toContain('hunter2')
  })
})

describe('power_options', () => {
  test('are session, PXE and verified TLS unless told', () => {
    expect(settings('bmc1')).toMatchObject({
      auth: 'session',
      boot: 'Pxe',
      soft: false,
      trust: { trust: 'authorities' },
    })
  })

  test('name another login, boot, mode and politeness', () => {
    expect(settings('bmc1', 'auth=basic boot=http mode=uefi soft=yes')).toMatchObject({
      ...{ auth: 'basic', boot: 'UefiHttp', mode: 'UEFI', soft: true },
    })
  })

  test('pin a certificate in either form', () => {
    const hex = 'ab'.repeat(32)
    const colons = 'AB:'.repeat(31).concat('AB')
    expect(settings('bmc1', `fingerprint=sha256:${hex}`)).toMatchObject({ trust: { sha256: hex } })
    expect(settings('bmc1', `fingerprint=SHA256:${colons}`)).toMatchObject({ trust: { sha256: hex } })
  })

  test('trust one authority, or anyone, in so many words', () => {
    expect(settings('bmc1', 'ca=bmc/ca.pem')).toMatchObject({ trust: { trust: 'file', path: 'bmc/ca.pem' } })
    for (const words of ['insecure=yes', 'insecure', 'ssl_insecure=1']) {
      expect(settings('bmc1', words)).toMatchObject({ trust: { trust: 'anyone' } })
    }
    expect(settings('bmc1', 'insecure=no')).toMatchObject({ trust: { trust: 'authorities' } })
  })

  test.each([
    ['fingerpint=sha256:00', /"fingerpint" is no option/],
    ['fingerprint=sha256:00', /64 hexadecimal digits/],
    ['fingerprint=sha1:0011223344556677889900112233445566778899', /SHA-256/],
    ['ca=../../etc/ssl/ca.pem', /below the data folder/],
    ['ca=/etc/ssl/ca.pem', /below the data folder/],
    ['ca=key', /\.pem or \.crt/],
    ['insecure=maybe', /yes or no/],
    ['insecure=yes ca=a.pem', /only one of/],
    ['auth=digest', /session or basic/],
    ['boot=disk', /pxe or http/],
    ['mode=csm', /uefi or legacy/],
    ['soft=perhaps', /yes or no/],
    ['auth=basic auth=session', /twice/],
  ])('%s is refused with a sentence', (options, words) => {
    expect(settings('bmc1', options)).toEqual(expect.stringMatching(words))
  })
})

test('options that turn verification off are noticed, among others too', () => {
  expect(['insecure=yes', 'lanplus=true ssl_insecure=1', 'insecure'].map(trustsAnyone)).toEqual([true, true, true])
  expect(['', 'insecure=no', 'ca=bmc.pem', 'auth=basic'].map(trustsAnyone)).toEqual([false, false, false, false])
})

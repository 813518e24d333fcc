/** Exchanges of DHCP as entries of a trace: what each shows, and which are no part of a boot. */
import { expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { isOfBoot, sightedOf } from '../../src/dhcp/exchange.ts'
import type { RequestType } from '../../src/dhcp/request.ts'
import { type Asking, aKnown, aRequest, aState, aSystem } from '../support/dhcp.ts'

function exchange(type: RequestType, asking: Asking = {}, state: Partial<DhcpState> = {}) {
  const [request, whole] = [aRequest(type, asking), aState(state)]
  return { request, state: whole, decided: decideDhcp(request, whole) }
}
const seen = (...of: Parameters<typeof exchange>) => sightedOf(exchange(...of))

const UEFI: Asking = { arch: 7 }
const known = aKnown()

test('an offer to a machine that boots says to whom, what, and which loader', () => {
  expect(seen('discover', UEFI, { known })).toEqual({
    ...{ kind: 'dhcp', outcome: 'ok', sign: 'offer', boots: true, wants: 'install', firmware: 'uefi-x64' },
    text: 'DISCOVER by uefi-x64 (architecture 7, PXEClient:Arch:00007): offered 10.77.0.100, to boot uefi-x64-install.0',
    because: '10.77.0.100: a free address; uefi-x64 to install with uefi-x64-install.0',
    path: 'uefi-x64-install.0',
    server: undefined,
  })
  const system = aSystem({ netbootEnabled: false })
  expect(seen('discover', UEFI, { known: aKnown(system) })).toMatchObject({ wants: 'disk' })
})

test.each([
  ['an address', 'request', { asked: '10.77.0.100', serverId: '10.77.0.1', arch: 7 }, { sign: 'address', boots: true }],
  [
    'a loader by URL',
    'request',
    { asked: '10.77.0.100', arch: 16, vendorClass: 'HTTPClient' },
    { path: expect.stringMatching(/^http:/) },
  ],
  [
    'an address for whoever does not boot',
    'request',
    { asked: '10.77.0.100' },
    { sign: 'address', text: 'REQUEST: has 10.77.0.100' },
  ],
  [
    'no loader',
    'request',
    { asked: '10.77.0.100', arch: 99 },
    { sign: 'address', path: undefined, firmware: undefined },
  ],
  [
    'another server',
    'request',
    { asked: '10.77.0.9', serverId: '10.77.0.9', arch: 7 },
    {
      sign: 'elsewhere',
      server: '10.77.0.9',
      outcome: 'refused',
      text: expect.stringMatching(/it took the offer of 10\.77\.0\.9$/),
    },
  ],
  ['a settings question', 'inform', { ciaddr: '10.77.0.100' }, { sign: undefined, text: 'INFORM: told' }],
] as const)('it tells of %s', (_, type, asking, found) => {
  expect(seen(type, asking, { known, standing: 'own' })).toMatchObject(found)
})

test('silence and refusals tell why', () => {
  expect(seen('discover', UEFI)).toMatchObject({
    ...{
      outcome: 'refused',
      sign: 'discover',
      boots: true,
      wants: undefined,
      text: expect.stringMatching(/: no answer$/),
    },
    because: expect.stringContaining('enlisting is off'),
  })
  expect(seen('request', { asked: '10.77.0.50' }, { known, standing: 'taken' })).toMatchObject({
    ...{ outcome: 'refused', sign: undefined, text: 'REQUEST: refused', because: '10.77.0.50 is not for this client' },
  })
})

test('a machine that keeps the address that it uses, or gives it back, is no part of a boot', () => {
  expect(isOfBoot(exchange('request', { ciaddr: '10.77.0.100' }))).toBe(false)
  expect(isOfBoot(exchange('release', { ciaddr: '10.77.0.100' }))).toBe(false)
  expect(isOfBoot(exchange('inform', { ciaddr: '10.77.0.100' }))).toBe(true)
  expect(isOfBoot(exchange('decline', { asked: '10.77.0.100' }))).toBe(true)
  expect(isOfBoot(exchange('request', { asked: '10.77.0.100' }))).toBe(true)
})

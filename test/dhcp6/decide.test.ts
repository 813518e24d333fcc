/** DHCPv6 decisions: what is answered to whom, and that no bytes break it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, decodeOptions, encode, encodeOptions, findOption, OPTION } from '../../src/dhcp6/codec.ts'
import { type Dhcp6Answer, type Dhcp6State, decideDhcp6 } from '../../src/dhcp6/decide.ts'
import { readRequest } from '../../src/dhcp6/request.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import { asSubnet6, type Ipv6, ipv6OfBytes, macOfIpv6 } from '../../src/model/address6.ts'
import { aKnown, aSystem } from '../support/dhcp.ts'
import { type Asking, askingBytes, CLIENT, MAC, PEER, relayedBytes } from './asking.ts'

const network = asSubnet6('fd77::/64') ?? expect.fail('a subnet')
const known = aKnown(aSystem())
const state: Dhcp6State = {
  ...{ server: 'fd77::1' as Ipv6, network, dns: ['fd77::1' as Ipv6], search: ['lab.example'] },
  ...{ known, policy: { enlist: undefined } },
  firmwareOf: ({ archs, isIpxe }) =>
    isIpxe ? 'ipxe' : archs[0] === 16 ? 'uefi-http-x64' : archs[0] === 7 ? 'uefi-x64' : undefined,
  bootFile: ({ boot }, { mac, firmware }) =>
    firmware === 'uefi-x64' ? 'shimx64.efi' : `http://[fd77::1]/${boot}/${mac}`,
}
const answerTo = (bytes: Uint8Array, more: Partial<Dhcp6State> = {}, source = PEER): Dhcp6Answer =>
  decideDhcp6(readRequest(decode(bytes), source), { ...state, ...more })
const ask = (type: Parameters<typeof askingBytes>[0], asking: Asking = {}, more: Partial<Dhcp6State> = {}) =>
  answerTo(askingBytes(type, asking), more)

const optionOf = ({ reply }: Dhcp6Answer, code: number) => findOption(reply?.message.options ?? [], code)
const textOf = (answer: Dhcp6Answer, code: number) => Buffer.from(optionOf(answer, code) ?? []).toString('latin1')
function addressOf(answer: Dhcp6Answer): Ipv6 | undefined {
  const wish = optionOf(answer, OPTION.iaNa)
  const given = wish && findOption(decodeOptions(wish.subarray(12)), OPTION.iaAddress)
  return given && ipv6OfBytes(given)
}
const OURS = optionOf(ask('informationRequest'), OPTION.serverId) ?? expect.fail('it says who it is')

describe('a question for information', () => {
  test('is answered with what it wants, and without an address', () => {
    const answer = ask('informationRequest')
    expect(answer.reply?.message).toMatchObject({ type: 7, transaction: 0xabcdef })
    expect(answer.reply?.message.options.map(([code]) => code)).toEqual([1, 2, 23, 24])
    expect(optionOf(answer, OPTION.clientId)).toEqual(CLIENT)
    expect(textOf(answer, OPTION.searchDomains)).toBe('\x03lab\x07example\0')
    expect(ask('informationRequest', { wants: [] }).reply?.message.options.map(([code]) => code)).toEqual([1, 2])
  })

  test('may come without a name', () => {
    expect(ask('informationRequest', { clientId: null }).reply?.message.options.map(([code]) => code)).toEqual([
      2, 23, 24,
    ])
  })
})

describe('an address', () => {
  test('is offered, then given, then given again: always the same, with the MAC in it', () => {
    const offer = ask('solicit', { wishes: [] })
    expect(offer.reply?.message.type).toBe(2)
    expect(addressOf(offer)).toBe('fd77::d06:5254:77:1')
    expect(macOfIpv6(addressOf(offer) ?? expect.fail('an address'))).toBe(MAC)
    for (const type of ['request', 'renew'] as const) {
      const given = ask(type, { wishes: [], serverId: OURS })
      expect([given.reply?.message.type, addressOf(given)]).toEqual([7, addressOf(offer)])
    }
    expect(addressOf(ask('rebind', { wishes: [] }))).toBe(addressOf(offer))
  })

  test("is known to be the machine's from when it is given until it is given back", () => {
    const ip = 'fd77::d06:5254:77:1' as Ipv6
    const changes = (...asked: Parameters<typeof ask>) => ask(...asked).addresses
    expect(changes('solicit', { wishes: [] })).toEqual([])
    for (const type of ['request', 'renew'] as const)
      expect(changes(type, { wishes: [], serverId: OURS })).toEqual([{ ip, seconds: 86_400 }])
    for (const type of ['release', 'decline'] as const)
      expect(changes(type, { wishes: [ip], serverId: OURS })).toEqual([{ ip, seconds: 0 }])
    expect(changes('request', { wishes: [], serverId: OURS }, { server: ip })).toEqual([])
    expect(changes('request', { wishes: [], serverId: CLIENT })).toEqual([])
  })

  test('of one whose MAC is not known is made of its name', () => {
    const from = 'fe80::1' as Ipv6
    const [one, again, other] = [CLIENT, CLIENT, Buffer.from('00040011', 'hex')].map((clientId) =>
      addressOf(answerTo(askingBytes('solicit', { wishes: [], clientId }), {}, from)),
    )
    expect(one).toMatch(/^fd77::/)
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  test('is not there in a network of more than 64 bits', () => {
    const answer = ask('solicit', { wishes: [] }, { network: asSubnet6('fd77::/96') ?? network })
    expect(addressOf(answer)).toBeUndefined()
    expect(optionOf(answer, OPTION.iaNa)?.subarray(12)).toEqual(Buffer.from('000d00020002', 'hex'))
  })

  test.each([
    ['fd77::d06:5254:77:1', '0000'],
    ['fd78::1', '0004'],
  ])('%s is confirmed with %s', (ip, code) => {
    const answer = ask('confirm', { wishes: [ip as Ipv6] })
    expect(Buffer.from(optionOf(answer, OPTION.statusCode) ?? []).toString('hex')).toBe(code)
  })
})

test.each<[string, Parameters<typeof askingBytes>[0], Asking]>([
  ['a request to another server', 'request', { serverId: CLIENT, wishes: [] }],
  ['a request to no server', 'request', { wishes: [] }],
  ['a solicit to one server', 'solicit', { serverId: OURS, wishes: [] }],
  ['a solicit of nobody', 'solicit', { clientId: null, wishes: [] }],
  ['a question for information that wants an address', 'informationRequest', { wishes: [] }],
])('%s is met with silence', (_, type, asking) => {
  expect(ask(type, asking).reply).toBeUndefined()
})

describe('a machine that boots', () => {
  const http: Asking = { arch: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003001', wishes: [] }

  test('by HTTP is told a URL, in its own class', () => {
    const answer = ask('solicit', http)
    expect(textOf(answer, OPTION.bootFileUrl)).toBe(`http://[fd77::1]/install/${MAC}`)
    expect(textOf(answer, OPTION.vendorClass)).toBe('\0\0\x01\x57\0\x0aHTTPClient')
    expect(answer.bootFile).toBe(`http://[fd77::1]/install/${MAC}`)
  })

  test('as iPXE is told a URL, and no class', () => {
    const answer = ask('informationRequest', { arch: 7, userClass: 'iPXE', vendorClass: 'PXEClient:Arch:00007' })
    expect(textOf(answer, OPTION.bootFileUrl)).toMatch(/^http:/)
    expect(optionOf(answer, OPTION.vendorClass)).toBeUndefined()
  })

  test.each<[string, Asking, Partial<Dhcp6State>, RegExp]>([
    ['by TFTP', { arch: 7, vendorClass: 'PXEClient:Arch:00007' }, {}, /boots by IPv4/],
    ['that nobody knows', http, { known: undefined }, /enlisting is off/],
    ['with a processor that we have nothing for', { ...http, arch: 99 }, {}, /no loader/],
    ['where HTTP is not heard', http, { bootFile: () => undefined }, /boots by IPv4/],
  ])('%s is told none, and still has its address', (_, asking, more, because) => {
    const answer = ask('solicit', { ...asking, wishes: [] }, more)
    expect(optionOf(answer, OPTION.bootFileUrl)).toBeUndefined()
    expect(addressOf(answer)).toBeDefined()
    expect(answer.because).toMatch(because)
  })
})

describe('through a relay', () => {
  const relay = 'fd77::fe' as Ipv6
  const interfaceId = encodeOptions([
    [OPTION.interfaceId, Buffer.from('port 7')],
    [OPTION.clientLinkLayer, Buffer.from('0001525400770009', 'hex')],
  ])

  test('the answer is in its envelope again, and the relay tells whose MAC it is', () => {
    const bytes = relayedBytes(askingBytes('solicit', { wishes: [] }), relay, PEER, interfaceId)
    const request = readRequest(decode(bytes), 'fd99::1' as Ipv6)
    expect([request.mac, request.relay]).toEqual(['52:54:00:77:00:09', relay])
    const reply = decideDhcp6(request, state).reply ?? expect.fail('an answer')
    const sent = Buffer.from(encode(reply))
    expect(sent[0]).toBe(13)
    expect([ipv6OfBytes(sent.subarray(2)), ipv6OfBytes(sent.subarray(18))]).toEqual([relay, PEER])
    const options = decodeOptions(sent.subarray(34))
    expect(options.map(([code]) => code)).toEqual([OPTION.interfaceId, OPTION.relayMessage])
    expect(decode(options[1]?.[1] ?? Buffer.alloc(0)).message).toMatchObject({ type: 2, transaction: 0xabcdef })
  })

  test('and another: the envelopes are in their order, and the inner one tells the network', () => {
    const inner = relayedBytes(askingBytes('solicit', { wishes: [] }), relay, PEER)
    const request = readRequest(decode(relayedBytes(inner, '::' as Ipv6, relay)), 'fd99::1' as Ipv6)
    expect(request.relay).toBe(relay)
    const { relays } = decideDhcp6(request, state).reply ?? expect.fail('an answer')
    expect(relays.map(({ peer }) => peer)).toEqual([relay, PEER])
  })

  test('nobody comes through nine', () => {
    let bytes = askingBytes('solicit')
    for (let times = 0; times < 9; times++) bytes = relayedBytes(bytes, relay, PEER)
    expect(() => decode(bytes)).toThrow(DecodeError)
  })
})

test('the MAC is that of the address it speaks from, else that in its name', () => {
  const macOf = (clientId: string, source: string) =>
    readRequest(decode(askingBytes('solicit', { clientId: Buffer.from(clientId, 'hex') })), source as Ipv6).mac
  expect(macOf('00030001525400770005', PEER)).toBe(MAC)
  expect(macOf('00030001525400770005', 'fe80::1')).toBe('52:54:00:77:00:05')
  expect(macOf('0001000112345678525400770006', 'fe80::1')).toBe('52:54:00:77:00:06')
  expect(macOf('000400112233445566778899aabbccddeeff', 'fe80::1')).toBeUndefined()
})

test('whatever the bytes: DecodeError only, and what can be read can be answered and sent', () => {
  const seed = [
    ...relayedBytes(
      askingBytes('solicit', { wishes: ['fd77::9' as Ipv6], arch: 16, vendorClass: 'HTTPClient' }),
      PEER,
      PEER,
    ),
  ]
  const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255))
  const mutant = fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(seed.length), fc.boolean())
  const bytes = fc.oneof(
    mutant.map(([changes, cut, isInner]) => {
      const all = [...seed]
      for (const [at, byte] of changes) all[at] = byte
      return Uint8Array.from((cut % 3 === 0 ? all.slice(0, cut) : all).slice(isInner ? 38 : 0))
    }),
    fc.uint8Array({ maxLength: 100 }),
  )
  fc.assert(
    fc.property(bytes, (some) => {
      try {
        const { reply } = answerTo(some)
        if (reply) expect(encode(reply).length).toBeLessThan(some.length + 400)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 10_000 },
  )
})

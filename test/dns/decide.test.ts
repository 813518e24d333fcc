/** DNS decisions as a table: our names are answered; all others are refused, or left to another resolver. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DnsAnswer, decodeQuery, RCODE } from '../../src/dns/codec.ts'
import { type DnsLookUp, type DnsZone, decideDns } from '../../src/dns/decide.ts'
import { type Ipv4, parseIpv4 } from '../../src/model/address.ts'
import { type Ipv6, ipv6ToBytes } from '../../src/model/address6.ts'
import { type Asked, questionBytes } from './question.ts'

const NODE = parseIpv4('10.77.0.11')
const zone: DnsZone = {
  domain: 'Lab.Example',
  self: [parseIpv4('10.77.0.1')],
  subnets: [
    { network: parseIpv4('10.79.0.0'), prefix: 22 },
    { network: parseIpv4('10.80.0.128'), prefix: 25 },
  ],
  subnets6: [
    { network: 'fd77::' as Ipv6, prefix: 64 },
    { network: 'fd78:0:0:8000::' as Ipv6, prefix: 49 },
  ],
}
const NODE6 = 'fd77::d06:5254:77:1' as Ipv6
const byName = new Map<string, (Ipv4 | Ipv6)[]>(
  Object.entries({
    'six.lab.example': [NODE, NODE6],
    node01: [NODE],
    'node01.lab.example': [NODE],
    'two.lab.example': [NODE, parseIpv4('10.77.0.12')],
    'www.other.example': [NODE],
  }),
)
const lookUp: DnsLookUp = {
  addresses: (name) => byName.get(name) ?? [],
  names: (ip) => (ip === NODE || ip === NODE6 ? ['node01.lab.example', 'a name; no', 'www.other.example'] : []),
  alias: (name) => ({ 'mirror.lab.example': 'node01.lab.example', 'gone.lab.example': 'away.lab.example' })[name],
}
const decide = (...[query, of, at]: Parameters<typeof decideDns>): DnsAnswer => {
  const decided = decideDns(query, of, at)
  if (decided === 'forward') throw new Error('left to another resolver')
  return decided
}
const ask = (asked: Asked, of = zone) => decide(decodeQuery(questionBytes(asked)), lookUp, of)
const short = ({ rcode, answers, authorities }: DnsAnswer) => ({
  rcode,
  answers: answers.map(({ type, data }) => (typeof data === 'string' ? `${type} ${data}` : type)),
  authorities: authorities.map(({ type, name }) => `${type} ${name}`),
})

describe('a name that we know', () => {
  test.each([
    ['node01.lab.example', ['A 10.77.0.11']],
    ['NODE01.LAB.EXAMPLE', ['A 10.77.0.11']],
    ['node01', ['A 10.77.0.11']],
    ['two.lab.example', ['A 10.77.0.11', 'A 10.77.0.12']],
    ['www.other.example', ['A 10.77.0.11']],
    ['ns.lab.example', ['A 10.77.0.1']],
  ])('%s has its address, on our own authority', (name, answers) => {
    const answer = ask({ name })
    expect(short(answer)).toEqual({ rcode: RCODE.noError, answers, authorities: [] })
    expect(answer.authoritative).toBe(true)
    expect(answer.answers[0]?.name).toBe(name)
  })

  test.each([
    ['node01.lab.example', 'AAAA', 'lab.example'],
    ['node01.lab.example', 'PTR', 'lab.example'],
    ['node01.lab.example', 'UNKNOWN_65', 'lab.example'],
    ['node01', 'AAAA', 'node01'],
    ['11.0.77.10.in-addr.arpa', 'A', '11.0.77.10.in-addr.arpa'],
  ])('%s has no %s, which is no error', (name, type, apex) => {
    expect(short(ask({ name, type }))).toEqual({ rcode: RCODE.noError, answers: [], authorities: [`SOA ${apex}`] })
  })
})

test('an address that we know has its names, those that can be names', () => {
  const expected = {
    rcode: RCODE.noError,
    answers: ['PTR node01.lab.example', 'PTR www.other.example'],
    authorities: [],
  }
  expect(short(ask({ name: '11.0.77.10.in-addr.arpa', type: 'PTR' }))).toEqual(expected)
  expect(short(ask({ name: '11.0.77.10.IN-ADDR.arpa', type: 'ANY' }))).toEqual(expected)
})

describe('another word for a name', () => {
  test.each<[string, Asked, string[]]>([
    [
      'has it with the addresses behind it',
      { name: 'Mirror.lab.example' },
      ['CNAME node01.lab.example', 'A 10.77.0.11'],
    ],
    ['has it alone for other types', { name: 'mirror.lab.example', type: 'AAAA' }, ['CNAME node01.lab.example']],
    ['has it when it is asked for', { name: 'mirror.lab.example', type: 'CNAME' }, ['CNAME node01.lab.example']],
    ['has it where there is nothing behind', { name: 'gone.lab.example' }, ['CNAME away.lab.example']],
  ])('%s', (_, asked, answers) => {
    expect(short(ask(asked))).toEqual({ rcode: RCODE.noError, answers, authorities: [] })
  })

  test('has the addresses under their own name', () => {
    expect(ask({ name: 'MIRROR.lab.example' }).answers.map(({ name }) => name)).toEqual([
      'MIRROR.lab.example',
      'node01.lab.example',
    ])
  })
})

describe('the addresses of our subnets', () => {
  test.each([
    ['9.1.79.10', RCODE.nxDomain, ['SOA 1.79.10.in-addr.arpa']],
    ['200.0.80.10', RCODE.noError, ['SOA 200.0.80.10.in-addr.arpa']],
    ['9.9.4.79.10', RCODE.refused, []],
    ['9.4.79.10', RCODE.refused, []],
    ['9.0.80.10', RCODE.refused, []],
    ['79.10', RCODE.refused, []],
  ])('%s', (name, rcode, authorities) => {
    expect(short(ask({ name: `${name}.in-addr.arpa`, type: 'PTR' }))).toEqual({ rcode, answers: [], authorities })
  })

  test('are zones of ours', () => {
    expect(short(ask({ name: '2.79.10.in-addr.arpa', type: 'SOA' })).answers).toEqual(['SOA'])
    expect(short(ask({ name: '2.79.10.in-addr.arpa', type: 'NS' })).answers).toEqual(['NS ns.lab.example'])
  })
})

describe('of IPv6', () => {
  /** `1.0.…8.b.d.0.1.0.0.2` */
  const digits = (ip: string) => [...Buffer.from(ipv6ToBytes(ip) ?? []).toString('hex')].reverse().join('.')
  const six = (name: string, type = 'PTR') => short(ask({ name: `${name}.ip6.arpa`, type }))
  const APEX = '0.0.0.0.0.0.0.0.0.0.0.0.7.7.d.f.ip6.arpa'

  test('a name has the addresses of the kind that is asked for, or of both', () => {
    expect(short(ask({ name: 'six.lab.example', type: 'AAAA' })).answers).toEqual([`AAAA ${NODE6}`])
    expect(short(ask({ name: 'six.lab.example', type: 'A' })).answers).toEqual(['A 10.77.0.11'])
    expect(short(ask({ name: 'six.lab.example', type: 'ANY' })).answers).toEqual(['A 10.77.0.11', `AAAA ${NODE6}`])
  })

  test('an address that we know has its names, in letters of any size', () => {
    const names = ['PTR node01.lab.example', 'PTR www.other.example']
    expect(six(digits(NODE6)).answers).toEqual(names)
    expect(six(digits(NODE6).toUpperCase(), 'ANY').answers).toEqual(names)
  })

  test('so has our own', () => {
    const ours = { ...zone, self: ['fd77::1' as Ipv6] }
    expect(short(ask({ name: `${digits('fd77::1')}.ip6.arpa`, type: 'PTR' }, ours)).answers).toEqual([
      'PTR ns.lab.example',
    ])
    expect(short(ask({ name: 'ns.lab.example', type: 'AAAA' }, ours)).answers).toEqual(['AAAA fd77::1'])
  })

  test('the networks are zones of ours, of whole digits and no more', () => {
    expect(six(digits('fd77::2'))).toEqual({ rcode: RCODE.nxDomain, answers: [], authorities: [`SOA ${APEX}`] })
    expect(six(digits('fd77::').slice(32), 'SOA').answers).toEqual(['SOA'])
    expect(six(digits('fd77::').slice(32), 'NS').answers).toEqual(['NS ns.lab.example'])
    expect(six(digits('fd78:0:0:ffff::1')).authorities).toEqual(['SOA f.0.0.0.0.0.0.0.0.8.7.d.f.ip6.arpa'])
    for (const name of [digits('fd78::1'), digits('fd77:0:0:1::'), digits('fd77::').slice(34)])
      expect(six(name), name).toEqual({ rcode: RCODE.refused, answers: [], authorities: [] })
  })

  test('what is between a zone and its addresses is there, and has nothing', () => {
    for (const name of [digits(NODE6).slice(2), digits(NODE6).slice(30)])
      expect(six(name), name).toEqual({ rcode: RCODE.noError, answers: [], authorities: [`SOA ${APEX}`] })
    expect(short(ask({ name: '1.79.10.in-addr.arpa', type: 'A' })).rcode).toBe(RCODE.noError)
  })

  test("what is no address is nobody's", () => {
    for (const name of [`0.${digits(NODE6)}`, `g${digits(NODE6).slice(1)}`, `00.${digits(NODE6).slice(4)}`])
      expect(six(name).rcode, name).toBe(RCODE.refused)
  })
})

describe('for a client that may', () => {
  const askFar = (asked: Asked) => decideDns(decodeQuery(questionBytes(asked)), lookUp, zone, true)

  test.each<[string, Asked]>([
    ['a name of somebody else', { name: 'www.debian.org' }],
    ['an address of somebody else', { name: '8.8.8.8.in-addr.arpa', type: 'PTR' }],
    ['a type that we do not know', { name: 'www.debian.org', type: 'HTTPS' }],
    ['a domain of the root', { name: 'org', type: 'NS' }],
  ])('%s is left to another resolver', (_, asked) => {
    expect(askFar(asked)).toBe('forward')
  })

  test.each<[string, Asked, number]>([
    ['our own names', {}, RCODE.noError],
    ['names of our zone that are not there', { name: 'nobody.lab.example' }, RCODE.nxDomain],
    ['a word that is no machine of ours', { name: 'nobody' }, RCODE.nxDomain],
    ['all that there is of a name', { name: 'www.debian.org', type: 'ANY' }, RCODE.refused],
    ['what is not to be looked for elsewhere', { name: 'www.debian.org', flags: 0 }, RCODE.refused],
    ['a copy of a zone', { name: 'debian.org', type: 'AXFR' }, RCODE.refused],
    ['another class', { name: 'version.bind', type: 'TXT', class: 'CH' }, RCODE.refused],
  ])('%s is not', (_, asked, rcode) => {
    expect(askFar(asked)).toMatchObject({ rcode, recursionAvailable: true })
  })
})

test('the zone has an SOA and a name server', () => {
  expect(short(ask({ name: 'lab.example', type: 'SOA' })).answers).toEqual(['SOA'])
  expect(short(ask({ name: 'lab.example', type: 'NS' })).answers).toEqual(['NS ns.lab.example'])
  expect(short(ask({ name: 'lab.example', type: 'A' }))).toMatchObject({ rcode: 0, authorities: ['SOA lab.example'] })
})

test('a name that is not there is said not to be, inside of our zone', () => {
  const answer = ask({ name: 'nobody.lab.example' })
  expect(short(answer)).toEqual({ rcode: RCODE.nxDomain, answers: [], authorities: ['SOA lab.example'] })
  expect(answer.authoritative).toBe(true)
})

describe('refused is', () => {
  test.each<[string, Asked, number]>([
    ['a name of somebody else', { name: 'www.debian.org' }, RCODE.refused],
    ['a name that ends like ours', { name: 'notlab.example' }, RCODE.refused],
    ['an unknown word', { name: 'nobody' }, RCODE.refused],
    ['the root', { name: '.', type: 'NS' }, RCODE.refused],
    ['an address that we do not know', { name: '99.0.77.10.in-addr.arpa', type: 'PTR' }, RCODE.refused],
    ['an address that is none', { name: '999.0.77.10.in-addr.arpa', type: 'PTR' }, RCODE.refused],
    ['part of an address', { name: '77.10.in-addr.arpa', type: 'PTR' }, RCODE.refused],
    ['a copy of the zone', { name: 'lab.example', type: 'AXFR' }, RCODE.refused],
    ['what changed in the zone', { name: 'lab.example', type: 'IXFR' }, RCODE.refused],
    ['another class', { name: 'version.bind', type: 'TXT', class: 'CH' }, RCODE.refused],
    ['another operation', { flags: 5 << 11 }, RCODE.notImp],
    ['a later EDNS', { edns: { udpPayloadSize: 1232, ednsVersion: 1 } }, RCODE.badVers],
  ])('%s', (_, asked, rcode) => {
    expect(ask(asked)).toEqual({ rcode, authoritative: false, answers: [], authorities: [] })
  })

  test('a query without a question, or with two', () => {
    const query = decodeQuery(questionBytes())
    for (const questions of [[], [...query.questions, ...query.questions]])
      expect(decide({ ...query, questions }, lookUp, zone).rcode).toBe(RCODE.formErr)
  })
})

test('without a domain the names that we know are answered, and no others', () => {
  const none = { domain: '', self: [], subnets: [], subnets6: [] }
  expect(short(ask({ name: 'node01' }, none)).answers).toEqual(['A 10.77.0.11'])
  for (const name of ['', 'lab.example', 'nobody']) expect(ask({ name }, none).rcode).toBe(RCODE.refused)
})

test('whatever is asked: only our own names have records, and only names of hosts are looked up', () => {
  const looked: string[] = []
  const addresses = (name: string) => {
    looked.push(name)
    return lookUp.addresses(name)
  }
  const anyName = fc.oneof(fc.domain(), fc.string({ maxLength: 30 }), fc.constantFrom(...byName.keys()))
  const property = fc.property(anyName, fc.constantFrom('A', 'ANY', 'SOA', 'TXT'), (name, type) => {
    const query = { ...decodeQuery(questionBytes()), questions: [{ name, type, class: 'IN' }] }
    const { answers, rcode } = decide(query, { ...lookUp, addresses }, zone)
    const isOurs = byName.has(name.toLowerCase()) || /(^|\.)lab\.example$/i.test(name)
    if (answers.length > 0) expect(isOurs).toBe(true)
    if (!isOurs) expect(rcode).toBe(RCODE.refused)
  })
  fc.assert(property, { numRuns: 1000 })
  for (const name of looked) expect(name).toMatch(/^[a-z0-9_.-]+$/)
})

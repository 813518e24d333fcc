import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { readLockInfo, readPropertyUpdate, readPropfind } from '../../src/webdav/request-xml.ts'
import { parseXml, writeXml } from '../../src/webdav/xml.ts'

const bytes = (text: string) => Buffer.from(text)

describe('a body in XML', () => {
  test.each([
    ['half', '<propfind xmlns="DAV:">'],
    ['a prefix without a namespace', '<D:propfind/>'],
    ['a prefix taken away', '<D:propfind xmlns:D="DAV:"><D:prop><b:f xmlns:b=""/></D:prop></D:propfind>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'],
    ['a bomb', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
    ['an entity that nobody has told', '<a>&nbsp;</a>'],
    ['a control character', '<a>&#1;</a>'],
    ['two documents', '<a/><a/>'],
    ['too deep', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['too many', `<a>${'<b/>'.repeat(20_000)}</a>`],
    ['a namespace that is a novel', `<a xmlns="${'x'.repeat(2000)}"/>`],
    ['nothing', ' '],
  ])('with %s is refused', (_, text) => {
    expect(() => parseXml(bytes(text))).toThrow(DecodeError)
  })

  test('may be UTF-16, and may not be what it is not', () => {
    const text = '\ufeff<a>é</a>'
    expect(parseXml(Buffer.from(text, 'utf16le')).children).toEqual(['é'])
    expect(parseXml(Buffer.from(text, 'utf16le').swap16()).children).toEqual(['é'])
    expect(() => parseXml(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]))).toThrow(DecodeError)
  })

  test('fails in no other way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>/a:x="\'&;! []D?-') }), (text) => {
        try {
          readPropertyUpdate(bytes(text))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('is written with the declarations that it needs, and means the same', () => {
    const text =
      '<a:x xmlns:a="u:1" xmlns="u:2" a:b="1 &lt; &quot;2&quot;"><y xmlns=""><a:z/>&amp;\r\n]]&gt;</y><w/></a:x>'
    const once = parseXml(bytes(text))
    const again = writeXml(once, 10_000)
    expect(parseXml(bytes(again))).toEqual(once)
    expect(writeXml(parseXml(bytes(again)), 10_000)).toBe(again)
  })

  test('whose declarations would be repeated without end is refused when it is written', () => {
    const far = `<a xmlns:b="${'x'.repeat(1000)}">${'<b:c/>'.repeat(5000)}</a>`
    expect(() => writeXml(parseXml(bytes(far)), 64 * 1024)).toThrow(DecodeError)
  })
})

describe('PROPFIND', () => {
  const ask = (inside: string) => readPropfind(bytes(`<propfind xmlns="DAV:">${inside}</propfind>`))

  test('asks for all when it says nothing', () => {
    expect(readPropfind(Buffer.alloc(0))).toEqual({ ask: 'all', include: [] })
  })
  test('asks for names, for all and more, for these', () => {
    expect(ask('<propname/>')).toEqual({ ask: 'names' })
    expect(ask('<unknown/><allprop/><include><a/></include>')).toEqual({
      ask: 'all',
      include: [{ namespace: 'DAV:', name: 'a' }],
    })
    expect(ask('<prop><a/><a/><b xmlns=""/></prop>')).toEqual({
      ask: 'these',
      names: [
        { namespace: 'DAV:', name: 'a' },
        { namespace: '', name: 'b' },
      ],
    })
  })
  test.each(['', '<x/>', '<propname/><allprop/>', '<prop/><allprop/>'])('with %j asks for nothing', (inside) => {
    expect(() => ask(inside)).toThrow(DecodeError)
  })
})

test('PROPPATCH keeps the order of its steps, and the language around a value', () => {
  const body =
    '<D:propertyupdate xmlns:D="DAV:" xmlns="u:1" xml:lang="de"><D:remove><D:prop><a/></D:prop></D:remove>' +
    '<D:set><D:prop><a>x</a><b xml:lang="fr"><D:c/></b></D:prop></D:set></D:propertyupdate>'
  expect(readPropertyUpdate(bytes(body))).toEqual([
    { namespace: 'u:1', name: 'a', xml: undefined },
    { namespace: 'u:1', name: 'a', xml: '<a xmlns="u:1" xml:lang="de">x</a>' },
    { namespace: 'u:1', name: 'b', xml: '<b xmlns="u:1" xml:lang="fr"><D:c xmlns:D="DAV:"/></b>' },
  ])
})

test('LOCK says which scope, and who', () => {
  const wish = (scope: string, owner = '') =>
    readLockInfo(
      bytes(`<lockinfo xmlns="DAV:"><lockscope>${scope}</lockscope><locktype><write/></locktype>${owner}</lockinfo>`),
    )
  expect(wish('<shared/>')).toEqual({ scope: 'shared', owner: '' })
  expect(wish('<exclusive/>', '<owner>me &amp; you</owner>')).toEqual({
    scope: 'exclusive',
    owner: '<owner xmlns="DAV:">me &amp; you</owner>',
  })
  for (const scope of ['', '<both/>', '<shared/><exclusive/>']) expect(() => wish(scope)).toThrow(DecodeError)
  expect(() => wish('<shared/>', `<owner>${'x'.repeat(20_000)}</owner>`)).toThrow(DecodeError)
})

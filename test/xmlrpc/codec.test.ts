import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { decodeAnswer, decodeCall } from '../../src/xmlrpc/codec.ts'
import { encodeFault, encodeResponse, encodeResponsePieces } from '../../src/xmlrpc/encode.ts'
import { Double, isArray, isBytes, isStruct, toJson, type Value } from '../../src/xmlrpc/value.ts'
import { encodeCall } from './support.ts'

const call = (params: string) => Buffer.from(`<methodCall><methodName>m</methodName>${params}</methodCall>`)
const value = (inner: string): Value =>
  decodeCall(call(`<params><param><value>${inner}</value></param></params>`)).args[0] ?? null
const refuses = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(
    () => decodeCall(bytes),
    (error) => error instanceof DecodeError && message.test(error.message),
  )

/** Structs without a prototype and bytes as plain ones, so that deepEqual looks at what is in them. */
function plain(given: Value): unknown {
  if (given instanceof Double) return { double: given.value }
  if (isBytes(given)) return { base64: Buffer.from(given).toString('base64') }
  if (isArray(given)) return given.map(plain)
  if (isStruct(given)) return Object.entries(given).map(([key, one]) => [key, plain(one)])
  return given
}

describe('XML-RPC calls', () => {
  test('are read as python writes them', () => {
    // python 3.11: xmlrpc.client.dumps((…), 'find_system')
    const bytes = Buffer.from(`<?xml version='1.0'?>
<methodCall>
<methodName>find_system</methodName>
<params>
<param>
<value><struct>
<member>
<name>mgmt_classes</name>
<value><string>a b</string></value>
</member>
<member>
<name>n</name>
<value><int>-7</int></value>
</member>
</struct></value>
</param>
<param>
<value><boolean>1</boolean></value>
</param>
<param>
<value><array><data>
<value><double>1.5</double></value>
<value><nil/></value>
<value><base64>
AP8=
</base64></value>
<value><dateTime.iso8601>20261122T21:56:53</dateTime.iso8601></value>
</data></array></value>
</param>
</params>
</methodCall>
`)
    const { method, args } = decodeCall(bytes)
    assert.equal(method, 'find_system')
    assert.deepEqual(args.map(plain), [
      [
        ['mgmt_classes', 'a b'],
        ['n', -7],
      ],
      true,
      [{ double: 1.5 }, null, { base64: 'AP8=' }, '20261122T21:56:53'],
    ])
  })

  test('need no params, and take empty strings, arrays and structs', () => {
    assert.deepEqual(decodeCall(call('')), { method: 'm', args: [] })
    assert.deepEqual(decodeCall(call('<params/>')), { method: 'm', args: [] })
    assert.equal(value(''), '')
    assert.equal(value('<string/>'), '')
    assert.deepEqual(value('<array><data/></array>'), [])
    assert.deepEqual(plain(value('<struct/>')), [])
  })

  test('read a value without a type as a string, blanks and all', () => {
    assert.equal(value(' two  words '), ' two  words ')
    assert.equal(value('<![CDATA[<a>&]]>b'), '<a>&b')
  })

  test('read references, and text beyond ASCII in the encodings that clients use', () => {
    assert.equal(value('<string>&lt;&amp;&#13;&#x20ac;</string>'), '<&\r€')
    const latin = Buffer.from(
      "<?xml version='1.0' encoding='iso-8859-1'?><methodCall><methodName>m\xe9</methodName></methodCall>",
      'latin1',
    )
    assert.equal(decodeCall(latin).method, 'mé')
  })

  test("read Apache's additions", () => {
    assert.equal(value('<ex:nil/>'), null)
    assert.equal(value('<i8>3000000000</i8>'), 3000000000)
  })

  test('keep a member named __proto__ a member like any other', () => {
    const struct = value('<struct><member><name>__proto__</name><value>x</value></member></struct>')
    assert.deepEqual(plain(struct), [['__proto__', 'x']])
    assert.equal(Object.getPrototypeOf(struct), null)
    assert.deepEqual(Object.entries(toJson(struct) as object), [['__proto__', 'x']])
  })

  test.each([
    ['nothing', '', /not well-formed/],
    ['half a document', '<methodCall><methodName>m', /not well-formed/],
    ['two documents', '<methodCall><methodName>m</methodName></methodCall><a/>', /not well-formed|<a>/],
    ['another root', '<methodResponse/>', /<methodResponse> in <>/],
    ['a call without a name', '<methodCall></methodCall>', /no methodName/],
    [
      'a document type',
      '<!DOCTYPE x [<!ENTITY a "b">]><methodCall><methodName>m</methodName></methodCall>',
      /document type/,
    ],
    ['an entity of its own', '<methodCall><methodName>&a;</methodName></methodCall>', /not well-formed/],
    ['an encoding nobody knows', "<?xml version='1.0' encoding='utf-7'?><methodCall/>", /encoding utf-7/],
    ['a forbidden character', '<methodCall><methodName>\x07</methodName></methodCall>', /not well-formed/],
  ])('are refused when they are %s', (_, text, message) => {
    refuses(Buffer.from(text), message)
  })

  test('are refused when their bytes are not UTF-8', () => {
    refuses(Buffer.from([0x3c, 0xff, 0xfe]), /not utf-8/)
  })

  test.each([
    ['<int>1.5</int>', /not an integer/],
    ['<int></int>', /not an integer/],
    ['<int>0x10</int>', /not an integer/],
    ['<i8>9007199254740993</i8>', /not an integer/],
    ['<double>nan</double>', /not a double/],
    ['<double>1e999</double>', /not a double/],
    ['<boolean>2</boolean>', /not a boolean/],
    ['<base64>A</base64>', /not base64/],
    ['<string><int>1</int></string>', /<int> in <string>/],
    ['<int>1</int><int>2</int>', /two values/],
    ['<int>1</int>x', /text beside/],
    ['<array></array>', /array without/],
    ['<array><data/><data/></array>', /array without/],
    ['<array><data>x</data></array>', /text in <data>/],
    ['<struct><member><name>a</name></member></struct>', /a member is/],
    ['<struct><member><value>a</value></member></struct>', /a member is/],
    ['<what/>', /<what> in <value>/],
  ])('are refused when a value is %s', (inner, message) => {
    refuses(call(`<params><param><value>${inner}</value></param></params>`), message)
  })

  test('have bounds on depth and number of values', () => {
    const nested = (depth: number) => '<value><array><data>'.repeat(depth) + '</data></array></value>'.repeat(depth)
    assert.doesNotThrow(() => decodeCall(call(`<params><param>${nested(60)}</param></params>`)))
    refuses(call(`<params><param>${nested(20_000)}</param></params>`), /nested deeper/)
    refuses(call(`<params><param><value><array><data>${'<value/>'.repeat(250_001)}`), /more than 250000 values/)
  })

  test('that are anything else fail as DecodeError and never hang', () => {
    const tags = [
      'methodCall',
      'methodName',
      'params',
      'param',
      'value',
      'int',
      'struct',
      'member',
      'name',
      'array',
      'data',
    ]
    const piece = fc.oneof(
      fc.constantFrom(...tags.flatMap((tag) => [`<${tag}>`, `</${tag}>`, `<${tag}/>`])),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.array(piece, { maxLength: 30 })), (input) => {
        const bytes = input instanceof Uint8Array ? input : Buffer.from(input.join(''))
        try {
          decodeCall(bytes)
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error))
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('XML-RPC answers', () => {
  test('are these bytes', () => {
    assert.equal(
      encodeResponse({ a: 1, b: [true, 'x<y', null], c: new Double(2) }),
      "<?xml version='1.0'?>\n<methodResponse><params><param><value><struct>" +
        '<member><name>a</name><value><int>1</int></value></member>' +
        '<member><name>b</name><value><array><data><value><boolean>1</boolean></value>' +
        '<value><string>x&lt;y</string></value><value><string>~</string></value></data></array></value></member>' +
        '<member><name>c</name><value><double>2.0</double></value></member>' +
        '</struct></value></param></params></methodResponse>\n',
    )
    assert.equal(
      encodeFault("<class 'cobbler.cexceptions.CX'>:'login failed (x)'"),
      "<?xml version='1.0'?>\n<methodResponse><fault><value><struct><member><name>faultCode</name>" +
        '<value><int>1</int></value></member><member><name>faultString</name><value><string>' +
        "&lt;class 'cobbler.cexceptions.CX'&gt;:'login failed (x)'</string></value></member>" +
        '</struct></value></fault></methodResponse>\n',
    )
  })

  test('carry whole numbers beyond 32 bits as doubles, which every client reads', () => {
    assert.match(encodeResponse(2147483647), /<int>2147483647<\/int>/)
    assert.match(encodeResponse(2147483648), /<double>2147483648.0<\/double>/)
    assert.match(encodeResponse(new Double(Number.NaN)), /<double>0.0<\/double>/)
    assert.match(encodeResponse(-2147483649), /<double>-2147483649.0<\/double>/)
  })

  test('are read by those who ask, values and faults alike', () => {
    for (const value of [true, '~', ['a', 'b'], 7])
      assert.deepEqual(decodeAnswer(Buffer.from(encodeResponse(value))), { ok: true, value })
    assert.deepEqual(decodeAnswer(Buffer.from(encodeFault('login failed (x)'))), {
      ok: false,
      fault: 'login failed (x)',
    })
    for (const other of [
      '<methodResponse><params></params></methodResponse>',
      '<methodCall><methodName>m</methodName></methodCall>',
    ])
      assert.throws(() => decodeAnswer(Buffer.from(other)), DecodeError)
  })

  test('lose characters that XML cannot carry, and nothing else', () => {
    assert.match(
      encodeResponse('a\0b\x07c\ud800d\uffff€😀\t\n'),
      /<string>a\ufffdb\ufffdc\ufffdd\ufffd€😀\t\n<\/string>/,
    )
    assert.match(encodeResponse({ 'k\0': 1 }), /<name>k\ufffd<\/name>/)
  })

  test('come in pieces that are the same as the whole', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ name: `node${index}`, text: 'x'.repeat(50) }))
    const pieces = [...encodeResponsePieces(many)]
    assert.ok(pieces.length > 3)
    assert.equal(pieces.join(''), encodeResponse(many))
  })

  test('read back are the same', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(one))
    const { any } = fc.letrec<{ any: Value }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => new Double(Object.is(one, -0) ? 0 : one)),
        fc.uint8Array({ maxLength: 20 }),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(text, tie('any'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(any, (given) => {
        const { args } = decodeCall(encodeCall('m', [given]))
        assert.deepEqual(args.map(plain), [plain(given)])
      }),
    )
  })
})

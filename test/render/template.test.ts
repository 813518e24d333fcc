import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Data, quoteForShell, renderTemplate } from '../../src/render/template.ts'

const render = (text: string, data: Data = {}, snippets: Record<string, string> = {}) =>
  renderTemplate({ path: 'preseeds/x.seed', text, snippet: (name) => snippets[name] }, data)

describe('what a template can say', () => {
  test.each<[string, Data, string]>([
    ['{{a}} {{b.c}}', { a: 'x', b: { c: 1 } }, 'x 1'],
    ['{{a}}', { a: '<&"\'=>' }, '<&"\'=>'],
    ['{{{a}}}', { a: '<' }, '<'],
    ['{{a}}|{{b}}', { a: null, b: false }, '|false'],
    ['{{#if a}}yes{{else}}no{{/if}}', { a: '' }, 'no'],
    ['{{#if a}}1{{else if b}}2{{/if}}', { a: false, b: true }, '2'],
    ['{{#each l}}{{@index}}={{this}}{{../x}};{{/each}}', { l: ['a', 'b'], x: '!' }, '0=a!;1=b!;'],
    ['{{#each l}}{{this}}{{else}}none{{/each}}', { l: [] }, 'none'],
    ['{{#each o}}{{@key}}={{this}};{{/each}}', { o: { a: 1, b: 2 } }, 'a=1;b=2;'],
    ['{{#each l as |one|}}{{one}}{{/each}}', { l: [1, 2] }, '12'],
    ['{{#each l}}{{name}}{{@root.x}}{{/each}}', { l: [{ name: 'a' }], x: 'y' }, 'ay'],
    ['{{default m.a "z"}}{{default m.b "z"}}', { m: { b: 'y' } }, 'zy'],
    ['{{#if (eq a "x")}}same{{/if}}{{#if (eq a "y")}}other{{/if}}', { a: 'x' }, 'same'],
    ['{{shell a}}', { a: "it's\n$x" }, `'it'\\''s\n$x'`],
    ['{{base64 a}}', { a: 'ä\n' }, 'w6QK'],
    ['{{shell (default a "b c")}}', {}, `'b c'`],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
    ['\\{{a}} ${#arr[@]} {%s} { x }', {}, '{{a}} ${#arr[@]} {%s} { x }'],
    ['a{{! a comment }}b', {}, 'ab'],
  ])('%s', (text, data, expected) => {
    expect(render(text, data)).toBe(expected)
  })

  test('a snippet, with its own values', () => {
    const snippets = { 'net.seed': '{{x}}{{> inner k=x}}', inner: '[{{k}}]' }
    expect(render('{{> net.seed}}', { x: 'v' }, snippets)).toBe('v[v]')
  })
})

describe('a name that is not there stops it, with file, line and name', () => {
  test.each([
    ['a\n\n{{ nope }}', 3, 'nope'],
    ['\n{{m.nope}}', 2, 'm.nope'],
    ['{{m.nope.deeper}}', 1, 'm.nope.deeper'],
    ['{{#if nope}}x{{/if}}', 1, 'nope'],
    ['{{#if (eq nope 1)}}x{{/if}}', 1, 'nope'],
    ['{{#each nope}}x{{/each}}', 1, 'nope'],
    ['x\n{{shell nope}}', 2, 'nope'],
    ['{{base64 nope}}', 1, 'nope'],
    ['{{default m.a nope}}', 1, 'nope'],
    ['{{#each l}}\n{{nope}}{{/each}}', 2, 'nope'],
    ['{{@nope}}', 1, '@nope'],
    ['{{constructor}}', 1, 'constructor'],
    ['{{m.constructor}}', 1, 'm.constructor'],
    ['{{l.constructor}}', 1, 'l.constructor'],
    ['{{s.constructor}}', 1, 's.constructor'],
    ['{{m.__proto__}}', 1, 'm.__proto__'],
    ['{{toString}}', 1, 'toString'],
    ['{{l.push}}', 1, 'l.push'],
  ])('%j', (text, line, name) => {
    expect(() => render(text, { m: {}, l: ['a'], s: 's' })).toThrow(
      expect.objectContaining({
        code: 'template.invalid',
        message: `preseeds/x.seed:${line}: "${name}" is not defined`,
      }),
    )
  })

  test('in a snippet the file is the snippet', () => {
    expect(() => render('\n\n{{> a}}', {}, { a: 'x\n{{nope}}' })).toThrow(
      'templates/snippets/a:2: "nope" is not defined',
    )
  })
})

describe('what is not in the language', () => {
  test.each([
    ['{{frob x}}', 'there is no helper "frob"'],
    ['{{lookup m "a"}}', 'there is no helper "lookup"'],
    ['{{log m}}', 'there is no helper "log"'],
    ['{{need 1 2 3 4}}', 'there is no helper "need"'],
    ['{{print 1 2 3 4}}', 'there is no helper "print"'],
    ['{{#with m}}{{/with}}', 'there is no block "with"'],
    ['{{#unless m}}{{/unless}}', 'there is no block "unless"'],
    ['{{#m}}{{/m}}', 'there is no block "m"'],
    ['{{#if}}{{/if}}', 'if takes one value'],
    ['{{#if m m}}{{/if}}', 'if takes one value'],
    ['{{shell}}', 'shell takes 1 value'],
    ['{{shell m m}}', 'shell takes 1 value'],
    ['{{shell m a=1}}', 'shell takes 1 value'],
    ['{{default m}}', 'default takes 2 values'],
    ['{{eq shell m}}', '"shell" is a helper, not a value'],
    ['{{eq (frob m) m}}', 'there is no helper "frob"'],
    ['{{> (eq m m)}}', 'a snippet is included by its plain name'],
    ['{{#> a}}x{{/a}}', 'decorators and partial blocks are not in the language'],
    ['{{#*inline "a"}}x{{/inline}}', 'decorators and partial blocks are not in the language'],
    ['{{* frob}}', 'decorators and partial blocks are not in the language'],
  ])('%s', (text, because) => {
    expect(() => render(`\n${text}`, { m: {} })).toThrow(
      expect.objectContaining({
        code: 'template.invalid',
        message: expect.stringContaining(`preseeds/x.seed:2: ${because}`),
      }),
    )
  })

  test.each([
    ['a\n{{x', 2],
    ['a\n\n{{#if x}}', 3],
    ['{{#if x}}{{/each}}', 1],
    ['{{/if}}', 1],
  ])('text that is no template is told with its line: %j', (text, line) => {
    expect(() => render(text, { x: 1 })).toThrow(
      expect.objectContaining({
        code: 'template.invalid',
        message: expect.stringContaining(`preseeds/x.seed:${line}: `),
      }),
    )
  })

  test('a snippet that is not there, or that includes itself', () => {
    expect(() => render('{{> a}}')).toThrow('preseeds/x.seed: there is no snippet "a" (templates/snippets/a)')
    expect(() => render('{{> a}}', {}, { a: '{{> b}}', b: '{{> a}}' })).toThrow(/a → b → a/)
  })
})

describe('a value that is printed bare', () => {
  test.each(['a\nd-i evil', 'a\r', '\0', '\t', '\x7f', 'ends in \\'])('is one line of text: %j is refused', (x) => {
    expect(() => render('{{x}}', { x })).toThrow('preseeds/x.seed:1: "x" has a line break')
  })

  test.each<Data>([{ x: ['a'] }, { x: { a: 1 } }])('is no list and no group: %j is refused', (data) => {
    expect(() => render('{{x}}', data)).toThrow('"x" is a list or a group')
    expect(() => render('{{shell x}}', data)).toThrow('"x" is no text')
    expect(() => render('{{base64 x}}', data)).toThrow('"x" is no text')
  })

  test('a NUL fits into no shell', () => {
    expect(() => render('{{shell x}}', { x: 'a\0b' })).toThrow('"x" is no text for a shell')
  })
})

test.each([
  ['dash', []],
  ['busybox', ['sh']],
])('any text survives its quotes in %s', (program, args) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const plain = text.replaceAll('\0', '').toWellFormed()
      const script = `printf %s ${render('{{shell x}}', { x: plain })}`
      expect(script).toBe(`printf %s ${quoteForShell(plain)}`)
      expect(execFileSync(program, [...args, '-c', script]).toString()).toBe(plain)
    }),
    { numRuns: 60 },
  )
})

test('rendering is all or nothing, whatever the template', () => {
  const pieces = fc.constantFrom(
    '{{',
    '}}',
    '{{x}}',
    '{{#if x}}',
    '{{/if}}',
    '{{else}}',
    '{{nope}}',
    'text',
    '\n',
    '{{> s}}',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (some) => {
      try {
        render(some.join(''), { x: 'v' }, { s: '{{x}}' })
      } catch (error) {
        expect(error).toMatchObject({ code: 'template.invalid' })
      }
    }),
  )
})

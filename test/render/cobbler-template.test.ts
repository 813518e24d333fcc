// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cheetah's and the shell's, not JavaScript's
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/json.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'
import { CORPUS, corpusFiles, corpusSnippet, machineNames } from '../support/cobbler-machine.ts'

const none = () => undefined
const render = (text: string, data: JsonObject = {}) =>
  renderCobblerTemplate(text, { file: 'x.ks', data, snippet: none })

/** Rendered as Cobbler does it, with the names that were not there. */
function renderKept(text: string, data: JsonObject = {}) {
  const missing: string[] = []
  const undefinedName = ({ line, name }: { line: number; name: string }) => void missing.push(`${line} ${name}`)
  return { text: renderCobblerTemplate(text, { file: 'x.ks', data, snippet: none, undefinedName }), missing }
}

describe('the kickstarts and preseeds of the corpus', () => {
  const data = machineNames()

  // The expectations are what the real Cheetah and Jinja make of them: test/e2e/cobbler-templates.test.ts.
  test.each(Object.entries(corpusFiles('templates')))('%s', (name, text) => {
    const options = { file: name, data, snippet: corpusSnippet, undefinedName: () => {} }
    expect(renderCobblerTemplate(text, options)).toBe(readFileSync(join(CORPUS, 'expected', name), 'utf8'))
  })
})

describe('the first line chooses the language', () => {
  test.each([
    ['$a {{ a }}', '1 {{ a }}'],
    ['#template=cheetah\n$a {{ a }}', '1 {{ a }}'],
    ['#template=jinja2\n$a {{ a }}', '$a 1'],
    ['#template= Jinja2 \r\n{{ a }}', '1'],
  ])('%j', (text, expected) => {
    expect(render(text, { a: 1 })).toBe(expected)
  })

  test('and must be one of the two', () => {
    expect(() => render('#template=mako\nx')).toThrow('x.ks:1: #template=mako is not cheetah and not jinja2')
  })
})

describe('around the template', () => {
  test('@@name@@ is replaced after rendering, in values too', () => {
    const data = { server: '10.0.0.1:8080', tree: 'http://@@server@@/x', n: 5 }
    expect(render('$tree @@tree@@ @@n@@ a@@b @@ -1 +1 @@', data)).toBe(
      'http://10.0.0.1:8080/x http://10.0.0.1:8080/x 5 a@@b @@ -1 +1 @@',
    )
    expect(() => render('@@nope@@')).toThrow('"@@nope@@" is not defined')
    expect(renderKept('@@nope@@')).toEqual({ text: '@@nope@@', missing: ['1 @@nope@@'] })
  })

  test('TEMPLATE::name is $name, and empty lines at the head go', () => {
    expect(render('\n\n  TEMPLATE::a', { a: 1 })).toBe('1')
  })

  test('an install tree on NFS changes the url command, and its text is never a template', () => {
    const data = { tree: 'nfs://10.0.0.9:/srv/$evil', evil: 'code' }
    expect(render('url --url=$tree\n', data)).toBe(
      'nfs --server 10.0.0.9 --dir /srv/$evil\n#url --url=nfs://10.0.0.9:/srv/$evil\n\n',
    )
  })

  test('template_universe holds all names', () => {
    expect(render('$sorted($template_universe.keys())', { b: 1, a: 2 })).toBe("['a', 'b']")
  })

  test('a rendering leaves the data as they were', () => {
    const data = { l: [1], d: { a: 1 } }
    render('#silent $l.append(2)\n#silent $d.update({"b": 2})\n', data)
    expect(data).toEqual({ l: [1], d: { a: 1 } })
  })
})

describe('a name that is not there', () => {
  test('stays as it is written, and is told, when the caller listens (as in Cobbler)', () => {
    expect(renderKept('a\n$x ${y}\n$d.z $f($x)\n$(z)', { d: {} })).toEqual({
      text: 'a\n$x ${y}\n$d.z $f($x)\n$(z)',
      missing: ['2 x', '2 y', '3 z', '3 f', '4 z'],
    })
    expect(renderKept('#template=jinja2\n<{{ x }}{{ d.y }}>', { d: {} })).toEqual({
      text: '<>',
      missing: ['2 x', '2 y'],
    })
  })

  test('is nothing to tell where a template asks for it or needs none', () => {
    expect(renderKept('$getVar("x", "")$varExists("x")').missing).toEqual([])
    expect(renderKept('#template=jinja2\n{{ x|default("") }}{% if x %}{% endif %}{{ "," if x }}').missing).toEqual([])
  })

  test('is an error in a directive all the same', () => {
    expect(() => renderKept('a\n#if $x\n#end if')).toThrow('x.ks:2: "x" is not defined')
    expect(() => renderKept('#set $a = $x.y')).toThrow('x.ks:1: "x" is not defined')
  })

  test('#errorCatcher says the same from inside the template', () => {
    expect(render('#errorCatcher ListErrors\n$x', {})).toBe('$x')
  })
})

describe('nothing is reached but the data', () => {
  const words =
    'constructor __proto__ prototype toString valueOf hasOwnProperty __class__ __globals__ mro func_globals'.split(' ')

  test.each(words)('%s', (word) => {
    const data = { d: { a: 1 }, l: [1], s: 'a', n: 1 }
    for (const of of ['', 'd.', 'l.', 's.', 'n.', 'getVar.', 'd.keys.']) {
      expect(() => render(`$${of}${word}`, data)).toThrow(OrchestraError)
      expect(() => render(`#template=jinja2\n{{ ${of}${word} }}`, data)).toThrow(OrchestraError)
    }
    expect(() => render(`$d["${word}"]`, data)).toThrow(OrchestraError)
    expect(() => render(`#template=jinja2\n{{ d["${word}"] }}{{ s|attr("${word}") }}`, data)).toThrow(OrchestraError)
    expect(render(`$varExists("${word}") $varExists("d.${word}")`, data)).toBe('False False')
  })

  test('a key of such a name is a key like any other', () => {
    const data = JSON.parse('{"__proto__": {"x": 1}, "d": {"constructor": "c", "__proto__": "p"}}') as JsonObject
    expect(render('$d.constructor $d["__proto__"] $d.__proto__', data)).toBe('c p p')
    expect(render('#set $m = {}\n#set $m["__proto__"] = 1\n$m.get("toString", "none")', {})).toBe('none')
  })

  test('a method is no text', () => {
    expect(() => render('#template=jinja2\n{{ s.upper }}', { s: 'a' })).toThrow('upper is no text')
    expect(() => render('${[getVar]}')).toThrow(OrchestraError)
  })
})

describe('every template ends soon', () => {
  const BOMBS: readonly [string, RegExp][] = [
    ['#while True\nx\n#end while', /more than 1000000 steps/],
    ['#for $i in $range(10 ** 12)\n#end for', /more than 1000000 steps/],
    ['#repeat 10 ** 12\n#end repeat', /more than 1000000 steps/],
    ['#set $l = [1]\n#for $x in $l\n#silent $l.append($x)\n#end for', /more than 1000000 steps/],
    ['#set $s = "x"\n#while 1\n#set $s = $s + $s\n#end while', /a text would be longer/],
    ['$("x" * 10 ** 10)', /a text would be longer/],
    ['$("%999999999d" % 1)', /a text would be longer/],
    ['$("{:999999999}".format(1))', /a text would be longer/],
    ['$([0] * 10 ** 9)', /steps/],
    ['$(9 ** 9 ** 9)', /a number is too large/],
    ['$(1 << 10 ** 9)', /a number is too large/],
    ['#set $s = "a" * 900000\n#while 1\n$s\n#end while', /longer than|steps/],
    ['#set $s = "a" * 500000\n#set $p = "b" + "a" * 250000\n#silent $s.find($p)', /steps/],
    ['#def f\n$f\n#end def\n$f', /nested more than/],
    ['#set $l = []\n#silent $l.append($l)\n$l', /nested more than/],
    [`$(${'('.repeat(9999)}${')'.repeat(9999)})`, /nested too deep/],
    [`$(1${' + 1'.repeat(9999)})`, /nested/],
    [`$a${'.b'.repeat(99_999)}`, /nested too deep|not defined/],
    [`${'#if 1\n'.repeat(999)}${'#end if\n'.repeat(999)}`, /blocks are nested too deep/],
    ['#silent 1#'.repeat(90_000), /steps/],
    ['#import re\n$re.compile("((a{1,99}){1,99}){1,99}")', /it is too long/],
    ['#template=jinja2\n{% for i in range(10 ** 12) %}{% endfor %}', /steps/],
    ['#template=jinja2\n{{ "x"|center(10 ** 9) }}', /a text would be longer/],
    ['#template=jinja2\n{{ [1]|batch(10 ** 9, 0)|list }}', /steps/],
    [`#template=jinja2\n${'{% if 1 %}'.repeat(999)}`, /blocks are nested too deep/],
    [`#template=jinja2\n{{ "a"${'|upper'.repeat(99_999)} }}`, /nested too deep/],
    ['x'.repeat(1024 * 1024 + 1), /it is longer than/],
  ]

  test.each(BOMBS)('%#', (text, message) => {
    const start = performance.now()
    expect(() => render(text)).toThrow(message)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  test('a regular expression takes no time that grows faster than the text', () => {
    expect(render('#import re\n$str($re.match("(a*)*b", "a" * 5000)) ${re.match("(a|a)*", "a" * 9).end()}')).toBe(
      'None 9',
    )
  })
})

describe('whatever is written', () => {
  const WORDS =
    '$ # { } ( ) [ ] " \' \\ \n   % <% %> {{ }} {% %} {# #} - * ## #* *# @@ if for set end in x name . , : = == | ~ 1 1.5 0x'
      .split(' ')
      .concat([
        '#if ',
        '#end if',
        '#for ',
        '#set ',
        '#raw',
        '#def f',
        '$f',
        'not ',
        'is ',
        'endif',
        '${',
        '$(',
        '$x',
        '"a"',
        '\r',
      ])
  const templates = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(''))

  test.each(['', '#template=jinja2\n'])('%j: it is text, or an error with file and line', (first) => {
    fc.assert(
      fc.property(templates, fc.boolean(), (text, keeps) => {
        const snippet = () => ({ file: 's', text: '$x{{ x }}' })
        const options = { file: 'x.ks', data: { x: 'v', name: [1, {}] }, snippet }
        try {
          renderCobblerTemplate(first + text, { ...options, ...(keeps && { undefinedName: () => {} }) })
        } catch (error) {
          if (!(error instanceof OrchestraError) || error.code !== 'template.invalid') throw error
          expect(error.message).toMatch(/^(x\.ks|s):\d+: \S/)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

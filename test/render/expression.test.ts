/** Expressions as Python understands them. The table was written by Python: test/e2e/cobbler-templates.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'
import { CORPUS } from '../support/cobbler-machine.ts'

const render = (text: string) => renderCobblerTemplate(text, { file: 'x', data: {}, snippet: () => undefined })

const TABLE = readFileSync(join(CORPUS, 'expressions.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as [expression: string, text: string | null])

describe('an expression', () => {
  test('has the value that it has in Python', () => {
    const wrong = TABLE.flatMap(([expression, text]) => {
      if (text === null) return []
      const ours = render(`#import re\n#echo ${expression}\n`)
      // Cobbler takes empty lines at the head away.
      const theirs = text.startsWith('\n') ? text.trimStart() : text
      return ours === theirs ? [] : [{ expression, theirs, ours }]
    })
    expect(wrong).toEqual([])
    expect(TABLE.length).toBeGreaterThan(1_000)
  })

  test('is an error where it is one in Python', () => {
    for (const [expression, text] of TABLE) {
      if (text === null) expect(() => render(`#import re\n#echo ${expression}\n`)).toThrow(/^x:2: /)
    }
  })
})

describe('besides', () => {
  test.each([
    ["{'a': 1}.get('b', 2)", '2'],
    ["{'b': 1, 'a': 2}.items()", "dict_items([('b', 1), ('a', 2)])"],
    ["{'a': 1}.has_key('a')", 'True'],
    ["sorted({'b': 1, 'a': 2}.iteritems())", "[('a', 2), ('b', 1)]"],
    ["{'a': 1}.setdefault('b', 3) + {'a': 1}.pop('a') + {}.pop('x', 5)", '9'],
    ["{1: 'a', True: 'b', 1.0: 'c', None: 'd', (1, 2): 'e'}", "{1: 'c', None: 'd', (1, 2): 'e'}"],
    ["dict([('a', 1)], b=2)", "{'a': 1, 'b': 2}"],
    ['[1, 2, 3].index(2) + [1, 1].count(1)', '3'],
    ["list(zip('ab', [1, 2]))", "[('a', 1), ('b', 2)]"],
    ["list(enumerate('ab', 1))", "[(1, 'a'), (2, 'b')]"],
    ['list(reversed([1, 2]))', '[2, 1]'],
    ["sorted(['b', 'A', 'c'], key=str, reverse=True)", "['c', 'b', 'A']"],
    ["isinstance('a', str) and isinstance(1, (str, int)) and isinstance({}, dict) and not isinstance(1, list)", 'True'],
    ["unicode('a') + repr('b') + str()", "a'b'"],
    ['[1, 2] < [1, 3] and (1,) < (1, 0) and [1] == [1.0]', 'True'],
    ["{'a': [1]} == {'a': [1]} and {'a': 1} != {'b': 1}", 'True'],
    ['1 if None else 2 if False else 3', '3'],
    ["'a' 'b' \"c\" '''d\"e'''", 'abcd"e'],
    ["r'\\n' + '\\x41\\u00e9\\101\\q'", '\\nAé' + 'A\\q'],
    ['0x1f + 0o17 + 0b11 + 1_000', '1049'],
    ["'\\x00\\x7f\\xa0\\u2028'.split('x')", "['\\x00\\x7f\\xa0\\u2028']"],
    ['[x for x in range(9) if x % 2 if x > 3]', '[5, 7]'],
    ["','.join(x for x in 'abc')", 'a,b,c'],
    ["len('a😀') + len(range(3)) + len({'a': 1})", '6'],
    ["'a😀b'[1] + 'a😀b'[::-1]", '😀b😀a'],
    ["'a' < '😀' < 'b'", 'False'],
    ["'%s' % (('a', 'b'),)", "('a', 'b')"],
    ["'%5s|%-5s|%05d|%+d|%%' % ('a', 'b', 7, 7)", '    a|b    |00007|+7|%'],
    ["'%#x %#o' % (255, 8)", '0xff 0o10'],
    ["'{:>4}{{}}'.format(7)", '   7{}'],
    ['re.compile("a", re.I | re.M).search("xA").start()', '1'],
    ['re.search("^b$", "a\\nb", re.M).span()', '(2, 3)'],
    ['re.match("a.c", "a\\nc", re.S).end()', '3'],
    ['re.escape("a.b-c d")', 'a\\.b\\-c\\ d'],
    ['re.search("(?P<x>.)(y)?", "ab").groupdict()', "{'x': 'a'}"],
    ['re.search("(a)(b)?", "a").groups("-")', "('a', '-')"],
    ['[m.group() for m in re.finditer("[ab]", "xaxb")]', "['a', 'b']"],
    ['re.sub("(\\\\w+) (\\\\w+)", "\\\\2-\\\\g<1>", "a b")', 'b-a'],
  ])('%s', (expression, text) => {
    expect(render(`#import re\n#echo ${expression}\n`)).toBe(text)
  })

  test.each([
    ["'%(a' % {}", /./],
    ["'%s %s' % 'a'", 'not enough arguments for format string'],
    ["'%s' % ('a', 'b')", 'not all arguments converted'],
    ["'%*d' % (5, 1)", 'a * in a format is not in the language'],
    ["'%y' % 1", "unsupported format character 'y'"],
    ["'%(k)s' % 1", 'format requires a mapping'],
    ["'%(k)s' % {}", "there is no key 'k'"],
    ["'{0.x}'.format(1)", 'a field of format() is'],
    ["'{}'.format()", 'format() was given nothing for {}'],
    ["'{:q}'.format('a')", "Unknown format code 'q'"],
    ["'a'.nope()", `'str' has no "nope"`],
    ["'a'.split('')", 'empty separator'],
    ["'a'.replace('a')", 'replace() needs "new"'],
    ["'a'.upper(1)", 'upper() takes 0 arguments at most'],
    ["'a'.upper(x=1)", 'upper() does not take "x"'],
    ["'a'.zfill('b')", 'zfill() needs a whole number for "width"'],
    ["','.join([1])", 'join() needs texts; item 0 is a int'],
    ["'a'.index('b')", 'substring not found'],
    ['[].pop()', 'pop index out of range'],
    ['[1].remove(2)', 'the value is not in the list'],
    ['{[]: 1}', "unhashable type: 'list'"],
    ['{}.pop(1)', 'there is no key 1'],
    ['len(5)', "object of type 'int' has no len()"],
    ['1 in 5', "argument of type 'int' is not iterable"],
    ["1 in 'a'", "'in <string>' requires string as left operand, not int"],
    ["1 < 'a'", "'<' not supported between instances of 'int' and 'str'"],
    ["'a'['b']", "str indices must be integers, not 'str'"],
    ['5[0]', "'int' object is not subscriptable"],
    ['[1][::0]', 'slice step cannot be zero'],
    ['[1]["a":]', 'slice indices must be integers or None'],
    ['-"a"', "bad operand type for unary -: 'str'"],
    ['~1.5', "bad operand type for unary ~: 'float'"],
    ['1 << -1', 'negative shift count'],
    ['1.5 << 1', 'unsupported operand types for <<'],
    ['min([])', 'min() arg is an empty sequence'],
    ['range(1, 2, 0)', 'range() arg 3 must not be zero'],
    ['dict([1])', /not iterable|pairs/],
    ['dict([(1, 2, 3)])', 'a dictionary is made of pairs'],
    ['float("a")', 'the text is no number'],
    ['int([])', 'int() argument must be a text or a number'],
    ['isinstance(1, 2)', 'isinstance() needs a type'],
    ['hex(1.5)', "'float' object cannot be interpreted as an integer"],
    ["'a' 5", '"5" has no place here'],
    ['f(a=1, 2)', 'a positional argument follows a named one'],
    ['007', 'numbers do not begin with 0'],
    ['1 if 2', 'has no place here'],
    ["b'a'", 'bytes'],
    ["c'$x'", 'a string with placeholders'],
    ["'''a", 'does not end'],
    ['[x for x in [1] for y in [2]]', 'a comprehension with several loops'],
    ['re.compile("(?=a)")', 'is not in the language'],
    ['re.compile("(a)\\\\1")', 'back references are not in the language'],
    ['re.compile("(a")', 'missing ), unterminated subpattern'],
    ['re.compile("a)")', 'unbalanced parenthesis'],
    ['re.compile("*a")', 'nothing to repeat'],
    ['re.compile("a**")', 'multiple repeat'],
    ['re.compile("[a")', 'unterminated character set'],
    ['re.compile("[b-a]")', 'bad character range'],
    ['re.compile("a{3,2}")', 'min repeat greater than max repeat'],
    ['re.compile("\\\\")', 'bad escape (end of pattern)'],
    ['re.compile("\\\\y")', 'bad escape \\y'],
    ['re.compile("a", 64)', 'flags of re are I, M and S'],
    ['re.match("a", "a").group(1)', 'no such group'],
    ['re.sub("a", "\\\\g<9>", "a")', 'invalid group reference 9'],
    ['re.purge()', `'re' has no "purge"`],
    ['str(iter)', '"iter" is no variable'],
    ['str(enumerate([]))', 'an iterator is no text'],
  ])('%s is an error', (expression, message) => {
    expect(() => render(`#import re\n#set $x = str(${expression})\n`)).toThrow(message)
  })
})

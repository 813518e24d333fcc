/** Random expressions of Python's: numbers, methods of text, formatting, slices, regular expressions. */
import * as fc from 'fast-check'

type Text = fc.Arbitrary<string>
const or = (...texts: readonly (Text | string)[]): Text =>
  fc.oneof(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one)))
const row = (...texts: readonly (Text | string)[]): Text =>
  fc.tuple(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one))).map((parts) => parts.join(''))

const int: Text = fc.integer({ min: -30, max: 30 }).map(String)
const number: Text = or(
  int,
  '7',
  '0',
  '2.5',
  '-0.5',
  '1e3',
  '0.1',
  '1e16',
  '3.0',
  '1.5e-7',
  '100000000000000000000',
  'True',
)
const quoted = (text: string): string =>
  `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`
const text: Text = fc
  .oneof(
    fc.constantFrom(
      '',
      'a',
      'eth0',
      'a,b,,c',
      '  two words  ',
      'Node-01.Example',
      "it's",
      'x=1 y=2',
      'aaa',
      'line\nnext\n',
      '007',
      '-5',
      'é✓',
      'a\tb',
      '10.0.0.5/24',
    ),
    fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', ',', '-', '.', 'é'), maxLength: 8 }),
  )
  .map(quoted)
const list: Text = or(
  '[]',
  "['b', 'a', 'c']",
  '[3, 1, 2]',
  "[1, 'x', None, True, 2.5]",
  row('[', number, ', ', number, ']'),
  '(1, 2)',
  "{'k': 1, 'b': [2]}",
)

const arithmetic: Text = or(
  row('(', number, or(' + ', ' - ', ' * ', ' / ', ' // ', ' % '), number, ')', or('', ' * 3', ' - 1')),
  row(int, or(' & ', ' | ', ' ^ ', ' ** '), or('2', '3', '5')),
  row(int, or(' << ', ' >> '), '3'),
  row(or('-', '+', '~'), int),
  row(number, or(' < ', ' <= ', ' == ', ' != ', ' > ', ' >= '), number),
  row(or('int', 'float', 'abs', 'bool', 'str', 'repr', 'round'), '(', number, ')'),
  row('round(', or('2.675', '1.005', '0.5', '1.25', '-7.125'), ', ', or('1', '2', '0'), ')'),
  row(or('min', 'max', 'sum'), '([', number, ', ', number, '])'),
  row(or('hex', 'oct', 'bin', 'chr'), '(', or('10', '255', '65'), ')'),
  row('int(', or("'42'", "' 7 '", "'-3'", "'ff', 16", "'0x1f', 16", "'1_000'", '2.9', '-2.9'), ')'),
)

const method: Text = row(
  text,
  or(
    '.upper()',
    '.lower()',
    '.title()',
    '.capitalize()',
    '.swapcase()',
    row(or('.strip(', '.lstrip(', '.rstrip('), or('', "'a'", "' a.'"), ')'),
    row(or('.split(', '.rsplit('), or('', "','", "' '", 'None, 1', "',', 1", "'a', 2"), ')'),
    '.splitlines()',
    row(or('.partition(', '.rpartition('), or("','", "' '", "'='"), ')'),
    row('.replace(', text, ', ', text, or('', ', 1'), ')'),
    row(or('.startswith(', '.endswith('), or(text, "('a', 'x')"), ')'),
    row(or('.find(', '.rfind(', '.count('), or(text, "'a', 1", "'a', -3"), ')'),
    row(or('.zfill(', '.center(', '.ljust(', '.rjust('), or('6', '1', '9'), ')'),
    row(or('.ljust(', '.rjust(', '.center('), "7, '*')"),
    row(or('.isdigit', '.isalpha', '.isalnum', '.isspace', '.isupper', '.islower'), '()'),
    '.expandtabs()',
    row('.join(', or("['x', 'y']", "'abc'", "('q',)", '[]'), ')'),
    row('[', or(int, '', '1'), ':', or(int, '', '3'), or('', ':2', ':-1'), ']'),
    row('[', or('0', '-1', '1'), ']'),
    row(or(' in ', ' == ', ' < ', ' + '), text),
    row(' * ', or('0', '2', '-1')),
  ),
)

const onList: Text = row(
  or('sorted', 'list', 'tuple', 'len', 'repr', 'str', 'any', 'all', 'bool'),
  '(',
  list,
  ')',
  or('', '', '[0:2]'),
)

const format: Text = or(
  row(
    "'%",
    or('', '-', '0', '+', ' '),
    or('', '5', '2'),
    or('', '.2', '.0'),
    or('d', 's', 'f', 'x', 'e', 'g', 'r', 'o', 'X', 'i'),
    "|' % (",
    or(number, text),
    ',)',
  ),
  row("'%s and %s' % (", or(text, number, list), ', ', or(text, number, list), ')'),
  row("'%(k)s:%(b)s' % {'k': ", or(number, text), ", 'b': 2}"),
  row(
    "'{}|{:",
    or('', '<', '>', '^', '*^', '0'),
    or('5', '8', ''),
    "}'.format(",
    or(number, text),
    ', ',
    or(int, text),
    ')',
  ),
  row("'{1}-{0!r}-{name}'.format(", or(text, number), ', 2, name=', or(text, number), ')'),
  row("'{:", or('.2f', 'd', '5d', '05d', ',', 'x', '#x', '.1f', '+d', 'e'), "}'.format(", or(int, '1234567'), ')'),
)

const pattern: Text = or(
  "'[0-9]+'",
  "'^([a-z]+)([0-9]*)'",
  "'a*'",
  "'(a|b)+,'",
  "'\\\\d+(?:[.]\\\\d+)*'",
  "'(?P<k>\\\\w+)=(?P<v>\\\\w*)'",
  "'[^ ,]+?'",
  "'x?$'",
  "'\\\\bn|e\\\\B'",
  "'(?i)NODE'",
  "'.{2,3}'",
  "'[a-c-]{1,}?b'",
  "'\\\\s*,\\\\s*'",
)
const regex: Text = or(
  row('re.', or('match', 'search', 'fullmatch'), '(', pattern, ', ', text, ') is not None'),
  row('[m.group(0) for m in [re.search(', pattern, ', ', text, ')] if m]'),
  row('[(m.start(), m.end(), m.groups()) for m in [re.compile(', pattern, ').search(', text, ')] if m]'),
  row('re.findall(', pattern, ', ', text, ')'),
  row('re.sub(', pattern, ", '<", or('', '\\\\g<0>', 'z'), ">', ", text, or('', ', 1'), ')'),
  row('re.split(', pattern, ', ', text, or('', ', 1'), ')'),
)

export const expression: Text = or(arithmetic, method, method, onList, format, format, regex, regex)

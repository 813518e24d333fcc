/** Random Jinja templates, over the same data as the Cheetah ones. */
import * as fc from 'fast-check'

export const JINJA_SNIPPETS: Readonly<Record<string, string>> = {
  plain: 'from a snippet\n',
  names: '[{{ name }} {{ i|default("no i") }}]{% set name = "changed" %}{{ name }}',
}

type Text = fc.Arbitrary<string>
const or = (...texts: readonly (Text | string)[]): Text =>
  fc.oneof(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one)))
const row = (...texts: readonly (Text | string)[]): Text =>
  fc.tuple(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one))).map((parts) => parts.join(''))

const TEXTS: Text = or(
  'text ',
  'more\n',
  '\n',
  '  ',
  ' \t\n',
  '# comment $x { } % \\ \n',
  '{ {x} %} }} #}\n',
  'é ✓ "q" \'q\' <b> & \\n\n',
  '\r\n',
)

const LOOP: Text = or(
  '',
  '{{ loop.index }}/{{ loop.length }} ',
  '{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}',
  '{% if not loop.last %}, {% endif %}',
  '{{ loop.first }}{{ loop.cycle("a", "b") }}{{ loop.depth }}',
  '{{ loop.previtem is defined }}{{ loop.nextitem|default("-") }}',
  '{{ loop.changed(i) }}',
)

/** A tag with its signs for the blanks around it. */
function tag(inside: Text | string): Text {
  return row(or('{%', '{%', '{%-', '{%+'), ' ', inside, or(' ', ''), or('%}', '%}', '-%}'))
}
function print(inside: Text | string): Text {
  return row(or('{{', '{{', '{{-'), or(' ', ''), inside, ' ', or('}}', '}}', '-}}'))
}

const grammar = fc.letrec<Record<'int' | 'text' | 'truth' | 'list' | 'texts' | 'part' | 'body', string>>((tie) => {
  const int = (): Text => tie('int') as Text
  const text = (): Text => tie('text') as Text
  const truth = (): Text => tie('truth') as Text
  const list = (): Text => tie('list') as Text
  const texts = (): Text => tie('texts') as Text
  const body = (): Text => tie('body') as Text
  const leaf = { depthSize: 'small' as const, withCrossShrink: true }

  return {
    int: fc.oneof(
      leaf,
      or('n', '3', '0', 'zero', 'd.n', 'nums[0]', 'nums[-1]', 'nums.1', '"12"|int', "d['n']"),
      row('(', int(), or(' + ', '-', ' * '), int(), ')'),
      row('(', int(), or(' // ', ' % '), or('3', '-2', 'n'), ')'),
      row('(', or('2', '-3', 'd.n'), ' ** ', or('2', '3'), ')'),
      row('(-', or('n', 'd.n', '3', '(n + 2)'), ')'),
      row('(', or(list(), text()), ')|', or('length', 'count')),
      row('(', text(), ')|int(', or('', '7', 'default=1'), ')'),
      row('(', int(), ' if ', truth(), ' else ', int(), ')'),
      or('nums|sum', 'nums|max', 'nums|min', 'nums|first', 'nums|last'),
    ),
    text: fc.oneof(
      leaf,
      or(
        'name',
        's',
        "''",
        "'a b'",
        '"<x&>"',
        'd.k',
        "d['q']",
        'nics.eth0.mac',
        "nics['eth1']['ip']",
        'l[1]',
        'l|first',
      ),
      row('(', text(), ' ~ ', or(text(), int(), truth(), list(), 'none', 'f'), ')'),
      row('(', text(), ' + ', text(), ')'),
      row('(', or(int(), truth(), list(), 'f', 'none'), ')|string'),
      row('nope|default(', text(), ')'),
      row('(', text(), ')|default(', text(), or('', ', true'), ')'),
      row("('%s-%s' % (", text(), ', ', or(int(), text(), list()), '))'),
      row("'%s/%s'|format(", text(), ', ', int(), ')'),
      row("'{}-{:>5}'.format(", text(), ', ', int(), ')'),
      row('(', or(texts(), list()), ')|join(', or('', "','", "'' ~ n"), ')'),
      row(
        '(',
        text(),
        ')',
        or(
          '|upper',
          '|lower',
          '|trim',
          '|title',
          '|capitalize',
          "|replace('a', 'zz')",
          '|reverse',
          '|center(9)',
          '[1:3]',
          '[::-1]',
        ),
      ),
      row('(', text(), ')', or('|urlencode', '|indent(2, true)', '|truncate(4)', '|truncate(3, true, "")', '.upper()')),
      row('(', text(), ' if ', truth(), ' else ', text(), ')'),
      row('s', or('.upper()', ".split(',')[0]", ".replace(',', ';')", '[0]', '.0', "|replace(',', '')")),
    ),
    truth: fc.oneof(
      leaf,
      or(
        'yes',
        'no',
        'true',
        'False',
        'none',
        'empty',
        'name is defined',
        'nope is defined',
        'none is none',
        'nope is undefined',
      ),
      row(int(), or(' == ', ' != ', '<', ' >= '), int()),
      row('0 < ', int(), ' <= 5'),
      row(int(), or(' is even', ' is odd', ' is divisibleby 3', ' is divisibleby(2)', ' is number', ' is ge(2)')),
      row(text(), or(' is string', ' is mapping', ' is lower', ' is not upper', ' is iterable', ' is sequence')),
      row('(', text(), or(' == ', ' != ', ' in ', ' not in '), text(), ')'),
      row('(', text(), or(' in ', ' not in '), list(), ')'),
      row('(not ', truth(), ')'),
      row('(', truth(), or(' and ', ' or '), truth(), ')'),
      row('(', text(), or(").startswith('a')", ').isdigit()')),
    ),
    list: fc.oneof(
      leaf,
      or(
        'l',
        'nums',
        "s.split(',')",
        '[]',
        'd|list',
        'd.values()|list',
        "['p', 'q r']",
        'range(3)|list',
        'range(5, 1, -2)|list',
      ),
      row('[', text(), ', ', text(), ']'),
      row('(', or('nums', 'l', 'd', texts()), ')|sort', or('', '(reverse=true)')),
      row(
        '(',
        list(),
        ')|',
        or('list', 'unique|list', 'reverse|list', 'batch(2)|list', 'slice(2)|list', 'list', 'select|list'),
      ),
      row('nums|', or('select("odd")', 'reject("gt", 2)', 'map("string")'), '|list'),
      row('nics|dictsort|', or('map("first")', 'map(attribute="1.mac")'), '|list'),
      row('nics.values()|', or('map(attribute="mac")', 'selectattr("ip")', 'selectattr("ip", "equalto", "")'), '|list'),
      texts(),
    ),
    texts: fc.oneof(
      leaf,
      or('l', "s.split(',')", '[]', "['p', 'q r']", "l|map('upper')|list", "d|dictsort|map('first')|list"),
      row('[', text(), ', ', text(), ']'),
    ),
    part: fc.oneof(
      leaf,
      TEXTS,
      print(or(int(), text(), truth(), list())),
      print(row('(', text(), ')|e')),
      // Not inside of anything: Jinja marks such text as safe for HTML, and lists show the mark.
      print(row('(', or(list(), int(), text(), truth(), 'd', 'nics', 'none', 'f'), ')|tojson', or('', '(1)'))),
      print(or('d', 'nics', 'none', 'f', 'l, n', '(1,)', '{"a": 1, "b": [2]}', 'true', 'loop is defined')),
      row(
        tag(row('if ', truth())),
        body(),
        or('', row(tag(row('elif ', truth())), body())),
        or('', row(tag('else'), body())),
        tag('endif'),
      ),
      row(
        tag(row('for i in ', list(), or('', row(' if ', truth())))),
        body(),
        LOOP,
        or('', row(tag('else'), body())),
        tag('endfor'),
      ),
      row(
        tag(row('for k, v in ', or('d.items()', 'd|dictsort', '{"a": n}.items()'))),
        '{{ k }}={{ v }}',
        body(),
        tag('endfor'),
      ),
      row(tag(row('set x = ', or(int(), text(), list()))), print('x')),
      row(tag('set a, b = 1, name'), print('a ~ b')),
      row(tag('set block'), body(), tag('endset'), print('block')),
      row(tag('set block | upper | trim'), body(), tag('endset'), print('block')),
      row(tag(row('with x = ', int(), ', y = name')), print('x ~ y'), body(), tag('endwith')),
      row(
        tag('set ns = namespace(v=0)'),
        tag('for i in nums'),
        tag('set ns.v = ns.v + i'),
        tag('endfor'),
        print('ns.v'),
      ),
      row(tag('set x = "out"'), tag('for i in l'), print('x'), tag('set x = i'), print('x'), tag('endfor'), print('x')),
      tag(or('include "plain"', "include 'names'", 'include ["gone", "plain"]', 'include "gone" ignore missing')),
      row(tag('raw'), or('{{ name }} {% if %}', ' {# x #} '), tag('endraw')),
      or('{# gone {{ name }} #}', '  {#- gone -#}  \n', '{# two\nlines #}\n'),
    ),
    body: fc
      .array(tie('part') as Text, { minLength: 0, maxLength: 3, depthIdentifier: 'body' })
      .map((parts) => parts.join('')),
  }
})

export const jinjaTemplate: Text = fc
  .array(grammar.part as Text, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))

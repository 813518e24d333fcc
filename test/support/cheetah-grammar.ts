/** Random Cheetah templates: what install files are made of, in more ways than anybody would write them. */
import * as fc from 'fast-check'
import type { JsonObject } from '../../src/lib/json.ts'

export const DATA: JsonObject = {
  name: 'node1',
  n: 7,
  zero: 0,
  f: 1.5,
  s: 'a,b c',
  empty: '',
  yes: true,
  no: false,
  none: null,
  l: ['x', 'y', 'z'],
  nums: [3, 1, 2],
  d: { k: 'v', n: 2, q: "it's" },
  nics: { eth0: { mac: '52:54:00', ip: '10.0.0.5' }, eth1: { mac: '', ip: '' } },
}

export const SNIPPETS: Readonly<Record<string, string>> = {
  plain: 'from a snippet\n',
  names: '[$name $getVar("g", "no g")]\n#set global $g = $n\n#set $here = 1\n',
  tools: '#def shout($x, $y="!")\n<$x.upper()$y>\n#end def\n',
}

type Text = fc.Arbitrary<string>
const or = (...texts: readonly (Text | string)[]): Text =>
  fc.oneof(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one)))
/** Texts in a row. */
const row = (...texts: readonly (Text | string)[]): Text =>
  fc.tuple(...texts.map((one) => (typeof one === 'string' ? fc.constant(one) : one))).map((parts) => parts.join(''))

const TEXTS: Text = or(
  'text ',
  'more\n',
  '\n',
  '  ',
  '\t',
  '# a comment\n',
  '#!/bin/sh\n',
  '#\n',
  ' # \n',
  '#1 $1 $$ $? $# $@ $- $* $!\n',
  '\\$name \\#if \\\\$name\n',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, or Cheetah's
  '$() ${} $[] $\n',
  'é ✓ "q" \'q\' <b> \\n\n',
  'a$ b# c\n',
  '####\n',
  'url=http://x/#frag\n',
  "echo $1 | awk '{ print \\$2 }'\n",
)

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
      or('$n', '3', '0', '$zero', '$d.n', '$nums[0]', '$nums[-1]', "$int('12')", '$d["n"]'),
      row(int(), or(' + ', '-', ' * '), int()),
      row(int(), or(' // ', ' % '), or('3', '-2', '$n')),
      row('(', int(), or(' + ', ' - '), int(), ')'),
      row('-', int()),
      row('$len(', or(list(), text()), ')'),
      row('$int($str(', int(), '))'),
      row('(', int(), ' if ', truth(), ' else ', int(), ')'),
      row('$', or('max', 'min'), '(', int(), ', ', int(), ')'),
    ),
    text: fc.oneof(
      leaf,
      or('$name', '$s', "''", "'a b'", '"#x"', '$d.k', "$d['q']", '$nics.eth0.mac', "$nics['eth1']['ip']", '$l[1]'),
      row(text(), ' + ', text()),
      row('$str(', or(int(), truth(), list(), '$f', '$none'), ')'),
      row("$getVar('", or('name', 'nope', 's', 'nics.eth0.ip', '$d.k'), "', ", text(), ')'),
      row("'%s-%s' % (", text(), ', ', or(int(), text(), list()), ')'),
      row("'%0", or('2', '5'), "d|%x' % (", int(), ', ', int(), ')'),
      row("', '.join(", texts(), ')'),
      row(
        '(',
        text(),
        ')',
        or('.upper()', '.strip()', ".replace('a', 'zz')", '.title()', '[1:3]', '[::-1]', ".ljust(6, '.')"),
      ),
      row('(', text(), ' if ', truth(), ' else ', text(), ')'),
      row('$s', or('.upper()', '.lower', ".split(',')[0]", ".replace(',', ';')", '[0]', '[-1:]', '.zfill(8)')),
    ),
    truth: fc.oneof(
      leaf,
      or(
        '$yes',
        '$no',
        'True',
        'False',
        '$none',
        '$empty',
        "$varExists('name')",
        "$varExists('nope')",
        '$none is None',
      ),
      row(int(), or(' == ', ' != ', '<', ' >= '), int()),
      row(text(), or(' == ', ' != ', ' in ', ' not in '), text()),
      row(text(), or(' in ', ' not in '), list()),
      row('not ', truth()),
      row('(', truth(), or(' and ', ' or '), truth(), ')'),
      row('(', text(), ')', or(".startswith('a')", '.isdigit()')),
    ),
    list: fc.oneof(
      leaf,
      or(
        '$l',
        '$nums',
        "$s.split(',')",
        '[]',
        '$d.keys()',
        '$d.values()',
        "['p', 'q r']",
        '$range(3)',
        '$range(5, 1, -2)',
      ),
      row('[', text(), ', ', text(), ']'),
      row('$sorted(', or('$nums', '$l', '$d'), ')'),
      row('$list(', list(), ')', or('', '[1:]')),
      texts(),
    ),
    texts: fc.oneof(
      leaf,
      or('$l', "$s.split(',')", '[]', '$d.keys()', "['p', 'q r']", '$sorted($l)'),
      row('[', text(), ', ', text(), ']'),
      row('[$str($x) for $x in ', list(), ']'),
    ),
    part: fc.oneof(
      leaf,
      TEXTS,
      row(
        or('$', '$!'),
        or('name', 's.upper()', 'd.k', 'l[0]', 'n', 'f', 'none', 'yes', 'nums', 'd', 'nics.eth0', 'name.lower'),
      ),
      ...['{}', '()', '[]'].map(([open = '', close = '']) => {
        return row('$', open, or('name', 'n + 1', 'l[1]', 's.split(",")[1]', 'd.get("k")', '  name '), close)
      }),
      row('${', text(), '}').filter((one) => /^\$\{['"$(]/.test(one)),
      row("$getVar('", or('name', 'n', 'l'), "', 'x')"),
      or("$SNIPPET('plain')", 'SNIPPET::names', "$SNIPPET('tools')$shout('a')", '$SNIPPET("plain")'),
      block('if', truth(), body()),
      block('unless', truth(), body()),
      block('for', row(or('$i', 'i'), ' in ', list()), body()),
      block('for', row('$i, $x in ', or('$enumerate($l)', '$d.items()', '$zip($l, $nums)')), body()),
      block('repeat', or('2', '0', '$d.n'), body()),
      ifElse(truth(), truth(), body()),
      line(row('#set $v = ', or(int(), text(), list(), truth()))),
      line(row('#set ', or('global ', ''), '$w = ', text())),
      line(row('#set $a, $b = ', or("('1', $n)", '$l[:2]'))),
      row(line('#set $c = 1'), line(row('#set $c += ', int())), '$c'),
      line(row('#silent ', text())),
      row(line('#set $more = ["a"]'), line('#silent $more.append($n)'), '$more'),
      line(row('#echo ', or(int(), text()))),
      row(
        '#if ',
        or('$yes', '$n > 9', "'x' in $l"),
        ' then ',
        or("'a'", '$name', '$n'),
        ' else ',
        or('$none', '$d.k'),
        '\n',
      ),
      row(
        or('', '  '),
        '#if ',
        truth(),
        ': ',
        TEXTS.filter((one) => !/\n|^\s*$|#/.test(one)),
        '\n',
      ),
      row('#raw\n', body(), '#end raw', or('\n', ' x\n')),
      or(
        '#raw: $no #if\n',
        '## gone $name\n',
        '  ## gone\n',
        'a ## rest\n',
        '#* away\n$x *#\n',
        'b#* in *#c',
        '#slurp\n',
        ' #slurp rest\n',
      ),
    ),
    body: fc
      .array(tie('part') as Text, { minLength: 1, maxLength: 4, depthIdentifier: 'body' })
      .map((parts) => parts.join('')),
  }
})

/** A directive on its line, as people write it. */
function line(directive: Text | string): Text {
  return row(or('', '', '  ', '\t'), directive, or('\n', '\n', '\n', '  \n', ' ## why\n', '#', '# '))
}

function block(name: string, head: Text, body: Text): Text {
  return row(line(row(`#${name} `, head, or('', '', ':'))), body, line(`#end ${name}`))
}

function ifElse(one: Text, other: Text, body: Text): Text {
  const elif = row(line(row(or('#elif ', '#else if '), other)), body)
  return row(line(row('#if ', one)), body, or('', elif), or('', row(line('#else'), body)), line('#end if'))
}

export const cheetahTemplate: Text = fc
  .array(grammar.part as Text, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))

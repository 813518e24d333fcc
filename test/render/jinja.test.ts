import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/json.ts'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'

const DATA: JsonObject = {
  name: 'node1',
  n: 7,
  s: 'b,a',
  none: null,
  yes: true,
  f: 2.5,
  l: ['x', 'y', 'z'],
  nums: [3, 1, 2],
  d: { k: 'v', items: 'shadowed' },
  nics: { eth1: { mac: '54' }, eth0: { mac: '52' } },
}
const SNIPPETS: Record<string, string> = {
  a: 'A {{ name }}',
  sets: '{% set name = "other" %}{{ name }}',
  loops: '{{ i }}',
  self: '{% include "self" %}',
}

function render(text: string, data = DATA): string {
  const snippet = (path: string) => {
    const found = SNIPPETS[path]
    return found === undefined ? undefined : { file: `snippets/${path}`, text: found }
  }
  return renderCobblerTemplate(`#template=jinja2\n${text}`, { file: 'x.ks', data, snippet })
}

describe('what Jinja says', () => {
  test.each([
    ['{{ name }} {{ d.k }} {{ d["k"] }} {{ l[0] }} {{ l.1 }} {{ l[-1] }} {{ l[:1] }}', "node1 v v x y z ['x']"],
    [
      '{{ none }} {{ yes }} {{ f }} {{ [1, "a"] }} {{ (1,) }} {{ {"a": none} }}',
      "None True 2.5 [1, 'a'] (1,) {'a': None}",
    ],
    [
      '{{ n + 1 }} {{ n / 2 }} {{ n // 2 }} {{ n % 4 }} {{ 2 ** 3 }} {{ -n }} {{ 1 ~ "a" ~ none }}',
      '8 3.5 3 3 8 -7 1aNone',
    ],
    [
      '{{ n > 3 and not none }} {{ 1 < n <= 7 }} {{ "x" in l }} {{ "q" not in l }} {{ yes or nope }}',
      'True True True True True',
    ],
    ['{{ "a" if yes else "b" }}{{ "c" if none }}', 'a'],
    [
      '{{ name.upper() }} {{ s.split(",") }} {{ d.items() }} {{ "a" "b" }}',
      "NODE1 ['b', 'a'] dict_items([('k', 'v'), ('items', 'shadowed')])".concat(' ab'),
    ],
    ['{% if n > 9 %}a{% elif n > 5 %}b{% else %}c{% endif %}', 'b'],
    ['{% for x in l %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}', '1x,2y,3z'],
    ['{% for x in l if x != "y" %}{{ loop.length }}{{ x }}{% endfor %}', '2x2z'],
    ['{% for x in [] %}{% else %}none{% endfor %}', 'none'],
    ['{% for k, v in nics|dictsort %}{{ k }}={{ v.mac }} {% endfor %}', 'eth0=52 eth1=54 '],
    [
      '{% for x in l %}{{ loop.cycle("a", "b") }}{{ loop.previtem|default("-") }}{{ loop.changed(1) }} {% endfor %}',
      'a-True bxFalse ayFalse ',
    ],
    ['{% set x = 1 %}{% for y in l %}{% set x = 2 %}{% endfor %}{{ x }}', '1'],
    ['{% set ns = namespace(t=0) %}{% for y in nums %}{% set ns.t = ns.t + y %}{% endfor %}{{ ns.t }}', '6'],
    ['{% set a, b = 1, 2 %}{{ a }}{{ b }}', '12'],
    ['{% set x %}<{{ name }}>{% endset %}{{ x }}{% set y | upper %}a{% endset %}{{ y }}', '<node1>A'],
    ['{% with a = 1, b = name %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}', '1node1False'],
    ['{% raw %}{{ name }} {% if %}{% endraw %}', '{{ name }} {% if %}'],
    ['a {#- b -#} c{# d #}', 'ac'],
    ['a\n  {%- if yes -%}\n  b\n  {%- endif %}\nc', 'ab\nc'],
    ['a\n\n', 'a\n'],
    ['{% include "a" %}|{% include "gone" ignore missing %}|{% include ["gone", "a"] %}', 'A node1||A node1'],
    ['{% include "sets" %}{{ name }}{% for i in l %}{% include "loops" %}{% endfor %}', 'othernode1xyz'],
    [
      '{{ n is odd }} {{ n is divisibleby 7 }} {{ name is string }} {{ none is none }} {{ nope is not defined }}',
      'True True True True True',
    ],
    ['{{ range(2, 5)|list }} {{ dict(a=1) }}', "[2, 3, 4] {'a': 1}"],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected)
  })

  test.each([
    ['nope|default("x")', 'x'],
    ['""|default("x", true)', 'x'],
    ['l|join(", ")', 'x, y, z'],
    ['nics.values()|map(attribute="mac")|sort|join', '5254'],
    ['" Ab "|trim|lower ~ "ab"|upper ~ "ab cd"|title ~ "aB"|capitalize', 'abABAb CdAb'],
    ['"a-b"|replace("-", "+")', 'a+b'],
    ['l|length', '3'],
    ['l|first ~ l|last', 'xz'],
    ['"12"|int + "x"|int(5) + 2.9|int', '19'],
    ['"1.5"|float + "x"|float', '1.5'],
    ['n|string ~ "!"', '7!'],
    ['"abc"|list', "['a', 'b', 'c']"],
    ['nums|sort', '[1, 2, 3]'],
    ['nums|sort(reverse=true)', '[3, 2, 1]'],
    ['["b", "A"]|sort', "['A', 'b']"],
    ['nums|sum ~ nums|max ~ nums|min', '631'],
    ['["a", "A", "b"]|unique|list', "['a', 'b']"],
    ['nums|select("odd")|list', '[3, 1]'],
    ['nums|reject("gt", 1)|list', '[1]'],
    ['nics.values()|selectattr("mac", "equalto", "52")|list|length', '1'],
    ['nums|batch(2, 0)|list', '[[3, 1], [2, 0]]'],
    ['nums|slice(2)|list', '[[3, 1], [2]]'],
    ['l|reverse|join', 'zyx'],
    ['2.567|round(1)', '2.6'],
    ['-3|abs', '3'],
    ['"a\nb"|indent(2)', 'a\n  b'],
    ['"a longer text"|truncate(9, leeway=0)', 'a...'],
    ['"<a&b>"|e', '&lt;a&amp;b&gt;'],
    ['"a b/c?"|urlencode', 'a%20b/c%3F'],
    ['{"b": [1, none, true], "a": "x<y"}|tojson', '{"a": "x\\u003cy", "b": [1, null, true]}'],
    ['[1]|tojson(2)', '[\n  1\n]'],
    ['"ä"|b64encode ~ "w6Q="|b64decode', 'w6Q=ä'],
    ['"%s-%03d"|format("a", 5)', 'a-005'],
    ['"one two"|wordcount', '2'],
    ['d|items|list|length', '2'],
  ])('the filter of {{ %s }}', (text, expected) => {
    expect(render(`{{ ${text} }}`)).toBe(expected)
  })
})

describe('what is wrong is told with file and line', () => {
  test.each<[string, string]>([
    ['a\n{{ nope }}', 'x.ks:3: "nope" is not defined'],
    ['{% if nope %}{% endif %}', 'x.ks:2: "nope" is not defined'],
    ['{% for x in nope %}{% endfor %}', 'x.ks:2: "nope" is not defined'],
    ['{{ nope.deeper }}', 'x.ks:2: "nope" is not defined'],
    ['{{ d.nope }}', 'x.ks:2: "nope" is not defined'],
    ['{{ d.nope + 1 }}', 'x.ks:2: "nope" is not defined'],
    ['{{ l[9] }}', 'x.ks:2: "9" is not defined'],
    ['{{ nope|upper }}', 'x.ks:2: "nope" is not defined'],
    ['\n\n{% if yes %}', 'x.ks:4: {% endif %} is missing'],
    ['{% endif %}', 'x.ks:2: {% endif %} is no tag of Jinja, or has no beginning'],
    ['{{ name', 'x.ks:2: this {{ has no end'],
    ['{# name', 'x.ks:2: this comment has no #}'],
    ['{% raw %}', 'x.ks:2: {% raw %} has no {% endraw %}'],
    ['{{ }}', 'x.ks:2: the expression ends too early'],
    ['{{ name name }}', 'x.ks:2: "name" has no place here'],
    ['{{ "a }}', 'x.ks:2: a text that begins with " does not end'],
    ['{{ name|shout }}', 'x.ks:2: the filter "shout" is not in the language'],
    ['{{ name is loud }}', 'x.ks:2: the test "loud" is not in the language'],
    ['{{ name() }}', "x.ks:2: 'str' object is not callable"],
    ['{% include "gone" %}', 'x.ks:2: there is no snippet "gone"'],
    ['{% include "self" %}', 'snippets/self:1: snippets are more than 20 deep'],
    ['{% set d.k = 1 %}', 'x.ks:2: "k" cannot be set on a dict'],
    ['{{ [x for x in l] }}', 'x.ks:2: comprehensions are not in the language'],
    ...[
      'macro f()',
      'call f()',
      'import "a" as b',
      'from "a" import b',
      'extends "a"',
      'block a',
      'filter upper',
      'do x',
    ].map((tag) => [`{% ${tag} %}`, `x.ks:2: {% ${tag.split(' ')[0]} %} is not in the language`] as [string, string]),
  ])('%j', (text, message) => {
    expect(() => render(text)).toThrow(message)
  })
})

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cheetah's and the shell's, not JavaScript's
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/json.ts'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'

const DATA: JsonObject = {
  name: 'node1',
  n: 7,
  s: 'a,b',
  none: null,
  yes: true,
  l: ['x', 'y'],
  d: { k: 'v', n: 2 },
  nics: { eth0: { mac: '52:54' } },
}

function render(text: string, snippets: Record<string, string> = {}, data = DATA): string {
  const snippet = (path: string) => {
    const found = snippets[path]
    return found === undefined ? undefined : { file: `snippets/${path}`, text: found }
  }
  return renderCobblerTemplate(text, { file: 'x.ks', data, snippet })
}

describe('a placeholder', () => {
  test.each([
    ['$name ${name} $(name) $[name] ${ name }', 'node1 node1 node1 node1 node1'],
    ['${name}x $name.x', undefined],
    ['${name}x $name, $name. $name/', 'node1x node1, node1. node1/'],
    ['$d.k $d["k"] ${d[\'k\']} $nics.eth0.mac', 'v v v 52:54'],
    ['$l[0] $l[-1] ${l[0:1]}', "x y ['x']"],
    ['$s.upper $s.upper() $s.split(",")', "A,B A,B ['a', 'b']"],
    ['$d.get("k") $d.get("z", "-") $d.keys()', "v - dict_keys(['k', 'n'])"],
    ['[$none] $yes $n $l $d', "[] True 7 ['x', 'y'] {'k': 'v', 'n': 2}"],
    ['${n + 1} ${n * 2} ${n / 2} ${n // 2} ${-$n % 4}', '8 14 3.5 3 1'],
    ['$getVar("name") $getVar("nope", "no") $getVar("$d.k")', 'node1 no v'],
    ['$varExists("name") $varExists("nope") $hasVar("d.k") $varExists("d.z")', 'True False True False'],
    ['$str($n)! $len($l) $int("4") $range(3)', '7! 2 4 range(0, 3)'],
    ['$!name|$!nope|$*name|$*5m*name', 'node1||node1|node1'],
    ['$sedesc("/etc/x.conf")', '\\/etc\\/x\\.conf'],
    ['$getVar("x", ${n})', undefined],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(() => render(text)).toThrow(/^x\.ks:1: /)
    else expect(render(text)).toBe(expected)
  })
})

describe('what a shell writes stays', () => {
  test.each([
    '$1 $? $$ $# $@ $* $- $! $',
    '#!/bin/sh',
    '# a comment',
    '#1 x # y a#b c#',
    'a \\ b',
    '$(uname -r) $(ls | wc -l) $(cat /proc/cmdline)',
    '$() ${} $[]',
    'price 5$, 6$',
    'd-i partman-auto/disk string /dev/sda',
    '#define X',
    '#iffy #ending #setup #if-not',
  ])('%j', (text) => {
    expect(render(`${text}.`)).toBe(`${text}.`)
  })

  test('escaped it loses its backslash', () => {
    expect(render('\\$name \\${name} \\#if \\$(name) a\\b')).toBe('$name ${name} #if $(name) a\\b')
  })
})

describe('a directive', () => {
  test.each([
    ['#if $n > 5\nbig\n#elif $n > 3\nmid\n#else\nsmall\n#end if\n', 'big\n'],
    ['#if $n > 9\nbig\n#else if $n > 3\nmid\n#end if\n', 'mid\n'],
    ['#if $n > 9 and $x or not $none:\nyes\n#end if', 'yes\n'],
    ['#unless $none\nno\n#end unless\n', 'no\n'],
    ['#if $yes then "a" else "b"\n', 'a'],
    ['#if $yes: one line\n#else: another\n', 'one line\n'],
    ['#if not $yes: one line\n#else: another\n', 'another\n'],
    ['a #if $yes# b #else# c #end if# d', 'a  b  d'],
    ['  #if $yes  \n  in\n  #end if ## why\nout', '  in\n  out'],
    ['#for $x in $l\n$x\n#end for\n', 'x\ny\n'],
    ['#for $i, $x in $enumerate($l)\n$i$x #slurp\n#end for\n', '0x 1y '],
    ['#for $k, $v in $sorted($d.items())\n$k=$v\n#end for\n', 'k=v\nn=2\n'],
    ['#for $i in $range(5)\n#if $i == 1\n#continue\n#end if\n#if $i == 3\n#break\n#end if\n$i\n#end for\n', '0\n2\n'],
    ['#set $i = 3\n#while $i\n$i#slurp\n#set $i -= 1\n#end while\n', '321'],
    ['#repeat 2\nr#slurp\n#end repeat\n', 'rr'],
    ['#set $a = $n + 1\n#set $b, $c = $s.split(",")\n#set [$e, $f] = [1, 2]\n$a$b$c$e$f', '8ab12'],
    ['#set $m = {"a": [1]}\n#set $m["b"] = 2\n#silent $m["a"].append(3)\n$m', "{'a': [1, 3], 'b': 2}"],
    ['#set global $g = 1\n#set global $g += 1\n$g $getVar("g")', '2 2'],
    ['#set $v = 1\n$getVar("v", "not of the names")', 'not of the names'],
    ['#silent $n\n#echo $n + 1\n', '8'],
    ['#raw\n$name #if\n#end raw\n$name', '$name #if\nnode1'],
    ['a#slurp\nb', 'ab'],
    ['a #\nb\n#\nc', 'a b\nc'],
    ['a ## away\n## all of it\nb #* in *# c\n#* two\nlines *#\nd', 'a \nb  c\nd'],
    ['a\n#stop\nb', 'a\n'],
    ['#def f($x, $y="z")\n<$x$y>\n#end def\n$f(1)$f(1, $y=2)', '<1z>\n<12>\n'],
    ['#def f: [$name]\n$f', '[node1]'],
    ['#def f($x)\n#return $x * 2\n#end def\n$f(4)', '8'],
    ['#block b\n$name\n#end block\n', 'node1\n'],
    ['#capture c\n$name#slurp\n#end capture\n[$c]', '[node1]'],
    ['#attr $a = 5\n$a', '5'],
    ['#del $x\n', undefined],
    ['#set $x = 1\n#del $x\n$varExists("x")', 'False'],
    ['<% l2 = [1] %><% l2.append(2) %><%= l2 %>', '[1, 2]'],
    ['#import re\n$re.sub("[0-9]+", "N", $nics.eth0.mac) ${re.match("(n)(o)", $name).group(2)}', 'N:N o'],
    ['#encoding utf-8\né', 'é'],
    ['#pass\nx', 'x'],
  ])('%j', (text, expected) => {
    if (expected === undefined) expect(() => render(text)).toThrow(/^x\.ks:1: /)
    else expect(render(text)).toBe(expected)
  })
})

describe('a snippet', () => {
  const snippets = {
    a: 'A $name\n',
    'per_system/a/node1': 'of the system\n',
    'per_profile/b/web': 'of the profile\n',
    'per_distro/c/debian': 'of the distro\n',
    b: 'B',
    c: 'C',
    set: '#set $own = 1\n#set global $told = 2\n[$getVar("local", "unseen")]',
    defs: '#def hello($x)\nhello $x#slurp\n#end def\n',
    deep: '$SNIPPET("a")!',
  }
  const machine = { ...DATA, system_name: 'node1', profile_name: 'web', distro_name: 'debian' }

  test('is rendered where it is named, in either notation', () => {
    expect(render('<$SNIPPET("a")><SNIPPET::a>', snippets)).toBe('<A node1\n><A node1\n>')
    expect(render('$SNIPPET("deep")', snippets)).toBe('A node1\n!')
    expect(render('#include "a"\n#include "/var/lib/cobbler/snippets/b"\n', snippets)).toBe('A node1\nB')
    expect(render('#include raw "a"\n', snippets)).toBe('A $name\n')
  })

  test("is the system's before the profile's before the distro's before everybody's", () => {
    expect(render('$SNIPPET("a")SNIPPET::b $SNIPPET("c")', snippets, machine)).toBe(
      'of the system\nof the profile\n of the distro\n',
    )
  })

  test('sees and sets global names, and its definitions stay', () => {
    expect(render('#set $local = 1\n$SNIPPET("set")$told $varExists("own")', snippets)).toBe('[unseen]2 False')
    expect(render('$SNIPPET("defs")$hello("you")', snippets)).toBe('hello you')
  })

  test.each([
    ['$SNIPPET("gone")', /^x\.ks:1: there is no snippet "gone" \(looked for snippets\/gone\)/],
    ['\n$SNIPPET("../../etc/passwd")', /^x\.ks:2: "\.\.\/\.\.\/etc\/passwd" is no name of a snippet/],
    ['$SNIPPET("/etc/passwd")', /is no name of a snippet/],
    ['#include "/etc/passwd"', /#include takes snippets only/],
    ['#include "http://x/y"', /#include takes snippets only/],
    ['#include source=$name', /not in the language/],
    ['$SNIPPET("bad")', /^snippets\/bad:2: "nope" is not defined/],
    ['$SNIPPET("self")', /^snippets\/self:1: snippets are more than 20 deep/],
  ])('%j is an error', (text, message) => {
    expect(() => render(text, { bad: '\n$nope', self: '$SNIPPET("self")' })).toThrow(message)
  })
})

describe('what is wrong is told with file and line', () => {
  test.each([
    ['a\n\n$nope', 'x.ks:3: "nope" is not defined; if $nope is for the shell, write \\$nope'],
    ['#if $nope\n#end if', 'x.ks:1: "nope" is not defined'],
    ['\n#if nope\n#end if', 'x.ks:2: "nope" is no variable of this template'],
    ['#if name == "x"\n#end if', 'x.ks:1: "name" is no variable of this template; write $name'],
    ['$d.nope', 'x.ks:1: "nope" is not defined; if $d.nope is for the shell, write \\$d.nope'],
    ['$d["nope"]', `x.ks:1: there is no key 'nope'`],
    ['$l[9]', 'x.ks:1: list index out of range'],
    ['$n()', "x.ks:1: 'int' object is not callable"],
    ['#set $a = 1 / 0', 'x.ks:1: division by zero'],
    ['#set $a = 1 + "a"', "x.ks:1: unsupported operand types for +: 'int' and 'str'"],
    ['#set $a = $int("a")', 'x.ks:1: the text is no whole number to the base 10'],
    ['#set $a, $b = [1]', 'x.ks:1: the numbers of names and of values differ'],
    ['\n#if $n\nx', 'x.ks:3: #if of line 2 has no #end if'],
    ['#if $n\n#end for', 'x.ks:2: #end for where #if of line 1 is still open'],
    ['#end if', 'x.ks:1: #end if ends nothing'],
    ['#end', 'x.ks:1: #end must say what it ends: if, for, unless …'],
    ['\n#else\n', 'x.ks:2: #else has no #if before it'],
    ['#if $n ==\n#end if', 'x.ks:1: the expression ends too early'],
    ['#if ($n\n', 'x.ks:1: there is no ) for this ('],
    ['#if $n)\n', 'x.ks:1: this ) closes nothing'],
    ['#set $a = ${n}', 'x.ks:1: inside an expression a name is written $name, without brackets'],
    ['#set $a', 'x.ks:1: #set needs a name, = and a value'],
    ['#set $a = "b', 'x.ks:1: a text that begins with " does not end'],
    ['$(name -f)', 'x.ks:1: "f" is no variable of this template; if $(name -f) is for the shell, write \\$(name -f)'],
    ['${name:-x}', /^x\.ks:1: \$\{name:-x\} is no expression: .*write \\\$\{name:-x\}$/],
    ['a\n<% x', 'x.ks:2: there is no %> for this <%'],
  ])('%j', (text, message) => {
    expect(() => render(text)).toThrow(message)
  })

  test.each([
    ['#from os import path', '#from is not in the language; if it is plain text, write \\#from'],
    ['#import os', '#import os: the only module that templates may import is re'],
    ['#import re, subprocess', '#import subprocess: the only module that templates may import is re'],
    ['#extends Base', '#extends is not in the language'],
    ['#try\n', '#try is not in the language'],
    ['#cache\n', '#cache is not in the language'],
    ['#compiler-settings\n', '#compiler-settings is not in the language'],
    ['#filter Markdown', '#filter is not in the language'],
    ['#@static\n', '#@ is not in the language'],
    ['<% import os %>', 'takes plain expressions and assignments'],
    ['$open("/etc/passwd")', 'open() of Python is not in the language'],
    ['#set $x = eval("1")', 'eval() of Python is not in the language'],
    ['#set $f = lambda x: x', 'lambda is not in the language'],
    ['#set $x = f"{1}"', 'an f-string'],
    ['#set $x = {1, 2}', 'sets are not in the language'],
    ['#set $x = {a: a for a in $l}', 'dictionary comprehensions are not in the language'],
    ['#set $x = $str(*$l)', '* and ** in a call are not in the language'],
    ['#set module $x = 1', '#set module is not in the language'],
    ['#errorCatcher BigEcho', '#errorCatcher BigEcho is not in the language'],
  ])('%j is refused by its name', (text, message) => {
    expect(() => render(text)).toThrow(message)
  })
})

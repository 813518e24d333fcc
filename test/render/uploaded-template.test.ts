/** Templates as Cobbler's users upload them: what install files really say, in both languages, and what is refused. */
import { describe, expect, test } from 'vitest'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'

const DATA = {
  system_name: 'node1',
  http_server: '10.77.0.1',
  role: 'web',
  disks: ['sda', 'sdb'],
  kernel_options: { console: 'ttyS0' },
  empty: '',
}
const SNIPPETS: Readonly<Record<string, string>> = {
  motd: 'echo Hello $system_name\n',
  circle: "$SNIPPET('circle')",
}

function render(text: string): string {
  return renderCobblerTemplate(text, {
    file: 'web.ks',
    data: DATA,
    snippet: (path) => (SNIPPETS[path] === undefined ? undefined : { file: `snippets/${path}`, text: SNIPPETS[path] }),
  })
}

describe('Cheetah', () => {
  test.each([
    ['url --url=http://$http_server/$system_name', 'url --url=http://10.77.0.1/node1'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Cheetah's own placeholder
    ['${role}s', 'webs'],
    ['@@http_server@@', '10.77.0.1'],
    ["$getVar('nothing', 'a default')", 'a default'],
    ["#if $role == 'web'\nnginx\n#else\nnone\n#end if\n", 'nginx\n'],
    ['#for $disk in $disks\nclearpart $disk\n#end for\n', 'clearpart sda\nclearpart sdb\n'],
    ["#set $name = $role.upper() + '-1'\n$name\n", 'WEB-1\n'],
    ["$SNIPPET('motd')", 'echo Hello node1\n'],
    ['SNIPPET::motd', 'echo Hello node1\n'],
    ['#raw\n$system_name\n#end raw\n', '$system_name\n'],
    ['## a comment\nkept\n', 'kept\n'],
    ['#!/bin/sh\n# a comment of the shell\necho $1 \\$HOME\n', '#!/bin/sh\n# a comment of the shell\necho $1 $HOME\n'],
    ["$kernel_options['console']", 'ttyS0'],
  ])('%j is %j', (text, expected) => {
    expect(render(text)).toBe(expected)
  })
})

describe('Jinja', () => {
  test.each([
    ['{{ system_name }}', 'node1'],
    ["{% if role == 'web' %}nginx{% else %}none{% endif %}", 'nginx'],
    ['{% for disk in disks %}{{ loop.index }}{{ disk }} {% endfor %}', '1sda 2sdb '],
    ["{{ nothing | default('x') }}{{ disks | join(',') }}", 'xsda,sdb'],
    ['{# a comment #}{% raw %}{{ kept }}{% endraw %}', '{{ kept }}'],
    ['{% for key, value in kernel_options.items() %}{{ key }}={{ value }}{% endfor %}', 'console=ttyS0'],
  ])('%j is %j', (text, expected) => {
    expect(render(`#template=jinja2\n${text}`)).toBe(expected)
  })
})

describe('refused, with file and line', () => {
  test.each([
    ['a name that is not there', 'one\n$nothing_of_that_name\n', /web\.ks.*2.*nothing_of_that_name/s],
    ['an import', 'one\n#import os\n', /web\.ks.*2/s],
    ['its other form', '#from os import system\n', /web\.ks.*1/s],
    ['what leads to Python', '$role.__class__.__mro__\n', /web\.ks.*1/s],
    ['a prototype', '$role.constructor\n', /web\.ks.*1/s],
    ['a block without its end', '#if $role\nx\n', /web\.ks/],
    ['a snippet in itself', "$SNIPPET('circle')", /circle/],
    ['a loop without end', '#for $i in range(100000000)\nx\n#end for\n', /web\.ks/],
    ['Jinja’s way to Python', '#template=jinja2\n{{ role.__class__ }}', /web\.ks.*2/s],
    ['a language that is neither', '#template=perl\nx', /web\.ks.*1.*perl/s],
  ])('%s', (_, text, sentence) => {
    expect(() => render(text)).toThrow(
      expect.objectContaining({ code: 'template.invalid', message: expect.stringMatching(sentence) }),
    )
  })
})

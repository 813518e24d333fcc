/** What the linter says of templates, line by line. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtIn } from '../boot/golden-text.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeAll(async () => {
  it = await testApp()
})
afterAll(() => it.close())

const PATH = 'preseeds/default.seed'
const DEFAULT = builtIn('preseeds')('default.seed') ?? ''
const CHANGED = DEFAULT.replace('d-i clock-setup/utc boolean true', 'd-i clock-setup/utc boolean false')

const lint = async (path: string, text: string) =>
  (await it.as('viewer', 'POST', '/api/template-lint', { path, text })).json().problems as {
    line: number | null
    severity: string
    message: string
  }[]

describe('the linter', () => {
  test('finds nothing in what is built in', async () => {
    const list = (await it.as('viewer', 'GET', '/api/templates')).json()
    expect(list.length).toBeGreaterThan(15)
    for (const { path } of list) {
      const { text } = (await it.as('viewer', 'GET', `/api/templates/${path}`)).json()
      const found = (await lint(path, text)).filter(({ message }) => !/^"meta\.\w+" is not defined/.test(message))
      expect([path, found]).toEqual([path, []])
    }
  })

  test.each([
    ['an unclosed block', PATH, 'a\n{{#if breed}}\nb\n', 4],
    ['an unclosed sign', PATH, 'a\nb\n{{breed\n', 3],
    ['a name that is not there', PATH, '# a\n\n# {{nobody}}\n', 3],
    ['a name for systems alone', PATH, '{{#if system_name}}\n# {{nobody}}\n{{/if}}\n', 2],
    ['a helper that is not there', PATH, '# a\n{{upper breed}}\n', 2],
    ['a snippet that is not there', PATH, '# a\n{{> nothing.seed}}\n', 2],
    ['a name in a boot config', 'templates/grub/install.cfg', 'a\nb {{nobody}}\n', 2],
    ['a name in a local boot config', 'templates/ipxe/local.cfg', '#!ipxe\n# {{mac}}\n', 2],
    ['a name in the late command', 'preseeds/scripts/late.sh', 'set -e\necho {{nobody}}\n', 2],
    ['a name in a snippet', 'templates/snippets/site.seed', '# x\n# y {{nobody}}\n', 2],
    ['a name in a preseed that nobody uses', 'preseeds/own.seed', '# x\n# {{nobody}}\n', 2],
    ['an open #if of Cheetah', 'cobbler/templates/a.ks', 'a\n#if $x\nb\n', 3],
    ['an expression of Cheetah', 'cobbler/templates/a.ks', 'a\n#set $x = 1 +\nb\n', 2],
    ['a wrong value in Cheetah', 'cobbler/templates/a.ks', 'a\nb\n#echo 1/0\n', 3],
    ['a snippet that Cheetah does not find', 'cobbler/templates/a.ks', "a\n$SNIPPET('nothing')\n", 2],
    ['an open if of Jinja', 'cobbler/templates/a.ks', '#template=jinja2\na\n{% if x %}\nb\n', 3],
    ['an expression of Jinja', 'cobbler/templates/a.ks', '#template=jinja2\na\nb {{ 1 + }}\n', 3],
    [
      'a snippet that Jinja does not find',
      'cobbler/templates/a.ks',
      "#template=jinja2\na\n{% include 'nothing' %}\n",
      3,
    ],
    ['a language that is none', 'cobbler/templates/a.ks', '#template=perl\na\n', 1],
  ])('names the line of %s', async (_, path, text, line) => {
    const problems = await lint(path, text)
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([
      { line, severity: 'error', message: expect.stringMatching(/\w/) },
    ])
  })

  test('tells names that Cheetah leaves as they are, and snippets of branches that nobody takes, as warnings', async () => {
    expect(await lint('cobbler/templates/a.ks', "a $nobody\n#if False\n$SNIPPET('x')\n#end if\n")).toEqual([
      { line: 1, severity: 'warning', message: '"nobody" is not defined, and stays as it is written (profile sample)' },
      { line: 3, severity: 'warning', message: 'there is no snippet "x" (cobbler/snippets/x)' },
    ])
    const jinja = await lint('cobbler/templates/a.ks', '#template=jinja2\na {{ nobody }}\n')
    expect(jinja).toEqual([
      { line: 2, severity: 'warning', message: '"nobody" is not defined, and leaves nothing (profile sample)' },
    ])
  })

  test.each([
    ['a type that is none', PATH, '# a\nd-i a/b strin c\n', 2, 'no type'],
    ['a missing type', PATH, 'd-i a/b\n', 1, 'has no type'],
    ['a question without a slash', PATH, 'd-i netcfg string x\n', 1, 'no question'],
    ['a boolean that is none', PATH, 'd-i a/b boolean yes\n', 1, 'true or false'],
    ['an owner that is none', PATH, 'a\n= a/b string c\n', 2, 'no name of a package'],
    ['blanks after a backslash', PATH, 'd-i a/b string c \\ \n  d\n', 1, 'blanks after the backslash'],
    ['a backslash before nothing', PATH, 'd-i a/b string c \\\n', 1, 'nothing follows'],
    ['a backslash before a comment', PATH, 'd-i a/b string c \\\n# d\nd-i a/c string d\n', 1, 'comment'],
    ['line ends of Windows', PATH, '# a\nd-i a/b string c\r\n', 2, 'Windows'],
    [
      'a bare secret',
      'preseeds/scripts/late.sh',
      'true\necho {{default meta.x ""}} {{meta.root_password}}\n',
      2,
      'shell',
    ],
    [
      'a bare secret variable',
      'preseeds/scripts/late.sh',
      'A=$TOKEN\nB="$TOKEN"\ncurl -u $TOKEN x\n',
      3,
      'double quotes',
    ],
    [
      'what the shell does not read',
      'preseeds/scripts/late.sh',
      '{{#if breed}}\nif true; then\n{{/if}}\ntrue\n',
      5,
      'the shell says',
    ],
  ])('warns of %s', async (_, path, text, line, message) => {
    const warnings = (await lint(path, text)).filter(({ severity }) => severity === 'warning')
    expect(warnings).toContainEqual({ line, severity: 'warning', message: expect.stringContaining(message) })
  })

  test('does not blame a text for what is wrong elsewhere', async () => {
    mkdirSync(join(it.site.data, 'templates/snippets'), { recursive: true })
    writeFileSync(join(it.site.data, 'templates/snippets/site.seed'), '# {{nobody}}\n')
    expect(await lint(PATH, CHANGED)).toEqual([])
    expect((await it.as('admin', 'PUT', `/api/templates/${PATH}`, { text: CHANGED })).statusCode).toBe(200)
  })

  test('ends on a text that would go on and on', async () => {
    const profile = it.catalog.get('profile', 'debian-13')
    if (!profile) throw new Error('no profile')
    const many = Array.from({ length: 3_000 }, (_, n) => `p${n}`).join(' ')
    await it.catalog.save('profile', { ...profile, meta: { EXTRA_PACKAGES: many } })
    const [problem] = await lint(PATH, '{{#each packages}}{{#each ../packages}}and on{{/each}}{{/each}}\n')
    expect(problem?.message).toMatch(/goes on and on/)
  })
})

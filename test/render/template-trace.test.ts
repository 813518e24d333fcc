import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderTemplate, type Template } from '../../src/render/template.ts'
import { traceTemplate } from '../../src/render/template-trace.ts'

const SNIPPETS: Readonly<Record<string, string>> = {
  site: 'first of site\nuses {{name}}\n',
  words: '{{#each list}}\n- {{this}}\n{{/each}}\n',
  'no-end': 'a snippet without an end',
}
const DATA = {
  name: 'node1',
  list: ['a', 'b'],
  on: true,
  off: false,
  long: 'one\ntwo',
  meta: { locale: 'de' },
  empty: '',
}

const template = (text: string): Template => ({
  path: 'templates/main',
  text,
  snippet: (name) => SNIPPETS[name],
})
const traced = (text: string) =>
  traceTemplate(template(text), DATA).map((line) => [
    line.text,
    ...line.at.map(({ path, line: at, names }) => [path.replace('templates/', ''), at, ...names].join(' ')),
  ])

describe('each line of a template', () => {
  test('is told with the file and line that it comes from, and the names in it', () => {
    const text = `# {{name}}
{{#if on}}
on for {{name}} and {{default meta.locale 'en'}}
{{else}}
never
{{/if}}

  {{> site}}
{{> words}}
end {{#if off}}x{{else}}y{{/if}}`
    expect(traced(text)).toEqual([
      ['# node1', 'main 1 name'],
      ['on for node1 and de', 'main 3 name meta.locale'],
      ['', 'main 7'],
      ['  first of site', 'snippets/site 1'],
      ['  uses node1', 'snippets/site 2 name'],
      ['- a', 'snippets/words 2 list'],
      ['- b', 'snippets/words 2 list'],
      ['end y', 'main 10'],
    ])
  })

  test('of a value that has several says so for each of them', () => {
    expect(traced('say {{shell long}}\n')).toEqual([["say 'one", 'main 1 long'], ["two'", 'main 1 long'], ['']])
  })

  test('is told without its place when its signs would go beyond what a rendering may do', () => {
    const text = `{{#each list}}${'\n'.repeat(1000)}{{/each}}`
    const lines = traceTemplate({ ...template(text) }, { list: Array.from({ length: 2000 }, () => '') })
    expect(lines).toHaveLength(2000 * 999 + 1)
    expect(lines[0]).toEqual({ text: '', at: [] })
  })
})

const piece = fc.constantFrom(
  ...[
    'plain',
    ' ',
    '\n',
    '\n\n',
    '  \n',
    '\r\n',
    '{{name}}',
    '{{shell long}}',
    '{{yaml long}}',
    "{{default nope 'x'}}",
  ],
  ...[
    '{{#if on}}yes{{/if}}',
    '{{#if off}}\nyes\n{{else}}\nno\n{{/if}}\n',
    '\n{{#each list}}\n * {{this}}\n{{/each}}\n',
  ],
  ...[
    '{{> site}}',
    '\n  {{> site}}\n',
    '\n\t{{> words}}\n',
    '{{> no-end}}',
    '\n {{> no-end}}\n',
    '{{empty}}',
    '\\{{name}}',
  ],
  ...['{{~name~}}', '{{!-- nothing --}}\n', '{{#if empty}}\n{{/if}}\n'],
)

test('whatever a template is made of, its traced lines are its text, and know their place', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const lines = traceTemplate(template(text), DATA)
      expect(lines.map((line) => line.text).join('\n')).toBe(renderTemplate(template(text), DATA))
      const sources = new Map([['templates/main', text.split('\n')]])
      for (const [name, snippet] of Object.entries(SNIPPETS))
        sources.set(`templates/snippets/${name}`, snippet.split('\n'))
      for (const line of lines) {
        if (line.text.trim() !== '') expect(line.at).not.toEqual([])
        for (const { path, line: at } of line.at) expect(sources.get(path)?.length).toBeGreaterThanOrEqual(at)
      }
    }),
    { numRuns: 500 },
  )
})

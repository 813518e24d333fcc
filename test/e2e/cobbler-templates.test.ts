/** Templates of Cobbler's users, rendered by us and by the real Cheetah and Jinja: the same bytes. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderCobblerTemplate } from '../../src/render/cobbler-template.ts'
import { cheetahTemplate, DATA, SNIPPETS } from '../support/cheetah-grammar.ts'
import { CORPUS, corpusFiles, machineNames } from '../support/cobbler-machine.ts'
import { expression } from '../support/expression-grammar.ts'
import { JINJA_SNIPPETS, jinjaTemplate } from '../support/jinja-grammar.ts'
import { type Answer, type Case, renderWithPython } from '../support/template-reference.ts'

function renderOurs({ engine, text, data, snippets, keep }: Case): Answer {
  const snippet = (path: string) => {
    const found = snippets[path]
    return found === undefined ? undefined : { file: path, text: found }
  }
  const source = engine === 'jinja' ? `#template=jinja2\n${text}` : text
  try {
    const options = { file: 'x', data, snippet, ...(keep && { undefinedName: () => {} }) }
    return { out: renderCobblerTemplate(source, options) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** What both render must be the same; a template that Python refuses proves nothing. */
async function expectSame(cases: readonly Case[], least: number): Promise<void> {
  const theirs = await renderWithPython(cases)
  const different = cases.flatMap((one, index) => {
    const answer = theirs[index]
    if (!answer || !('out' in answer)) return []
    // Cobbler takes empty lines at the head away.
    const out = one.engine !== 'cobbler' && answer.out.startsWith('\n') ? answer.out.trimStart() : answer.out
    const ours = renderOurs(one)
    return 'out' in ours && ours.out === out ? [] : [{ text: one.text, keep: one.keep, theirs: out, ours }]
  })
  expect(different.slice(0, 3)).toEqual([])
  expect(theirs.filter((answer) => 'out' in answer).length).toBeGreaterThan(cases.length * least)
}

/** The same templates in each run; FUZZ_SEED and FUZZ_COUNT look further. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
const count = Number(process.env['FUZZ_COUNT'] ?? 400)
const sample = (templates: fc.Arbitrary<string>): string[] => fc.sample(templates, { numRuns: count, seed })

function expressionCase(text: string): Case {
  return { engine: 'cheetah', text: `#import re\n#echo ${text}\n`, data: DATA, snippets: {}, keep: false }
}

describe('kickstarts, preseeds and snippets', () => {
  const templates = corpusFiles('templates')
  const snippets = corpusFiles('snippets')
  const data = machineNames()

  test('render as the real engines render them', async () => {
    const cases = Object.values(templates).map(
      (text): Case => ({ engine: 'cobbler', text, data, snippets, keep: true }),
    )
    const theirs = await renderWithPython(cases)
    for (const [index, name] of Object.keys(templates).entries()) {
      const file = join(CORPUS, 'expected', name)
      const answer = theirs[index]
      if (!answer || !('out' in answer)) throw new Error(`${name}: ${answer?.error}`)
      if (process.env['UPDATE_GOLDEN'] === '1') {
        mkdirSync(join(CORPUS, 'expected'), { recursive: true })
        writeFileSync(file, answer.out)
      }
      if (!existsSync(file)) throw new Error(`${file} is missing; UPDATE_GOLDEN=1 writes it, then read it`)
      expect({ name, text: readFileSync(file, 'utf8') }).toEqual({ name, text: answer.out })
    }
  }, 120_000)

  test('also each snippet by itself', async () => {
    const cases = Object.entries(snippets).map(([name, text]): Case => {
      const first = name.endsWith('.j2') ? '#template=jinja2\n' : ''
      return { engine: 'cobbler', text: first + text, data, snippets, keep: true }
    })
    await expectSame(cases, 0.9)
  }, 120_000)
})

describe('expressions', () => {
  /** Always the same ones; what they are is in the file for the tests that run without Python. */
  test('mean what they mean in Python', async () => {
    const texts = [...new Set(fc.sample(expression, { numRuns: 1_500, seed: 42 }))].sort()
    const cases = texts.map(expressionCase)
    const theirs = await renderWithPython(cases)
    const lines = theirs.map((answer, index) => JSON.stringify([texts[index], 'out' in answer ? answer.out : null]))
    const file = join(CORPUS, 'expressions.txt')
    const text = `${lines.join('\n')}\n`
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
  }, 120_000)
})

describe(`random templates (seed ${seed})`, () => {
  test('of Cheetah', async () => {
    const cases = sample(cheetahTemplate).map((text, index): Case => {
      return { engine: 'cheetah', text, data: DATA, snippets: SNIPPETS, keep: index % 2 === 0 }
    })
    await expectSame(cases, 0.5)
  }, 300_000)

  test('of Jinja', async () => {
    const cases = sample(jinjaTemplate).map((text, index): Case => {
      return { engine: 'jinja', text, data: DATA, snippets: JINJA_SNIPPETS, keep: index % 2 === 0 }
    })
    await expectSame(cases, 0.8)
  }, 300_000)

  test('of expressions', async () => {
    await expectSame(sample(expression).map(expressionCase), 0.8)
  }, 300_000)
})

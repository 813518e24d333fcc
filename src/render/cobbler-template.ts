/**
 * A template of Cobbler's (kickstart, preseed, snippet) and the names that it can say become text. They are Cheetah, or
 * Jinja when the first line says `#template=jinja2`; both are read by interpreters of our own: nothing of Python's, nothing
 * of the host's, own data only, and an end to it in any case.
 */
import type { JsonObject } from '../lib/json.ts'
import { OrchestraError } from '../model/errors.ts'
import { type CheetahOptions, renderCheetah } from './cheetah/render.ts'
import { newBudget, spendOutput } from './expression/budget.ts'
import { located, NotFound, type TellMissing } from './expression/fault.ts'
import { textOf } from './expression/text.ts'
import { fromJson, type Value } from './expression/value.ts'
import { renderJinja } from './jinja/render.ts'
import { type Snippet, snippetsOf } from './snippets.ts'

export interface CobblerTemplate {
  /** For messages. */
  readonly file: string
  readonly data: JsonObject
  /** By path below the folder of snippets: `network`, `per_system/network/node1`; undefined when there is none. */
  readonly snippet: (path: string) => Snippet | undefined
  /**
   * Told of each name in the text that is not there and was left as it is written. That is what Cobbler does, and old
   * kickstarts live on it: their `$variable`s of the shell are not escaped. Without this, such a name is an error.
   */
  readonly undefinedName?: TellMissing
}

const MOST_CHARACTERS = 1024 * 1024

/** @throws OrchestraError template.invalid, with file and line; nothing is ever half-rendered. */
export function renderCobblerTemplate(text: string, options: CobblerTemplate): string {
  const { file, snippet, undefinedName: tell } = options
  if (text.length > MOST_CHARACTERS) throw invalid(file, 1, `it is longer than ${MOST_CHARACTERS} characters`)
  const { engine, body, firstLine } = engineOf(text, file)
  const data = dataOf(options.data)
  const budget = newBudget()
  const shared = { file, firstLine, data, snippets: snippetsOf(snippet, data), tell, budget }
  const rendered = engine === 'cheetah' ? renderCheetah(prepared(body, data), shared) : renderJinja(body, shared)
  const replaced = replaceMarks(rendered, shared)
  // Empty lines at the head break AutoYaST; Cobbler takes them away.
  return replaced.startsWith('\n') ? replaced.trimStart() : replaced
}

/** A first line `#template=…` chooses, and is no part of the text. */
function engineOf(text: string, file: string): { engine: 'cheetah' | 'jinja'; body: string; firstLine: number } {
  if (!text.startsWith('#template=')) return { engine: 'cheetah', body: text, firstLine: 1 }
  const [line = '', ...rest] = text.split('\n')
  const word = (line.split('=')[1] ?? '').trim().toLowerCase()
  if (word !== 'cheetah' && word !== 'jinja2' && word !== 'jinja') {
    throw invalid(file, 1, `#template=${word} is not cheetah and not jinja2`)
  }
  return { engine: word === 'cheetah' ? 'cheetah' : 'jinja', body: rest.join('\n'), firstLine: 2 }
}

function dataOf(data: JsonObject): ReadonlyMap<string, Value> {
  const made = new Map(Object.entries(data).map(([key, value]) => [key, fromJson(value)]))
  // Templates that walk through all names ask for this one.
  return made.set('template_universe', fromJson(data))
}

/** Cobbler's oldest notation; and an install tree on NFS, for which a kickstart needs another command than `url`. */
function prepared(text: string, data: ReadonlyMap<string, Value>): string {
  const plain = text.replaceAll('TEMPLATE::', '$')
  const tree = data.get('tree')
  if (typeof tree !== 'string' || !tree.startsWith('nfs://')) return plain
  // It becomes part of the template here, but must not become a part that does something.
  const escaped = tree.replace(/[$#]/g, '\\$&')
  const [server = '', directory = ''] = escaped.slice('nfs://'.length).split(':')
  return plain
    .split('\n')
    .map((line) => {
      const isUrl = line.includes('--url') && line.includes('url ')
      return `${isUrl ? `nfs --server ${server} --dir ${directory}\n#url --url=${escaped}` : line}\n`
    })
    .join('')
}

/** `@@name@@` is replaced after rendering, so that names in values are too: `tree` is `http://@@http_server@@/…`. */
function replaceMarks(text: string, { file, data, tell, budget }: CheetahOptions): string {
  const once = (from: string, isLast: boolean): string => {
    let length = from.length
    return from.replace(/@@([A-Za-z_][A-Za-z_0-9.-]*)@@/g, (mark, name: string) => {
      const value = data.get(name)
      if (value !== undefined) {
        const made = textOf(value, budget)
        length += made.length
        spendOutput(budget, made.length, length)
        return made
      }
      if (isLast && !tell) throw new NotFound(`@@${name}@@`)
      if (isLast) tell?.({ file, line: 1, name: mark })
      return mark
    })
  }
  try {
    return once(once(text, false), true)
  } catch (error) {
    throw located(error, file, 1)
  }
}

function invalid(file: string, line: number | undefined, because: string): OrchestraError {
  return new OrchestraError('template.invalid', `${file}${line === undefined ? '' : `:${line}`}: ${because}`)
}

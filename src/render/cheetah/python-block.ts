/** `<% … %>`: in Cheetah any Python; here one expression or assignment a line, which is what Cobbler's own snippets have. */
import { SyntaxFault } from '../expression/fault.ts'
import { add, commit, parseAll, type Reader } from './reader.ts'
import type { Part } from './tree.ts'

export function eatPython(reader: Reader): void {
  const { source, at } = reader
  const end = source.indexOf('%>', at + 2)
  if (end < 0 || end >= reader.limit) throw new SyntaxFault('there is no %> for this <%', at)
  reader.at = end + 2
  const inside = source.slice(at + 2, end)
  const start = at + 2 + inside.length - inside.trimStart().length
  const text = inside.trim()
  commit(reader)
  if (text.startsWith('=')) {
    const expr = parseAll({ text: text.slice(1), at: start + 1 }, (parser) => parser.tuple())
    add(reader, { part: 'print', line: reader.lineAt(at), raw: '', expr, isQuiet: false })
    return
  }
  let from = start
  for (const line of text.split(/(?<=\n)/)) {
    if (line.trim() !== '') add(reader, statement(line, from, reader.lineAt(from)))
    from += line.length
  }
}

function statement(text: string, at: number, line: number): Part {
  if (/^\s|^(if|for|while|def|import|from|print|exec|with|try|class|return|end)\b|[:$]\s*$/.test(text)) {
    throw new SyntaxFault('<% … %> takes plain expressions and assignments, no statements of Python', at)
  }
  return parseAll({ text, at }, (parser): Part => {
    if (!/^[^=<>!]+=(?!=)/.test(text)) return { part: 'silent', line, expr: parser.tuple() }
    const target = parser.target()
    parser.expect('=')
    return { part: 'set', line, target, operator: '', value: parser.tuple(), isGlobal: false }
  })
}

/** Cheetah's directives: which of them is read where. What each of them does is run.ts. */
import { SyntaxFault } from '../expression/fault.ts'
import { eatElse, eatEnd, eatIf, eatLoop } from './blocks.ts'
import { eatDef } from './def.ts'
import { type Directive, directiveAt } from './directive-names.ts'
import {
  eatAttr,
  eatDel,
  eatEcho,
  eatEncoding,
  eatErrorCatcher,
  eatImport,
  eatInclude,
  eatRaw,
  eatReturn,
  eatSet,
  eatSilent,
  eatSlurp,
  eatWord,
} from './lines.ts'
import { closeTag, openTag, type Reader, type Tag } from './reader.ts'

/** Reads one directive, behind its name. */
export type Eat = (reader: Reader, tag: Tag, context: Context) => void

interface Context {
  readonly name: Directive
  /** The parser of text, which blocks contain again. */
  readonly read: (reader: Reader) => void
  /** The end of its line. */
  readonly close: () => void
}

export interface Text {
  readonly read: (reader: Reader) => void
  readonly eatComment: (reader: Reader) => void
}

export function eatDirective(reader: Reader, { read, eatComment }: Text): void {
  const { at } = reader
  const { name = '', known } = directiveAt(reader.source, at) ?? {}
  if (!known) throw new SyntaxFault(`#${name} is not in the language; if it is plain text, write \\#${name}`, at)
  const tag = openTag(reader, known)
  EAT[known](reader, tag, { name: known, read, close: () => closeTag(reader, tag, () => eatComment(reader)) })
}

const EAT: { readonly [Name in Directive]: Eat } = {
  if: eatIf,
  unless: eatIf,
  else: eatElse,
  elif: eatElse,
  for: eatLoop,
  while: eatLoop,
  repeat: eatLoop,
  capture: eatLoop,
  end: eatEnd,
  def: eatDef,
  block: eatDef,
  set: eatSet,
  attr: eatAttr,
  del: eatDel,
  silent: eatSilent,
  echo: eatEcho,
  return: eatReturn,
  slurp: eatSlurp,
  raw: eatRaw,
  include: eatInclude,
  import: eatImport,
  errorCatcher: eatErrorCatcher,
  encoding: eatEncoding,
  pass: eatWord,
  break: eatWord,
  continue: eatWord,
  stop: eatWord,
}

/** What goes wrong inside a template of Cobbler's, before file and line are known; never seen outside of render. */
import { OrchestraError } from '../../model/errors.ts'

export class Fault extends Error {}

/** A name that is not there. Apart from other faults, because Cobbler prints the placeholder as it stands. */
export class NotFound extends Fault {
  readonly missing: string
  constructor(missing: string) {
    super(`"${missing}" is not defined`)
    this.missing = missing
  }
}

/** Is told of each name that is not there and that the text is rendered without. */
export type TellMissing = (missing: { readonly file: string; readonly line: number; readonly name: string }) => void

/** A syntax that cannot be read; at an offset of the text that was being read. */
export class SyntaxFault extends Fault {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** A fault with its place, as others see it. What is no fault of the template passes through. */
export function located(error: unknown, file: string, line: number): unknown {
  // Too many calls inside each other is what JavaScript says of a template that is too deep for it.
  if (!(error instanceof Fault) && !(error instanceof RangeError)) return error
  const because = error instanceof Fault ? error.message : 'it is nested too deep'
  return new OrchestraError('template.invalid', `${file}:${line}: ${because}`)
}

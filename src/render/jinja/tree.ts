/** A Jinja template as a tree of parts. */
import type { Expr, Target } from '../expression/tree.ts'

export type Part =
  | { readonly part: 'text'; readonly text: string }
  | { readonly part: 'print'; readonly line: number; readonly expr: Expr }
  | {
      readonly part: 'if'
      readonly line: number
      readonly branches: { readonly test: Expr; readonly line: number; readonly body: readonly Part[] }[]
      readonly otherwise: readonly Part[]
    }
  | {
      readonly part: 'for'
      readonly line: number
      readonly target: Target
      readonly over: Expr
      readonly condition: Expr | undefined
      readonly body: readonly Part[]
      readonly otherwise: readonly Part[]
    }
  | { readonly part: 'set'; readonly line: number; readonly target: Target; readonly value: Expr }
  /** `{% set x %}…{% endset %}`; the filter is an expression over the name FILTERED. */
  | {
      readonly part: 'capture'
      readonly line: number
      readonly target: Target
      readonly body: readonly Part[]
      readonly filter: Expr | undefined
    }
  | {
      readonly part: 'with'
      readonly line: number
      readonly names: readonly (readonly [Target, Expr])[]
      readonly body: readonly Part[]
    }
  | {
      readonly part: 'include'
      readonly line: number
      readonly name: Expr
      readonly mayBeMissing: boolean
      readonly withContext: boolean
    }

export interface Template {
  readonly file: string
  readonly parts: readonly Part[]
}

/** No name that a template can say. */
export const FILTERED = ' filtered'

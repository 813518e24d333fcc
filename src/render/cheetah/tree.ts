/** A Cheetah template as a tree of parts. */
import type { Expr, Target } from '../expression/tree.ts'

export type Part =
  | { readonly part: 'text'; readonly text: string }
  | Print
  /** What a `#def` holds is in Template.defs; this is where a `#block` stands. */
  | { readonly part: 'block'; readonly name: string; readonly line: number }
  | {
      readonly part: 'if'
      readonly line: number
      readonly branches: { readonly test: Expr; readonly line: number; readonly body: Part[] }[]
      otherwise: Part[] | undefined
    }
  | { readonly part: 'for'; readonly line: number; readonly target: Target; readonly over: Expr; readonly body: Part[] }
  | { readonly part: 'while'; readonly line: number; readonly test: Expr; readonly body: Part[] }
  | { readonly part: 'repeat'; readonly line: number; readonly times: Expr; readonly body: Part[] }
  | {
      readonly part: 'set'
      readonly line: number
      readonly target: Target
      /** `+` of `+=`; empty for a plain `=`. */
      readonly operator: string
      readonly value: Expr
      readonly isGlobal: boolean
    }
  | { readonly part: 'capture'; readonly line: number; readonly target: Target; readonly body: Part[] }
  | { readonly part: 'silent'; readonly line: number; readonly expr: Expr }
  | { readonly part: 'delete'; readonly line: number; readonly target: Target }
  | { readonly part: 'include'; readonly line: number; readonly file: Expr; readonly isRaw: boolean }
  | { readonly part: 'return'; readonly line: number; readonly expr: Expr }
  | { readonly part: 'leave'; readonly line: number; readonly how: 'break' | 'continue' | 'stop' }
  /** `#errorCatcher`: from here on, undefined names stay as they are written. */
  | { readonly part: 'echo undefined' }

export interface Print {
  readonly part: 'print'
  readonly line: number
  /** As written; what is left when the name is not there. */
  readonly raw: string
  readonly expr: Expr | Unreadable
  /** `$!name`: nothing when the name is not there. */
  readonly isQuiet: boolean
}

/** `$( … )` and `${ … }` that are no expression; a shell's, when the first word is no name of ours. */
export interface Unreadable {
  readonly node: 'unreadable'
  readonly firstName: string | undefined
  readonly because: string
}

export interface Def {
  readonly name: string
  readonly line: number
  readonly params: readonly { readonly name: string; readonly otherwise: Expr | undefined }[]
  readonly body: Part[]
}

/** `#attr $name = value`: there for all of the file, and for whoever includes it. */
export interface Attribute {
  readonly name: string
  readonly line: number
  readonly value: Expr
}

export interface Template {
  readonly file: string
  readonly parts: readonly Part[]
  readonly defs: readonly Def[]
  readonly attributes: readonly Attribute[]
  readonly imports: readonly string[]
}

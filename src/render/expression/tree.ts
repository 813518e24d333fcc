/** Expressions as a tree: Python's (with Cheetah's placeholders) and Jinja's share it. */
import type { Value } from './value.ts'

export type Expr =
  | { readonly node: 'literal'; readonly value: Value }
  /** `name`: a variable of Python's, or any of Jinja's. */
  | { readonly node: 'name'; readonly name: string }
  /** `$name`, looked for in all of a template's names. Called if it can be, unless its call is written out. */
  | { readonly node: 'placeholder'; readonly name: string; readonly autocall: boolean }
  /** `.name`; mapped (behind a placeholder): a key counts like a member, and what can be called is. */
  | {
      readonly node: 'attribute'
      readonly of: Expr
      readonly name: string
      readonly mapped: boolean
      readonly autocall: boolean
    }
  | { readonly node: 'item'; readonly of: Expr; readonly key: Expr }
  | { readonly node: 'slice'; readonly of: Expr; readonly from: Expr; readonly to: Expr; readonly by: Expr }
  | { readonly node: 'call'; readonly of: Expr; readonly args: CallArguments }
  | { readonly node: 'unary'; readonly operator: string; readonly of: Expr }
  | { readonly node: 'binary'; readonly operator: string; readonly left: Expr; readonly right: Expr }
  /** `a < b <= c`: each pair must hold. */
  | { readonly node: 'compare'; readonly first: Expr; readonly rest: readonly (readonly [string, Expr])[] }
  | { readonly node: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly node: 'not'; readonly of: Expr }
  | { readonly node: 'choice'; readonly test: Expr; readonly yes: Expr; readonly no: Expr | undefined }
  | { readonly node: 'list'; readonly kind: 'list' | 'tuple'; readonly items: readonly Expr[] }
  | { readonly node: 'dict'; readonly entries: readonly (readonly [Expr, Expr])[] }
  | {
      readonly node: 'comprehension'
      readonly kind: 'list' | 'iterator'
      readonly element: Expr
      readonly target: Target
      readonly over: Expr
      readonly conditions: readonly Expr[]
    }
  | { readonly node: 'filter'; readonly of: Expr; readonly name: string; readonly args: CallArguments }
  | {
      readonly node: 'test'
      readonly of: Expr
      readonly name: string
      readonly args: CallArguments
      readonly negated: boolean
    }

export interface CallArguments {
  readonly list: readonly Expr[]
  readonly named: readonly (readonly [string, Expr])[]
}

/** What can stand left of `=` or behind `for`. */
export type Target =
  | { readonly target: 'name'; readonly name: string }
  | { readonly target: 'item'; readonly of: Expr; readonly key: Expr }
  | { readonly target: 'member'; readonly of: Expr; readonly name: string }
  | { readonly target: 'several'; readonly targets: readonly Target[] }

export const NONE: Expr = { node: 'literal', value: null }

/** A request that is not done, thrown from wherever that is found out and answered by handle.ts alone. */

/** The names of RFC 4918 section 16 that say which condition was broken. */
export type Condition =
  | 'lock-token-matches-request-uri'
  | 'lock-token-submitted'
  | 'no-conflicting-lock'
  | 'no-external-entities'
  | 'propfind-finite-depth'
  | 'quota-not-exceeded'

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly condition: Condition | undefined
  /** The resources in the way. */
  readonly hrefs: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    sentence: string,
    more: { condition?: Condition; hrefs?: readonly string[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(sentence)
    this.status = status
    this.condition = more.condition
    this.hrefs = more.hrefs ?? []
    this.headers = more.headers ?? {}
  }
}

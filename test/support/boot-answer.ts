/** A boot as the API tells it, as far as tests look at it. */
interface Entry {
  readonly kind: string
  readonly outcome: string
  readonly text: string
  readonly because?: string
  readonly path?: string
  readonly bytes?: number
  readonly times?: number
}

export interface Boot {
  readonly id: number
  readonly system: string | null
  readonly reached: string
  readonly ended: number | null
  readonly repeats: number
  readonly entries: readonly Entry[]
  readonly verdict: {
    readonly verdict: string
    readonly fault: boolean
    readonly says: string
    readonly missing: string | null
    readonly next: string | null
    readonly evidence: { readonly at: number; readonly text: string } | null
  }
}

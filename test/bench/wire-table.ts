/** What a benchmark found, as lines of a table. */

export interface Finding {
  readonly what: string
  /** What is measured, of each round; in `unit`. */
  readonly ours: readonly number[]
  readonly theirs?: { readonly name: string; readonly values: readonly number[] }
  readonly unit: string
  /** Of our figure to theirs, or of our own alone when there is no other. */
  readonly target?: { readonly least?: number; readonly most?: number }
  readonly note?: string
}

export function tableOf(part: string, findings: readonly Finding[]): string[] {
  return [`— ${part}`, ...findings.map(lineOf)]
}

function lineOf({ what, ours, theirs, unit, target, note }: Finding): string {
  const figures = theirs ? ours.map((value, round) => value / (theirs.values[round] ?? Number.NaN)) : ours
  const figure = middle(figures)
  const parts = [`${what.padEnd(46)} ${words(middle(ours))} ${unit}`]
  if (theirs) {
    parts.push(`${theirs.name} ${words(middle(theirs.values))}`)
    parts.push(`ratio ${figure.toFixed(2)} (${Math.min(...figures).toFixed(2)}–${Math.max(...figures).toFixed(2)})`)
  } else if (ours.length > 1) parts.push(`(${words(Math.min(...ours))}–${words(Math.max(...ours))})`)
  if (target) {
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = target
    const isMet = figure >= least && figure <= most
    const wanted = target.least !== undefined ? `at least ${target.least}` : `at most ${target.most}`
    parts.push(`${isMet ? '✓' : '✗'} ${wanted}`)
  }
  if (note !== undefined) parts.push(note)
  return parts.join('  ')
}

export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function words(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

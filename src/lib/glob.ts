/** Shell patterns as find takes them (`*`, `?`, `[a-z]`, `[!a-z]`), without regard to case, in time linear in the text. */

type Part = '*' | ((char: string) => boolean)

/** A whole-text match. No regular expression: one of many stars can be made to run for hours. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const plain = pattern.toLowerCase()
  if (!/[*?[]/.test(plain)) return (text) => text.toLowerCase() === plain
  const parts = parse(plain)
  return (text) => matches(parts, text.toLowerCase())
}

function parse(pattern: string): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    const end = char === '[' ? pattern.indexOf(']', i + (pattern.charAt(i + 1) === '!' ? 3 : 2)) : -1
    if (char === '*') {
      if (parts.at(-1) !== '*') parts.push('*')
    } else if (char === '?') {
      parts.push(() => true)
    } else if (end > 0) {
      parts.push(parseClass(pattern.slice(i + 1, end)))
      i = end
    } else {
      parts.push((other) => other === char)
    }
  }
  return parts
}

function parseClass(body: string): (char: string) => boolean {
  const isNegated = body.startsWith('!')
  const set = isNegated ? body.slice(1) : body
  return (char) => {
    let isIn = false
    for (let i = 0; i < set.length; i++) {
      const isRange = set.charAt(i + 1) === '-' && i + 2 < set.length
      const from = set.charAt(i)
      const to = isRange ? set.charAt(i + 2) : from
      if (from <= char && char <= to) isIn = true
      if (isRange) i += 2
    }
    return isIn !== isNegated
  }
}

/** On a mismatch only the last star is tried longer: earlier ones cannot help. */
function matches(parts: readonly Part[], text: string): boolean {
  let at = 0
  let part = 0
  let star = -1
  let starAt = 0
  while (at < text.length) {
    const wanted = parts[part]
    if (wanted === '*') {
      star = part++
      starAt = at
    } else if (wanted?.(text.charAt(at))) {
      part++
      at++
    } else if (star >= 0) {
      part = star + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (parts[part] === '*') part++
  return part === parts.length
}

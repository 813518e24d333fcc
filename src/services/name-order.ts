/** Objects in the order of their names, kept in order: a save among 100,000 must not sort them all anew. */

export interface NameOrder<One extends { readonly name: string }> {
  /** As it is now; it never changes under whoever holds it. */
  list(): readonly One[]
  /** In the place of the one that has this name, if there is one. */
  put(one: One): void
  take(name: string): void
}

export function nameOrder<One extends { readonly name: string }>(): NameOrder<One> {
  let ones: One[] = []
  /** True when somebody may hold `ones`: then the next change is made to a copy. */
  let isShared = false

  function own(): One[] {
    if (isShared) ones = ones.slice()
    isShared = false
    return ones
  }

  /** Where this name is, or is to be. */
  function placeOf(name: string): number {
    let low = 0
    let high = ones.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ones[middle]?.name ?? '') < name) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    list() {
      isShared = true
      return ones
    },
    put(one) {
      const at = placeOf(one.name)
      const replaced = ones[at]?.name === one.name ? 1 : 0
      own().splice(at, replaced, one)
    },
    take(name) {
      const at = placeOf(name)
      if (ones[at]?.name === name) own().splice(at, 1)
    },
  }
}

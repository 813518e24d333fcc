/** Chance that a seed decides, so that a failure can be seen again. */
export interface Random {
  /** 0 up to, not with, `limit`. */
  below(limit: number): number
  chance(part: number): boolean
}

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = (seed + 1) * 0x9e3779b9
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (limit) => Math.floor(next() * limit), chance: (part) => next() < part }
}

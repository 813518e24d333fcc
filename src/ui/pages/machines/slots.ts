/**
 * Places of the document for the rows in sight. A row that goes out of sight leaves its place to one that comes in, which is
 * much less work than to make and throw away some forty elements; a row that stays keeps its place, and with it the focus.
 */

export class Slots {
  #places = new Map<string, number>()

  /** The place of each, in their order: the same as before for who was there before. */
  assign(uids: readonly string[]): readonly number[] {
    const wanted = new Set(uids)
    const free = [...this.#places].filter(([uid]) => !wanted.has(uid)).map(([, place]) => place)
    let next = 1 + Math.max(-1, ...this.#places.values())
    const places = new Map<string, number>()
    for (const uid of uids) {
      const kept = this.#places.get(uid)
      if (kept !== undefined) places.set(uid, kept)
    }
    for (const uid of uids) if (!places.has(uid)) places.set(uid, free.pop() ?? next++)
    this.#places = places
    return uids.map((uid) => places.get(uid) ?? 0)
  }
}

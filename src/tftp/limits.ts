/** How many transfers there may be at once: in all, and of one client. Pure counting; what is said to whom is server.ts. */

export interface Limits {
  /**
   * Takes a place. `full`: all places are taken; whoever asks again may get one. `too-many`: this client has as many as one may.
   * @param address of the client
   */
  enter(address: string): 'entered' | 'full' | 'too-many'
  leave(address: string): void
}

/** @param perClient a whole rack may boot from behind one router */
export function createLimits(inAll: number, perClient: number): Limits {
  const byClient = new Map<string, number>()
  let all = 0
  return {
    enter(address) {
      if (all >= inAll) return 'full'
      const its = byClient.get(address) ?? 0
      if (its >= perClient) return 'too-many'
      byClient.set(address, its + 1)
      all++
      return 'entered'
    },
    leave(address) {
      const left = (byClient.get(address) ?? 1) - 1
      if (left > 0) byClient.set(address, left)
      else byClient.delete(address)
      all--
    },
  }
}

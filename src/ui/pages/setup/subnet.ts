/** A subnet from an address with its prefix, and a pool that leaves room for fixed addresses. Pure. */

interface Network {
  /** 10.77.0.0/24 */
  readonly subnet: string
  /** As a number. */
  readonly first: number
  readonly size: number
  /** Our own address there. */
  readonly own: number
}

/** @param address `10.77.0.1/24`; undefined for anything else, and for networks with no room for a pool. */
export function networkOf(address: string): Network | undefined {
  const [, dotted = '', bits = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(address) ?? []
  const prefix = Number(bits)
  if (dotted === '' || prefix > 28 || prefix < 8) return undefined
  const own = dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - prefix)
  const first = own - (own % size)
  return { subnet: `${wordOf(first)}/${prefix}`, first, size, own }
}

/** The upper half, a thousand addresses at most, without our own and the last one, which is for broadcasts. */
export function poolFor({ first, size, own }: Network): string {
  const from = first + Math.max(size / 2, size - 1024)
  const to = first + size - 2
  if (own < from || own > to) return `${wordOf(from)}-${wordOf(to)}`
  return own - from > to - own ? `${wordOf(from)}-${wordOf(own - 1)}` : `${wordOf(own + 1)}-${wordOf(to)}`
}

function wordOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

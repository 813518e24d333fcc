/** The names that DNS tests look up: a machine, and one with more addresses than a datagram holds. */
import { parseIpv4 } from '../../src/model/address.ts'

const MANY = Array.from({ length: 100 }, (_, index) => parseIpv4(`10.78.0.${index}`))

export const DNS_NAMES = {
  addresses: (name: string) =>
    name === 'many.lab.example' ? MANY : name === 'node01.lab.example' ? [parseIpv4('10.77.0.11')] : [],
  names: (ip: string) => (ip === '10.77.0.11' ? ['node01.lab.example'] : []),
  alias: () => undefined,
}

/** Kea's perfdhcp: thousands of clients behind one relay. It needs port 67, and with that a namespace of its own. */
import { makeNamespace, type Namespace } from './namespace.ts'

export interface Exchange {
  readonly sent: number
  readonly received: number
}

export interface PerfdhcpReport {
  /** DISCOVER and OFFER. */
  readonly offers: Exchange
  /** REQUEST and ACK. */
  readonly acks: Exchange
  /** Whole exchanges of four in a second. */
  readonly rate: number
}

export interface PerfdhcpMachine {
  readonly namespace: Namespace
  /** Asks `target`; its arguments are perfdhcp's own. */
  run(target: string, ...args: readonly string[]): Promise<PerfdhcpReport>
}

/** @param address of the relay, with its prefix length; it must be on the subnet that the clients shall be on */
export async function perfdhcpMachine(server: Namespace, bridge: string, address: string): Promise<PerfdhcpMachine> {
  const namespace = await makeNamespace()
  await server.link(namespace, bridge, 'eth0')
  await namespace.exec('ip', ['address', 'add', address, 'dev', 'eth0'])
  return {
    namespace,
    async run(target, ...args) {
      // It exits with 3 when anything was lost, which the report says too.
      const command = ['-c', 'perfdhcp "$@" || [ $? -eq 3 ]', 'perfdhcp', '-4', '-l', 'eth0', ...args, target]
      return reportOf(await namespace.exec('sh', command, { timeout: 120_000 }))
    },
  }
}

function reportOf(output: string): PerfdhcpReport {
  const numbers = (word: string) =>
    [...output.matchAll(new RegExp(`^${word}: ([\\d.]+)`, 'gm'))].map(([, digits]) => Number(digits))
  const [sent, received, [rate = 0]] = [numbers('sent packets'), numbers('received packets'), numbers('Rate')]
  const exchange = (i: number) => ({ sent: sent[i] ?? Number.NaN, received: received[i] ?? Number.NaN })
  return { offers: exchange(0), acks: exchange(1), rate }
}

/** `orchestra doctor net`: asks each network which DHCP servers are there, before it is broken by two. Takes no address. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Interface {
  readonly name: string
  readonly mac: string
  readonly up: boolean
}

interface Found {
  readonly servers: readonly { readonly server: string; readonly offered: string }[]
  readonly because: string
}

/** Who asks: the daemon, or this process itself. */
interface Prober {
  interfaces(): Promise<readonly Interface[]> | readonly Interface[]
  probe(device: string): Promise<Found>
}

/** @param findLocal for root, who needs no daemon for it; undefined: another user */
export function buildDoctor(command: Command, context: Context, findLocal: () => Promise<Prober | undefined>): void {
  const { io, json } = context
  command
    .command('net')
    .description('which DHCP servers answer on a network (exit code 0: no other than Orchestra, 2: some)')
    .option('--interface <name>', 'ask there; else on each that is up')
    .option('--snippet <server>', 'ask nothing; print what dnsmasq, isc, kea or a router has to say to boot from here')
    .action(async ({ interface: named, snippet }: { interface?: string; snippet?: string }) => {
      if (snippet !== undefined) {
        const { text } = await (await context.client()).get<{ text: string }>(apiPath('networks', 'external', snippet))
        print(io, ...text.trimEnd().split('\n'))
        return
      }
      const local = await findLocal()
      const results = await resultsOf(named, ofDaemon(context)).catch((error: unknown) => {
        // No daemon, or one that may not: root can ask without.
        const isHandedOver = error instanceof CliError && (!error.refusal || error.refusal.code === 'network.refused')
        if (!local || !isHandedOver) throw error
        return resultsOf(named, local)
      })
      if (json) printJson(io, results)
      else print(io, ...results.map(({ because }) => because))
      if (results.some(({ servers }) => servers.length > 0)) throw new CliError('', 2)
    })
}

async function resultsOf(named: string | undefined, { interfaces, probe }: Prober) {
  const all = named === undefined ? await interfaces() : []
  const names = named === undefined ? all.flatMap(({ name, mac, up }) => (up && mac ? [name] : [])) : [named]
  if (names.length === 0) throw new CliError('no interface of this host is up; name one with --interface')
  return await Promise.all(
    names.map(async (name) => {
      const { servers, because } = await probe(name)
      return { interface: name, servers: [...servers], because }
    }),
  )
}

function ofDaemon({ client }: Context): Prober {
  return {
    interfaces: async () => (await (await client()).get<{ interfaces: Interface[] }>(apiPath('networks'))).interfaces,
    probe: async (device) =>
      await (await client()).send<Found>('POST', apiPath('networks', 'probe'), { interface: device }),
  }
}

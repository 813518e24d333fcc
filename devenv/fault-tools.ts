/** By what faults are injected into the lab: its network, its files, the fields of its systems, the firmware of its machines. */
import { dirname, join } from 'node:path'
import { runInside, switchDaemon, switchNode } from './control-client.ts'
import type { LabApi } from './lab-api.ts'
import { tapOf } from './network.ts'
import type { LabSettings } from './settings.ts'

/** Undoes a fault. */
export type Undo = () => Promise<void>

export interface FaultTools {
  readonly name: string
  readonly mac: string
  /** The port of the lab's bridge that the machine is at. */
  readonly tap: string
  readonly bridge: string
  /** `192.168.123`: what all addresses of the lab begin with. */
  readonly prefix: string
  /** The run folder. */
  readonly folder: string
  readonly api: LabApi
  /** Runs a program in the lab's network and file system. @throws Error when it does not end well */
  inside(program: string, ...args: string[]): Promise<string>
  /** Drops what the machine sends (`in`) or is sent (`out`). @param matches in nft's words; any of them fits */
  drop(way: 'in' | 'out', ...matches: string[]): Promise<Undo>
  /** Writes a file below the daemon's data directory; undone, there is none. */
  put(path: string, text: string): Promise<Undo>
  /** Ends the lab's daemon, or starts it on its data. */
  daemon(action: 'start' | 'kill'): Promise<void>
  /** Whether its firmware boots by network. */
  netboot(isOn: boolean): Promise<void>
}

export interface FaultNeeds {
  readonly folder: string
  readonly control: string
  readonly settings: LabSettings
  readonly api: LabApi
}

/** @throws Error when the lab has no such machine */
export async function faultTools({ folder, control, settings, api }: FaultNeeds, name: string): Promise<FaultTools> {
  const node = settings.nodes.find((one) => one.name === name)
  if (!node) throw new Error(`the lab has no machine "${name}"`)
  const tap = tapOf(name)

  async function feed(stdin: string, program: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runInside(control, { program, args, stdin })
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr.trim()}`)
    return stdout
  }
  const inside: FaultTools['inside'] = (program, ...args) => feed('', program, ...args)

  return {
    ...{ name, mac: node.mac, tap, folder, api, inside },
    ...{ bridge: settings.network.bridge, prefix: settings.network.prefix },

    async drop(way, ...matches) {
      const [hook, port] = way === 'in' ? ['prerouting', 'iifname'] : ['postrouting', 'oifname']
      const table = `bridge drop-${way}-${name}`
      const rules = matches.map((match) => `    ${port} "${tap}" ${match} drop`)
      const text = [
        `table ${table} {`,
        '  chain faults {',
        `    type filter hook ${hook} priority 0;`,
        ...rules,
        '  }',
        '}',
      ]
      await feed(`${text.join('\n')}\n`, 'nft', '-f', '-')
      return async () => void (await inside('nft', 'delete', 'table', ...table.split(' ')))
    },

    async put(path, text) {
      const full = join(folder, 'data', path)
      await inside('mkdir', '-p', dirname(full))
      await feed(text, 'tee', full)
      return async () => void (await inside('rm', '-f', full))
    },

    daemon: (action) => switchDaemon(control, action),
    netboot: (isOn) => switchNode(control, name, 'firmware', isOn ? 'netboot-on' : 'netboot-off'),
  }
}

/** Changes fields of its system; undone, they are what they were. */
export async function withSystem({ api, name }: FaultTools, fields: Readonly<Record<string, unknown>>): Promise<Undo> {
  const path = `/api/systems/${name}`
  const before = (await api.call('GET', path)) as Readonly<Record<string, unknown>>
  const change = (given: object) => api.call('PATCH', path, given)
  await change(fields)
  return async () => void (await change(Object.fromEntries(Object.keys(fields).map((key) => [key, before[key]]))))
}

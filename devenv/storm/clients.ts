/**
 * The machines' side of a storm, in a network namespace of its own: makes the cable to the first process's namespace, takes every
 * address of the pool for its own, waits for a line on its input, and tells on its output how the storm goes, a line each time.
 */
import { once } from 'node:events'
import { exec } from '../../src/lib/exec.ts'
import { openDhcpWire } from './dhcp-wire.ts'
import { runStorm } from './storm.ts'

const DEVICE = 'eth0'

const [nodes = '', seconds = '', address = '', pool = '', far = ''] = process.argv.slice(2)
const ip = (...args: string[]) => exec('ip', args)
const tell = (value: object) => void process.stdout.write(`${JSON.stringify(value)}\n`)

await ip('link', 'set', 'lo', 'up')
await ip('link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', far, 'netns', '1')
await ip('address', 'add', address, 'dev', DEVICE)
await ip('link', 'set', DEVICE, 'up')
// Whatever address a machine is given, packets to it are for here: a thousand machines, one interface.
await ip('route', 'add', 'local', pool, 'dev', 'lo')
tell({ linked: true })
await once(process.stdin, 'data')

const wire = await openDhcpWire(DEVICE)
const last = await runStorm({ nodes: Number(nodes), seconds: Number(seconds), wire, onLook: (look) => tell({ look }) })
wire.close()
process.exit(last.failed === 0 ? 0 : 1)

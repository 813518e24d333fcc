/** The machines of a boot storm, where the load comes from: `DEVICE NODES SECONDS`. How it went is one line of JSON. */
import { openDhcpWire } from '../../devenv/storm/dhcp-wire.ts'
import { runStorm } from '../../devenv/storm/storm.ts'

const [device = '', nodes = '', seconds = ''] = process.argv.slice(2)
const wire = await openDhcpWire(device)
const look = await runStorm({ nodes: Number(nodes), seconds: Number(seconds), wire, onLook: () => {} })
wire.close()
process.stdout.write(JSON.stringify(look))

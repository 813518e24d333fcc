/**
 * The lab's switches over HTTP on a unix socket: `PUT /nodes/NAME/power {"action":"on"}`, `GET /nodes/NAME/power`,
 * `PUT /nodes/NAME/boot {"action":"network"}` for the next boot, `PUT /nodes/NAME/firmware {"action":"netboot-off"}`,
 * `PUT /nodes/NAME/disk {"action":"empty"}`, which turns it off, `GET /nodes/NAME/consoles` (which names unix sockets), `PUT /nodes/NAME/consoles {"action":"break"}`,
 * `PUT /daemon {"action":"kill"}`, `POST /run {"program":"ip","args":["address"],"stdin":""}`. Not the daemon's API: the
 * machines' wall sockets, which its `lab` power driver pulls, and a terminal in the lab's network for whoever owns the lab.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { isJsonObject } from '../src/lib/json.ts'
import type { BootOnce } from '../src/power/driver.ts'
import type { Errand, Ran } from './control-client.ts'
import type { DaemonSwitch } from './daemon-switch.ts'
import type { Machine } from './machines.ts'

interface Answer {
  readonly status: number
  readonly body: object
}

export async function serveControl(
  path: string,
  machines: ReadonlyMap<string, Machine>,
  daemon: DaemonSwitch,
): Promise<void> {
  const server = createServer((request, response) => {
    void answerTo(request, machines, daemon)
      .catch((error: unknown) => fault(500, error instanceof Error ? error.message : String(error)))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
      })
  })
  server.listen(path)
  await once(server, 'listening')
}

async function answerTo(
  request: IncomingMessage,
  machines: ReadonlyMap<string, Machine>,
  daemon: DaemonSwitch,
): Promise<Answer> {
  const given = request.method === 'GET' ? {} : parse(await text(request))
  if (request.url === '/run' && request.method === 'POST') return { status: 200, body: await run(errandOf(given)) }
  const action = request.method === 'PUT' ? String(given['action'] ?? '') : undefined
  if (request.url === '/daemon' && action !== undefined) return switchDaemon(daemon, action)
  const [, name, part] = /^\/nodes\/([^/]+)\/(power|boot|firmware|disk|consoles)$/.exec(request.url ?? '') ?? []
  const machine = name === undefined ? undefined : machines.get(decodeURIComponent(name))
  if (!machine)
    return fault(404, `there is no ${request.url} in this lab; its machines: ${[...machines.keys()].join(', ')}`)
  if (part === 'boot') return { status: 200, body: bootOnce(machine) }
  if (part === 'firmware') {
    if (action !== 'netboot-on' && action !== 'netboot-off') return fault(400, 'it is netboot-on or netboot-off')
    machine.netboot = action === 'netboot-on'
    return { status: 200, body: { netboot: machine.netboot } }
  }
  if (part === 'disk') {
    if (action !== 'empty') return fault(400, 'a disk can be made empty, and nothing else')
    await machine.reset()
    return { status: 200, body: { done: action } }
  }
  if (part === 'consoles') {
    if (action === 'break') await machine.sendBreak()
    else if (action !== undefined) return fault(400, `"${action}" is not break`)
    return { status: 200, body: machine.consoles }
  }
  if (action !== undefined) {
    if (action !== 'on' && action !== 'off' && action !== 'reboot')
      return fault(400, `"${action}" is not on, off or reboot`)
    // A reboot is the reset button: nothing of the running system is asked.
    if (action !== 'on') await machine.off()
    if (action !== 'off') await machine.on()
  }
  return { status: 200, body: { state: machine.state() } }
}

/** Network comes first with these machines anyhow; where it is off in the firmware, no order turns it on. */
function bootOnce({ netboot }: Machine): BootOnce {
  return netboot
    ? { obeyed: 'yes', because: 'it boots by network first' }
    : { obeyed: 'no', because: 'network boot is off in its firmware' }
}

async function switchDaemon(daemon: DaemonSwitch, action: string): Promise<Answer> {
  if (action === 'start') await daemon.start()
  else if (action === 'stop') await daemon.stop('SIGTERM')
  else if (action === 'kill') await daemon.stop('SIGKILL')
  else return fault(400, `"${action}" is not start, stop or kill`)
  return { status: 200, body: { done: action } }
}

async function run({ program, args, stdin }: Errand): Promise<Ran> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  child.stdin.on('error', () => {}).end(stdin)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code: child.exitCode, stdout, stderr }
}

function errandOf({ program, args, stdin }: Readonly<Record<string, unknown>>): Errand {
  return {
    program: String(program),
    args: Array.isArray(args) ? args.map(String) : [],
    stdin: typeof stdin === 'string' ? stdin : '',
  }
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const given: unknown = JSON.parse(body)
    return isJsonObject(given) ? given : {}
  } catch {
    return {}
  }
}

function fault(status: number, because: string): Answer {
  return { status, body: { because } }
}

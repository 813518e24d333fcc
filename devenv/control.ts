/**
 * The lab's switches over HTTP on a unix socket: `PUT /nodes/NAME/power {"action":"on"}`, `GET /nodes/NAME/power`,
 * `PUT /daemon {"action":"kill"}`. Not the daemon's API: the machines' wall sockets, which its `lab` power driver pulls.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { DaemonSwitch } from './inside.ts'
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
  const action = request.method === 'PUT' ? actionOf(await text(request)) : undefined
  if (request.url === '/daemon' && action !== undefined) return switchDaemon(daemon, action)
  const name = /^\/nodes\/([^/]+)\/power$/.exec(request.url ?? '')?.[1]
  const machine = name === undefined ? undefined : machines.get(decodeURIComponent(name))
  if (!machine)
    return fault(404, `there is no ${request.url} in this lab; its machines: ${[...machines.keys()].join(', ')}`)
  if (request.method === 'PUT') {
    if (action !== 'on' && action !== 'off' && action !== 'reboot')
      return fault(400, `"${action}" is not on, off or reboot`)
    // A reboot is the reset button: nothing of the running system is asked.
    if (action !== 'on') await machine.off()
    if (action !== 'off') await machine.on()
  }
  return { status: 200, body: { state: machine.state() } }
}

async function switchDaemon(daemon: DaemonSwitch, action: string): Promise<Answer> {
  if (action === 'start') await daemon.start()
  else if (action === 'stop') await daemon.stop('SIGTERM')
  else if (action === 'kill') await daemon.stop('SIGKILL')
  else return fault(400, `"${action}" is not start, stop or kill`)
  return { status: 200, body: { done: action } }
}

function actionOf(body: string): string {
  try {
    const given: unknown = JSON.parse(body)
    return typeof given === 'object' && given !== null && 'action' in given ? String(given.action) : ''
  } catch {
    return ''
  }
}

function fault(status: number, because: string): Answer {
  return { status, body: { because } }
}

/** The lab's switches (control.ts) from outside: the daemon on and off, and a program run in the lab's network. */
import { Client } from 'undici'

/** How a program ended. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Errand {
  readonly program: string
  readonly args: readonly string[]
  readonly stdin: string
}

export async function switchDaemon(socketPath: string, action: string): Promise<void> {
  const { status, text } = await ask(socketPath, 'PUT', '/daemon', { action })
  if (status !== 200) throw new Error(`the daemon did not ${action}: ${text}`)
}

export type NodeSwitch = 'power' | 'firmware' | 'disk'

/** One of a machine's switches; a firmware's counts from the next time on that the machine is turned on. */
export async function switchNode(socketPath: string, node: string, part: NodeSwitch, action: string): Promise<void> {
  const { status, text } = await ask(socketPath, 'PUT', `/nodes/${encodeURIComponent(node)}/${part}`, { action })
  if (status !== 200) throw new Error(`the ${part} of ${node} did not take ${action}: ${text}`)
}

/** What is known of a machine: `power` has its state, `consoles` the paths of its sockets. */
export async function lookAtNode(
  socketPath: string,
  node: string,
  part: 'power' | 'consoles',
): Promise<Readonly<Record<string, string>>> {
  const { status, text } = await ask(socketPath, 'GET', `/nodes/${encodeURIComponent(node)}/${part}`)
  if (status !== 200) throw new Error(`nothing is known of the ${part} of ${node}: ${text}`)
  return JSON.parse(text) as Readonly<Record<string, string>>
}

export async function runInside(socketPath: string, errand: Errand): Promise<Ran> {
  const { status, text } = await ask(socketPath, 'POST', '/run', errand)
  if (status !== 200) throw new Error(`${errand.program} was not run in the lab: ${text}`)
  return JSON.parse(text) as Ran
}

/** Whether a lab is behind this socket: a file may be left of one that was killed. */
export async function isAnswered(socketPath: string): Promise<boolean> {
  return await ask(socketPath, 'PUT', '/', {}).then(
    () => true,
    () => false,
  )
}

async function ask(
  socketPath: string,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  given?: object,
): Promise<{ status: number; text: string }> {
  const client = new Client('http://lab', { socketPath, headersTimeout: 120_000 })
  try {
    const { statusCode, body } = await client.request({ method, path, ...(given && { body: JSON.stringify(given) }) })
    return { status: statusCode, text: await body.text() }
  } finally {
    await client.close()
  }
}

/**
 * lab: the QEMU machines of `npm run lab`, reached over the lab's control socket. Not a hypervisor: the lab owns the
 * processes, this only asks. `power_address` is `unix:/path/of/control.sock`, `power_id` the machine's name there.
 */
import type { Duplex } from 'node:stream'
import { Client } from 'undici'
import { isJsonObject } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerState } from '../../model/power.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { connectTo } from '../socket.ts'

export const lab: PowerDriver = {
  type: 'lab',
  can: ['on', 'off', 'reboot', 'state', 'boot-once', 'console', 'screen'],

  async act(target, action, tools) {
    await ask(target, 'PUT', 'power', tools, { action })
  },

  async state(target, tools) {
    return parseState(await ask(target, 'GET', 'power', tools))
  },

  async bootOnce(target, tools) {
    const answer = await ask(target, 'PUT', 'boot', tools, { action: 'network' })
    const { obeyed, because } = isJsonObject(answer) ? answer : {}
    return { obeyed: obeyed === 'yes' || obeyed === 'no' ? obeyed : 'unknown', because: String(because ?? '') }
  },

  async console(target, tools) {
    const stream = await open(target, 'serial', tools)
    const sendBreak = async () => void (await ask(target, 'PUT', 'consoles', tools, { action: 'break' }))
    return Object.assign(stream, { sendBreak })
  },

  screen: (target, tools) => open(target, 'vnc', tools),
}

/** The lab names a unix socket for each; it is there while the machine is on. */
async function open(target: PowerTarget, kind: 'serial' | 'vnc', tools: PowerTools): Promise<Duplex> {
  const { name } = target
  const answer = await ask(target, 'GET', 'consoles', tools)
  const path = isJsonObject(answer) ? answer[kind] : undefined
  if (typeof path !== 'string' || !path.startsWith('/')) throw failed(`the lab names no ${kind} socket of ${name}`)
  return await connectTo({ path }, tools.signal).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ECONNREFUSED') throw failed(`${path}: ${cause.message}`, cause)
    const what = kind === 'serial' ? 'console' : 'screen'
    throw new PowerError('refused', `${name} is off; its ${what} is there when it is on`, { cause })
  })
}

/** `{"state":"on"}`; anything else is unknown. */
export function parseState(answer: unknown): PowerState {
  const state = isJsonObject(answer) ? answer['state'] : undefined
  return state === 'on' || state === 'off' ? state : 'unknown'
}

async function ask(
  { name, power }: PowerTarget,
  method: 'GET' | 'PUT',
  what: 'power' | 'boot' | 'consoles',
  { signal }: PowerTools,
  body?: object,
): Promise<unknown> {
  const socketPath = /^unix:(\/.+)$/.exec(power.address)?.[1]
  if (!socketPath) {
    throw new OrchestraError(
      'power.unsupported',
      `power address "${power.address}" of ${name} is no lab socket (like unix:/path/control.sock)`,
      { field: 'power.address' },
    )
  }
  const client = new Client('http://lab', { socketPath })
  try {
    const { statusCode, body: answer } = await client.request({
      method,
      path: `/nodes/${encodeURIComponent(power.id || name)}/${what}`,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal,
    })
    const text = await answer.text()
    if (statusCode !== 200) throw failed(`the lab answered ${statusCode} for ${name}: ${text.trim().slice(0, 200)}`)
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof OrchestraError) throw cause
    throw failed(`the lab cannot be asked for ${name} at ${power.address}: ${(cause as Error).message}`, cause)
  } finally {
    await client.close().catch(() => {})
  }
}

function failed(sentence: string, cause?: unknown): OrchestraError {
  return new OrchestraError('power.failed', sentence, { cause })
}

/**
 * lab: the QEMU machines of `npm run lab`, reached over the lab's control socket. Not a hypervisor: the lab owns the
 * processes, this only asks. `power_address` is `unix:/path/of/control.sock`, `power_id` the machine's name there.
 */
import { Client } from 'undici'
import { isJsonObject } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerState } from '../../model/power.ts'
import type { PowerDriver, PowerTarget, PowerTools } from '../driver.ts'

export const lab: PowerDriver = {
  type: 'lab',
  can: ['on', 'off', 'reboot', 'state', 'boot-once'],

  async act(target, action, tools) {
    await ask(target, 'PUT', tools, { action })
  },

  async state(target, tools) {
    return parseState(await ask(target, 'GET', tools))
  },

  async bootOnce(target, tools) {
    const answer = await ask(target, 'PUT', tools, { action: 'network' }, 'boot')
    const { obeyed, because } = isJsonObject(answer) ? answer : {}
    return { obeyed: obeyed === 'yes' || obeyed === 'no' ? obeyed : 'unknown', because: String(because ?? '') }
  },
}

/** `{"state":"on"}`; anything else is unknown. */
export function parseState(answer: unknown): PowerState {
  const state = isJsonObject(answer) ? answer['state'] : undefined
  return state === 'on' || state === 'off' ? state : 'unknown'
}

async function ask(
  { name, power }: PowerTarget,
  method: 'GET' | 'PUT',
  { signal }: PowerTools,
  body?: object,
  part = 'power',
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
      path: `/nodes/${encodeURIComponent(power.id || name)}/${part}`,
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

/** What was accepted and not yet done: 202 and a task to look after (DSP0266, "Asynchronous operations"). */
import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject } from '../../lib/json.ts'
import { PowerError } from '../driver.ts'
import { clean } from '../http/clean.ts'
import type { RedfishClient, Reply } from './client.ts'
import { complaintOf, pathOf, textIn } from './resources.ts'

/** Resolves after so many milliseconds; rejects when the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

export const realWait: Wait = (milliseconds, signal) => sleep(milliseconds, undefined, { signal, ref: false })

/** `scheduled`: the controller does it at the next reset of the machine. */
export type Outcome = 'done' | 'scheduled'

const LOOK_MS = 1_000
const MOST_SECONDS = 10
/** TaskState of DSP2046, and JobState of iDRAC, whose tasks are jobs. */
const GOOD = new Set(['Completed', 'RebootCompleted'])
const BAD = new Set([
  'Exception',
  'Killed',
  'Cancelled',
  'Interrupted',
  'Failed',
  'CompletedWithErrors',
  'RebootFailed',
])
/** These wait for a reset that we have yet to order. */
const AT_RESET = new Set(['Pending', 'Scheduled'])

/**
 * Follows a task to its end, or as far as it goes before the machine's next reset.
 * @throws PowerError refused: what the order said, or how the task failed
 */
export async function finish(
  client: RedfishClient,
  reply: Reply,
  what: string,
  signal: AbortSignal,
  wait: Wait,
): Promise<Outcome> {
  const refusal = client.refusal(reply, what)
  if (refusal) throw refusal
  if (reply.status !== 202) return 'done'
  const monitor = reply.location ?? taskIn(reply)
  if (monitor === undefined) return 'done'
  for (let now = reply; ; ) {
    const ended = endOf(now, what, client.host)
    if (ended) return ended
    await wait(Math.min(now.retryAfter ?? LOOK_MS / 1000, MOST_SECONDS) * 1000, signal).catch((cause: unknown) => {
      throw new PowerError('no-answer', `${client.host} took the order to ${what} and has not done it in time`, {
        cause,
      })
    })
    now = await client.ask('GET', monitor, signal)
    // The monitor is removed when the task has ended and was read (or has been forgotten): no news is no fault.
    if (now.status === 404 || now.status === 410) return 'done'
    const failed = client.refusal(now, what)
    if (failed) throw failed
    if (now.status !== 202 && stateOf(now) === '') return 'done'
  }
}

function endOf(reply: Reply, what: string, host: string): Outcome | undefined {
  const state = stateOf(reply)
  if (GOOD.has(state)) return 'done'
  if (AT_RESET.has(state)) return 'scheduled'
  if (!BAD.has(state)) return undefined
  const json = isJsonObject(reply.body) ? reply.body : {}
  const messages = Array.isArray(json['Messages']) ? json['Messages'] : []
  const said = complaintOf({ '@Message.ExtendedInfo': messages }) || clean(textIn(json, 'Message'))
  throw new PowerError(
    'refused',
    `${host} did not ${what}: its task ended as ${state}${said === '' ? '' : `. It says: ${said}`}`,
  )
}

function stateOf({ body }: Reply): string {
  return isJsonObject(body) ? textIn(body, 'TaskState') || textIn(body, 'JobState') : ''
}

function taskIn({ body }: Reply): string | undefined {
  if (!isJsonObject(body)) return undefined
  return pathOf(textIn(body, 'TaskMonitor') || undefined) ?? pathOf(textIn(body, '@odata.id') || undefined)
}

/** A task as Cobbler's command line shows it: its id, its log while it runs, and how it ended. */
import type { Context } from './context.ts'
import { CliError, print, printJson } from './io.ts'

export interface Task {
  readonly id: string
  /** Cobbler's name for it: `Power management (on)`. */
  readonly title: string
}

/** How it ended; more fields are for --json. */
export interface Ended {
  readonly state: 'complete' | 'failed'
  readonly because: string
}

/** Shows the task from its start to its end. @throws CliError when it failed */
export async function showTask(
  { io, json }: Context,
  { id, title }: Task,
  run: (say: (line: string) => void) => Promise<Ended>,
): Promise<void> {
  const say = (line: string) => (json ? undefined : print(io, line))
  say(`task started: ${id}`)
  say(`task started (id=${title}, time=${asctime(io.clock.now())})`)
  const ended = await run(say).catch((error: unknown): Ended => {
    if (json || !(error instanceof CliError)) throw error
    return { state: 'failed', because: error.message }
  })
  if (json) printJson(io, { ...ended, id })
  else print(io, ended.because, ended.state === 'complete' ? '*** TASK COMPLETE ***' : '!!! TASK FAILED !!!')
  if (ended.state === 'failed') throw new CliError('')
}

/** An id for what is no task of the daemon's, in Cobbler's form: `2026-11-22_215653_sync`. */
export function taskId({ clock }: Context['io'], kind: string): string {
  const { year, month, day, time } = partsOf(clock.now())
  return `${year}-${two(month + 1)}-${two(day)}_${time.replaceAll(':', '')}_${kind}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** C's asctime in the zone of whoever looks: `Sun Nov 22 21:56:53 2026`. */
export function asctime(at: number): string {
  const { weekday, month, day, time, year } = partsOf(at)
  return `${DAYS[weekday]} ${MONTHS[month]} ${String(day).padStart(2)} ${time} ${year}`
}

function partsOf(at: number) {
  const date = new Date(at)
  return {
    weekday: date.getDay(),
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    time: [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':'),
  }
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

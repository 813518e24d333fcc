/** Cobbler's background tasks: an id at once, how it went later. In memory for a week, as in Cobbler. */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

export interface Task {
  readonly id: string
  /** For people: `Power management (on)`. */
  readonly title: string
  /** Milliseconds since 1970: when its state last changed. */
  at: number
  state: 'running' | 'complete' | 'failed'
  readonly lines: string[]
  readonly readers: Set<string>
}

export interface Tasks {
  /**
   * Starts `run` and answers the id. What `run` throws, or its answer false, makes the task fail.
   * @param kind the word in the id: `power`
   */
  start(kind: string, title: string, run: (say: (line: string) => void) => Promise<boolean>): string
  find(id: string): Task | undefined
  /** Oldest first. */
  list(): readonly Task[]
}

const LIFE = 7 * 24 * 3_600_000
const MAX_TASKS = 1_000
const MAX_LINES = 1_000

export function openTasks({ clock, log, newId }: { clock: Clock; log: Log; newId: () => string }): Tasks {
  const tasks = new Map<string, Task>()

  function forgetOld(): void {
    for (const [id, task] of tasks) {
      if (task.at > clock.now() - LIFE && tasks.size < MAX_TASKS) return
      if (task.state !== 'running') tasks.delete(id)
    }
  }

  async function follow(task: Task, run: (say: (line: string) => void) => Promise<boolean>): Promise<void> {
    const say = (line: string) => {
      if (task.lines.length < MAX_LINES) task.lines.push(line)
    }
    try {
      task.state = (await run(say)) ? 'complete' : 'failed'
    } catch (error) {
      task.state = 'failed'
      say('internal error')
      log.error({ err: error, task: task.id }, 'a background task failed')
    }
    task.at = clock.now()
    task.lines.push(`### TASK ${task.state.toUpperCase()} ###`)
  }

  return {
    start(kind, title, run) {
      forgetOld()
      const task: Task = {
        id: `${stampOf(clock.now())}_${kind}_${newId()}`,
        title,
        at: clock.now(),
        state: 'running',
        lines: [],
        readers: new Set(),
      }
      tasks.set(task.id, task)
      void follow(task, run)
      return task.id
    },
    find: (id) => tasks.get(id),
    list: () => [...tasks.values()],
  }
}

/** `2026-11-22_215653`, in UTC. */
function stampOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '')
}

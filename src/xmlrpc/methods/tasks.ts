/** What became of background tasks, which Cobbler calls events. */
import { cobblerFault } from '../fault.ts'
import { type Method, textArg } from '../method.ts'
import type { Task } from '../tasks.ts'
import { Double, type Value } from '../value.ts'

function show({ at, title, state, readers }: Task): Value {
  return [new Double(at / 1000), title, state, [...readers]]
}

/** An event's id is random: whoever knows it was told it, so this needs no token, as in Cobbler. */
const getTaskStatus: Method = {
  name: 'get_task_status',
  auth: 'none',
  params: ['event_id', 'token'],
  required: 1,
  call: ({ tasks }, args) => {
    const task = tasks.find(textArg(args, 0, 'event_id'))
    if (!task) throw cobblerFault('no event with that id')
    return show(task)
  },
}

const getEventLog: Method = {
  name: 'get_event_log',
  auth: 'none',
  params: ['event_id', 'token'],
  required: 1,
  call: ({ tasks }, args) => {
    const task = tasks.find(textArg(args, 0, 'event_id'))
    return task ? task.lines.map((line) => `${line}\n`).join('') : '?'
  },
}

/** get_events(for_user): those that this user has not read; they are then read. Without a user: all. */
const getEvents: Method = {
  name: 'get_events',
  auth: 'read',
  params: ['for_user', 'token'],
  required: 0,
  call: ({ tasks, auth }, args) => {
    const [first] = args
    // The token of a read may stand where the user should.
    const user = typeof first === 'string' && !auth.check(first) ? first : ''
    const unread = tasks.list().filter(({ readers }) => user === '' || !readers.has(user))
    const shown = Object.fromEntries(unread.map((task) => [task.id, show(task)]))
    if (user !== '') for (const { readers } of unread) if (readers.size < 100) readers.add(user)
    return shown
  },
}

export const taskMethods: readonly Method[] = [getTaskStatus, getEventLog, getEvents]

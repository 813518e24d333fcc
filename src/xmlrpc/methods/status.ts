/** How it goes: get_status of the installs, check of the server, and the logs of machines. */
import type { InstallStatus } from '../../services/install-status.ts'
import { type Context, callerOf, type Method, numberArg, textArg } from '../method.ts'
import { isBytes, type Value } from '../value.ts'

const getStatus: Method = {
  name: 'get_status',
  auth: 'token',
  params: ['mode', 'token'],
  required: 1,
  call: (context, args) => (args[0] === 'text' ? asTable(context) : asStruct(context)),
}

/** By address: where it has none, by name, so that no machine hides another. */
function addressOf({ catalog }: Context, name: string): string {
  const interfaces = Object.values(catalog.get('system', name)?.interfaces ?? {})
  return interfaces.find(({ ipAddress }) => ipAddress !== '')?.ipAddress ?? name
}

const seconds = (at: number): number => Math.floor(at / 1000)

function asStruct(context: Context): Value {
  const rows = context.cobbler.statuses().map((status): [string, Value] => {
    const started = seconds(status.started ?? status.seen)
    const ended = status.ended === undefined ? -1 : seconds(status.ended)
    return [
      addressOf(context, status.system),
      [started, ended, `system:${status.system}`, started, ended, wordsFor(context, status)],
    ]
  })
  return Object.fromEntries(rows)
}

function wordsFor({ clock }: Context, { state, started, seen }: InstallStatus): string {
  if (state === 'finished') return 'finished'
  if (state === 'stalled') return 'unknown/stalled'
  const lasted = Math.max(0, seconds(clock.now() - (started ?? seen)))
  return `installing (${Math.floor(lasted / 60)}m ${lasted % 60}s)`
}

function asTable(context: Context): string {
  const row = (ip: string, target: string, start: string, state: string) =>
    `${ip.padEnd(15)}|${target.padEnd(20)}|${start.padEnd(24)}|${state}\n`
  const rows = context.cobbler.statuses().map((status) => {
    const at = new Date(status.started ?? status.seen).toUTCString().replace(' GMT', '')
    return row(addressOf(context, status.system), `system:${status.system}`, at, wordsFor(context, status))
  })
  return row('ip', 'target', 'start', 'state') + rows.join('')
}

const check: Method = {
  name: 'check',
  auth: 'token',
  params: ['token'],
  required: 1,
  call: ({ cobbler, settings }) => cobbler.advice({ dhcp: settings.dhcp, anonymousReads: settings.anonymousReads }),
}

const clearSystemLogs: Method = {
  name: 'clear_system_logs',
  auth: 'write',
  params: ['object_id', 'token'],
  required: 2,
  before: ({ drafts }, args) => drafts.find('system', textArg(args, 0, 'object_id')),
  call: async (context, args) => {
    const { name } = context.drafts.read('system', textArg(args, 0, 'object_id'), callerOf(context))
    await context.cobbler.files.removeLogs(name)
    return true
  },
}

/** An installer sends its log in parts. It has no token, so it must be a machine that we know, and the setting must be on. */
const uploadLogData: Method = {
  name: 'upload_log_data',
  auth: 'none',
  params: ['sys_name', 'file', 'size', 'offset', 'data', 'token'],
  required: 5,
  call: async ({ cobbler, catalog }, args) => {
    const [name, file] = [textArg(args, 0, 'sys_name'), textArg(args, 1, 'file')]
    if (!cobbler.settings.isOn('anamon_enabled') || !catalog.get('system', name)) return false
    const data = args[4] ?? null
    const bytes = isBytes(data) ? data : Buffer.from(textArg(args, 4, 'data'))
    return await cobbler.files.addToLog(name, file, numberArg(args, 3, 'offset'), bytes)
  },
}

export const statusMethods: readonly Method[] = [getStatus, check, clearSystemLogs, uploadLogData]

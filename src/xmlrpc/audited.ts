/** What Cobbler's clients changed goes to the audit: the call, the object, the names of fields; never a value. */
import type { Audit, Deed } from '../services/audit.ts'
import { Fault } from './fault.ts'
import type { Caller, Method } from './method.ts'
import type { Value } from './value.ts'

interface Call {
  readonly audit: Pick<Audit, 'note'> | undefined
  readonly method: Method
  readonly args: readonly Value[]
  readonly caller: Caller | undefined
  readonly peer: string
}

/** Parameters that say which object is meant. Others may hold secrets. */
const OBJECTS = ['object_type', 'object_name', 'edit_type', 'object_id', 'handle', 'name', 'file_path', 'setting_name']

/** Does the call. Of reads nothing is noted, and of refusals only that somebody may not. */
export async function audited<Result>(call: Call, act: () => Promise<Result>): Promise<Result> {
  const { audit, method, caller, peer } = call
  if (!audit || !caller || (method.auth !== 'write' && method.auth !== 'admin')) return await act()
  const note = (outcome: 'ok' | 'denied') =>
    audit.note({ user: caller.user, peer, door: 'xmlrpc', ...deedOf(call), outcome })
  try {
    const result = await act()
    note('ok')
    return result
  } catch (error) {
    if (error instanceof Fault && error.message.includes('authorization failure')) note('denied')
    throw error
  }
}

function deedOf({ method, args }: Call): Pick<Deed, 'action' | 'fields' | 'systems'> {
  const given = (name: string) => args[method.params.indexOf(name)]
  const words = OBJECTS.map(given).filter((word) => typeof word === 'string')
  const attribute = given('attribute')
  const attributes = given('attributes')
  const isStruct = typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)
  const fields = typeof attribute === 'string' ? [attribute] : isStruct ? Object.keys(attributes) : []
  return { action: [method.name, ...words].join(' '), fields, systems: systemsOf(method.name, given) }
}

/** What is only drafted changes no machine yet. */
function systemsOf(method: string, given: (name: string) => Value | undefined): string[] {
  if (/^(modify|new|copy)_/.test(method)) return []
  const handle = given('handle') ?? given('object_id')
  const [, ofHandle] = (typeof handle === 'string' && /^system::(.+)$/s.exec(handle)) || []
  const isOfSystem = given('object_type') === 'system' || method === 'remove_system'
  const name = isOfSystem ? (given('object_name') ?? given('name')) : undefined
  const options = given('options')
  const isStruct = typeof options === 'object' && options !== null && !Array.isArray(options)
  const many = isStruct && 'systems' in options ? options['systems'] : undefined
  return [ofHandle, name, ...(Array.isArray(many) ? many : [many])].filter((word) => typeof word === 'string')
}

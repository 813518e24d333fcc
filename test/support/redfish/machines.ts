/** What the Redfish service of our tests shows of its machines, and what it does to them when it is told to. */
import { chassisOf, environmentOf, powerOf, thermalOf } from './chassis-documents.ts'
import {
  actionInfoOf,
  collectionOf,
  type Document,
  errorOf,
  futureOf,
  type Json,
  type Machine,
  managerOf,
  mediaOf,
  rootOf,
  sessionServiceOf,
  systemOf,
  taskOf,
} from './documents.ts'
import type { Asked } from './service.ts'

export interface Answer {
  readonly status: number
  readonly json?: Document
  /** Sent as it is. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The manners of a controller; tests change them while it runs. */
export interface Behavior {
  vendor?: string
  /** Answers instead of ours, by path or by `METHOD path`. */
  raw: Map<string, Answer>
  /** Questions that are heard and never answered. */
  silent?: RegExp
  sessions?: 'absent' | 'full' | 'absolute'
  /** `strict`: gives weak ETags and takes none back; `denied`: 412 to every If-Match; `required`: 428 without one. */
  etags?: 'strong' | 'weak' | 'strict' | 'denied' | 'required' | 'quoted' | 'none'
  /** `ignored`: 200, and nothing happens; `no mode`: 400 to BootSourceOverrideMode; `same`: 400 to what is so already. */
  override?: 'ignored' | 'no mode' | 'same' | 'late'
  /** Resets answer 202 and end so many looks later, well or badly. */
  task?: { looks: number; end: 'Completed' | 'Exception' | 'Pending' }
  tasks: Map<string, { left: number; end: string; run: () => void }>
  /** 409 where the machine is so already, as iDRAC does. */
  strictResets?: boolean
  /** A reset is taken, and nothing happens. */
  dead?: boolean
  /** Changes to come when a PATCH arrives, as if by somebody else: 412 to a stale ETag. */
  meddle?: () => void
}

export const NOT_FOUND: Answer = { status: 404, json: errorOf('ResourceMissingAtURI', 'The resource was not found.') }
const DONE: Answer = { status: 204 }

export function documentAt(path: string, machines: readonly Machine[], behavior: Behavior): Answer {
  const ok = (json: Document, headers: Record<string, string> = {}): Answer => ({ status: 200, json, headers })
  const ids = machines.map(({ id }) => id)
  const [first] = machines
  switch (path) {
    case '/redfish':
      return ok({ v1: '/redfish/v1/' })
    case '/redfish/v1':
      return ok(rootOf(behavior.vendor ?? 'Contoso'))
    case '/redfish/v1/Systems':
      return ok(collectionOf(path, 'ComputerSystem', ids))
    case '/redfish/v1/Chassis':
      return ok(collectionOf(path, 'Chassis', ids))
    case '/redfish/v1/Managers':
      return ok(collectionOf(path, 'Manager', ['BMC']))
    case '/redfish/v1/Managers/BMC':
      return ok(managerOf(machines))
    case '/redfish/v1/Managers/BMC/VirtualMedia':
      return ok(collectionOf(path, 'VirtualMedia', ['Floppy1', 'CD1']))
    case '/redfish/v1/SessionService':
      return behavior.sessions === 'absent' ? NOT_FOUND : ok(sessionServiceOf())
    case '/redfish/v1/SessionService/Sessions':
      return ok(collectionOf(path, 'Session', []))
    case '/redfish/v1/TaskService':
      return ok(collectionOf('/redfish/v1/TaskService/Tasks', 'Task', []))
  }
  const media = /^\/redfish\/v1\/Managers\/BMC\/VirtualMedia\/(Floppy1|CD1)$/.exec(path)?.[1]
  if (media && first) return ok(mediaOf(first, media === 'CD1' ? 'CD1' : 'Floppy1'), etagHeaders(first, behavior))
  const task = /^\/redfish\/v1\/TaskService\/TaskMonitors\/(.+)$/.exec(path)?.[1]
  if (task !== undefined) return lookAtTask(task, behavior)
  const [, kind, id, rest = ''] = /^\/redfish\/v1\/(Systems|Chassis)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const machine = machines.find((one) => one.id === id)
  if (!machine) return NOT_FOUND
  const headers = etagHeaders(machine, behavior)
  switch (`${kind}${rest}`) {
    case 'Systems':
      return ok(systemOf(machine), headers)
    case 'Systems/SD':
      return machine.futureBoot ? ok(futureOf(machine), headers) : NOT_FOUND
    case 'Systems/ResetActionInfo':
      return machine.actionInfo ? ok(actionInfoOf(machine)) : NOT_FOUND
    case 'Chassis':
      return ok(chassisOf(machine), headers)
    case 'Chassis/Power':
      return machine.newMetrics ? NOT_FOUND : ok(powerOf(machine))
    case 'Chassis/Thermal':
      return machine.newMetrics ? NOT_FOUND : ok(thermalOf(machine))
    case 'Chassis/EnvironmentMetrics':
      return machine.newMetrics ? ok(environmentOf(machine)) : NOT_FOUND
  }
  return NOT_FOUND
}

function etagHeaders({ revision }: Machine, { etags = 'strong' }: Behavior): Record<string, string> {
  if (etags === 'none') return {}
  if (etags === 'weak' || etags === 'strict') return { etag: `W/"${revision}"` }
  return { etag: etags === 'quoted' ? `""${revision}""` : `"${revision}"` }
}

/** 202 as long as it runs, then the answer of what was asked (DSP0266, "Asynchronous operations"). */
function lookAtTask(id: string, { tasks }: Behavior): Answer {
  const task = tasks.get(id)
  if (!task) return NOT_FOUND
  if (task.left-- > 0) return { status: 202, json: taskOf(id, 'Running'), headers: { 'retry-after': '1' } }
  if (task.end === 'Pending') return { status: 202, json: taskOf(id, 'Pending') }
  tasks.delete(id)
  if (task.end === 'Exception') return { status: 200, json: taskOf(id, 'Exception') }
  task.run()
  return DONE
}

export function changeMachine(question: Asked, path: string, machines: readonly Machine[], behavior: Behavior): Answer {
  const body = parse(question.body)
  if (body === undefined) return { status: 400, json: errorOf('MalformedJSON', 'The request body is no JSON.') }
  const [, kind, id, rest = ''] = /^\/redfish\/v1\/(Systems|Chassis|Managers)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const machine = kind === 'Managers' ? machines[0] : machines.find((one) => one.id === id)
  if (!machine) return NOT_FOUND
  const change = `${question.method} ${kind}${rest}`
  if (change === 'POST Systems/Actions/ComputerSystem.Reset') return reset(machine, body, behavior)
  if (change.startsWith('POST Managers/VirtualMedia/CD1/Actions/')) return media(machine, rest, body)
  if (question.method !== 'PATCH')
    return { status: 405, json: errorOf('OperationNotAllowed', 'It is not allowed here.') }
  behavior.meddle?.()
  const precondition = checkEtag(question.headers['if-match'], machine, behavior)
  if (precondition) return precondition
  switch (change) {
    case 'PATCH Systems':
    case 'PATCH Chassis':
      return patch(machine, body, behavior)
    case 'PATCH Systems/SD':
      return machine.futureBoot ? setBoot(machine, body['Boot'], behavior) : NOT_FOUND
    case 'PATCH Managers/VirtualMedia/CD1':
      machine.image = typeof body['Image'] === 'string' ? body['Image'] : null
      machine.inserted = body['Inserted'] === true
      machine.revision++
      return DONE
  }
  return NOT_FOUND
}

function checkEtag(
  given: Json | string[] | undefined,
  { revision }: Machine,
  { etags = 'strong' }: Behavior,
): Answer | undefined {
  const failed: Answer = { status: 412, json: errorOf('PreconditionFailed', 'The ETag supplied did not match.') }
  if (etags === 'none' || given === undefined) {
    const words = 'The request did not provide the required precondition.'
    return etags === 'required' ? { status: 428, json: errorOf('PreconditionRequired', words) } : undefined
  }
  if (etags === 'denied') return failed
  if (given === '*') return undefined
  const wanted = etags === 'weak' ? `W/"${revision}"` : `"${revision}"`
  return given === wanted ? undefined : failed
}

function patch(machine: Machine, body: Document, behavior: Behavior): Answer {
  if (body['Boot'] !== undefined) {
    if (!machine.futureBoot) return setBoot(machine, body['Boot'], behavior)
    const words = 'Support of this Operation for Boot Properties is moved to FutureState URI'
    return { status: 400, json: errorOf('OperationSupportedInFutureStateURI', words) }
  }
  const lit = machine.led === undefined ? undefined : body[machine.led]
  if (lit === undefined) return { status: 400, json: errorOf('PropertyUnknown', 'That property is not known.') }
  machine.lit = typeof lit === 'boolean' ? lit : String(lit)
  machine.revision++
  return DONE
}

function setBoot(machine: Machine, order: Json | undefined, { override }: Behavior): Answer {
  const { boot } = machine
  if (boot === undefined || typeof order !== 'object' || order === null || Array.isArray(order)) {
    return { status: 400, json: errorOf('PropertyUnknown', 'The property Boot is not known.') }
  }
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled, BootSourceOverrideMode: mode } = order
  const bad = (name: string, value: Json | undefined): Answer => ({
    status: 400,
    json: errorOf('PropertyValueNotInList', `The value ${value} for the property ${name} is not in the list.`),
  })
  if (target !== undefined && boot.targets && !boot.targets.includes(String(target))) {
    return bad('BootSourceOverrideTarget', target)
  }
  if (enabled !== undefined && !['Once', 'Continuous', 'Disabled'].includes(String(enabled))) {
    return bad('BootSourceOverrideEnabled', enabled)
  }
  if (mode !== undefined && override === 'no mode') {
    return { status: 400, json: errorOf('PropertyNotWritable', 'BootSourceOverrideMode is read only.') }
  }
  if (override === 'same' && enabled === boot.enabled) return bad('BootSourceOverrideEnabled', enabled)
  if (override === 'ignored') return { status: 200, json: {} }
  const apply = () => {
    if (target !== undefined) boot.target = String(target)
    if (enabled !== undefined) boot.enabled = String(enabled)
    if (mode !== undefined) boot.mode = String(mode)
    machine.revision++
  }
  if (override === 'late') setImmediate(apply)
  else apply()
  return DONE
}

function reset(machine: Machine, body: Document, behavior: Behavior): Answer {
  const type = String(body['ResetType'])
  if (machine.resetTypes && !machine.resetTypes.includes(type)) {
    const words = `The value ${type} for the parameter ResetType is not in the list of acceptable values.`
    return { status: 400, json: errorOf('ActionParameterValueNotInList', words) }
  }
  const isOn = machine.power === 'On'
  if (behavior.strictResets && ((type === 'On' && isOn) || (/Off|Shutdown|Restart|Cycle/.test(type) && !isOn))) {
    return { status: 409, json: errorOf('ResourceInUse', `Server is already powered ${isOn ? 'ON' : 'OFF'}.`) }
  }
  const run = () => {
    if (behavior.dead) return
    if (type === 'PushPowerButton') machine.power = isOn ? 'Off' : 'On'
    else machine.power = type === 'ForceOff' || type === 'GracefulShutdown' ? 'Off' : 'On'
    machine.revision++
    // The order for one boot is used up by it.
    if (machine.power === 'On' && machine.boot?.enabled === 'Once') {
      machine.boot.enabled = 'Disabled'
      machine.boot.target = 'None'
    }
  }
  if (!behavior.task) {
    run()
    return DONE
  }
  const id = String(behavior.tasks.size + 1)
  behavior.tasks.set(id, { left: behavior.task.looks, end: behavior.task.end, run })
  const monitor = `/redfish/v1/TaskService/TaskMonitors/${id}`
  return { status: 202, json: taskOf(id, 'New'), headers: { location: monitor, 'retry-after': '0' } }
}

function media(machine: Machine, rest: string, body: Document): Answer {
  if (rest.endsWith('VirtualMedia.EjectMedia')) {
    machine.image = null
    machine.inserted = false
  } else if (typeof body['Image'] === 'string') {
    if (machine.inserted) return { status: 400, json: errorOf('ResourceInUse', 'The slot is in use.') }
    machine.image = body['Image']
    machine.inserted = true
  } else {
    return { status: 400, json: errorOf('ActionParameterMissing', 'The parameter Image is missing.') }
  }
  machine.revision++
  return DONE
}

function parse(text: string): Document | undefined {
  try {
    const json: unknown = text === '' ? {} : JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Document) : undefined
  } catch {
    return undefined
  }
}

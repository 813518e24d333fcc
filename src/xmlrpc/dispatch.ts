/** A call from its bytes to its answer: the method by name, who may, and every error as the fault that clients expect. */
import { DecodeError } from '../lib/bytes.ts'
import { type ErrorCode, OrchestraError } from '../model/errors.ts'
import type { Role } from '../services/auth.ts'
import { openDrafts } from '../services/drafts.ts'
import { audited } from './audited.ts'
import { decodeCall } from './codec.ts'
import { encodeFault, encodeResponsePieces } from './encode.ts'
import { cobblerFault, Fault, invalidToken, typeFault } from './fault.ts'
import { type Caller, type Context, type Method, tokenArg, type XmlRpcServices } from './method.ts'
import { METHODS } from './methods/index.ts'
import { openTasks } from './tasks.ts'
import type { Rows, Value } from './value.ts'

/** Answers a call, whatever it is, with the pieces of an XML document, which can be gone through again. */
export type AnswerXmlRpc = (body: Uint8Array, peer: string) => Promise<Iterable<Buffer | string>>

/** Calls a method in this process, with the same rights and the same faults. @throws Fault */
export type AskXmlRpc = (method: string, args: readonly Value[], peer: string) => Promise<Value | Rows>

export interface XmlRpc {
  readonly answer: AnswerXmlRpc
  readonly ask: AskXmlRpc
}

export function createXmlRpc(services: XmlRpcServices, methods: readonly Method[] = METHODS): XmlRpc {
  const { auth, catalog, clock, log, newUid } = services
  const isAlive = (token: string) => auth.check(token) !== undefined
  const shared = {
    ...services,
    drafts: openDrafts({ catalog, clock, newId: newUid, isAlive }),
    tasks: openTasks({ clock, log, newId: newUid }),
  }
  const byName = new Map(methods.map((method) => [method.name, method]))

  async function perform(name: string, args: readonly Value[], peer: string): Promise<Value | Rows> {
    const method = findMethod(byName, name)
    checkCount(method, args)
    const caller = callerAmong(services, method, args)
    const context: Context = { ...shared, peer, caller }
    method.before?.(context, args)
    const value = await audited({ audit: services.audit, method, args, caller, peer }, async () => {
      checkAccess(context, method, args)
      return await method.call(context, args)
    })
    const changes = method.auth === 'write' || method.auth === 'admin'
    log[changes ? 'info' : 'debug']({ method: name, user: caller?.user, peer }, 'XML-RPC call')
    return value
  }

  /** Every error as the fault that clients expect. */
  function told(error: unknown, name: string, peer: string): Fault {
    const fault = faultOf(error)
    if (fault) log.info({ method: name.slice(0, 100), peer, fault: kindOf(error) }, 'XML-RPC call refused')
    else log.error({ err: error, method: name, peer }, 'XML-RPC call failed')
    return fault ?? cobblerFault('internal error')
  }

  return {
    async answer(body, peer) {
      let name = ''
      try {
        const call = decodeCall(body)
        name = call.method
        return encodeResponsePieces(await perform(name, call.args, peer))
      } catch (error) {
        return [encodeFault(told(error, name, peer).message)]
      }
    },

    async ask(name, args, peer) {
      try {
        return await perform(name, args, peer)
      } catch (error) {
        throw told(error, name, peer)
      }
    },
  }
}

/** Only what is in the list exists. */
function findMethod(methods: ReadonlyMap<string, Method>, name: string): Method {
  if (name.startsWith('_')) throw cobblerFault('forbidden method')
  const method = methods.get(name)
  if (!method) throw cobblerFault(`unknown remote method '${name.slice(0, 100)}'`)
  return method
}

function checkCount({ name, params, required }: Method, args: readonly Value[]): void {
  if (args.length < required) {
    const missing = params.slice(args.length, required).map((param) => `'${param}'`)
    throw typeFault(`${name}() missing ${missing.length} required positional arguments: ${missing.join(', ')}`)
  }
  if (args.length > params.length) {
    throw typeFault(`${name}() takes at most ${params.length} arguments (${args.length} given)`)
  }
}

/**
 * The token of a read may stand anywhere: clients of three generations leave out what is before it, so that it arrives as
 * `flatten` or `expand`. The one of a write has its place.
 */
function callerAmong({ auth }: XmlRpcServices, method: Method, args: readonly Value[]): Caller | undefined {
  const isAnywhere = method.auth === 'none' || method.auth === 'read'
  const places = isAnywhere ? args : [args[method.params.indexOf('token')]]
  for (const place of places) {
    const token = tokenArg(place)
    const identity = token === '' ? undefined : auth.check(token)
    if (identity) return { ...identity, token }
  }
  return undefined
}

function checkAccess({ caller, settings }: Context, method: Method, args: readonly Value[]): void {
  if (method.auth === 'none') return
  if (method.auth === 'read') {
    if (!caller && !settings.anonymousReads) throw invalidToken(tokenArg(args[method.params.indexOf('token')]))
    return
  }
  if (!caller) throw invalidToken(tokenArg(args[method.params.indexOf('token')]))
  if (!MAY[method.auth].includes(caller.role)) throw cobblerFault(`authorization failure for user ${caller.user}`)
}

const MAY: Readonly<Record<'token' | 'write' | 'admin', readonly Role[]>> = {
  token: ['viewer', 'operator', 'admin'],
  write: ['operator', 'admin'],
  admin: ['admin'],
}

/** Undefined for what is nobody's fault but ours. */
function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error
  if (error instanceof DecodeError) return cobblerFault(`malformed XML-RPC call: ${error.message}`)
  if (error instanceof OrchestraError) return cobblerFault(SENTENCES[error.code](error.message))
  return undefined
}

const asItIs = (message: string) => message

/** How a broken promise reads in a fault. */
const SENTENCES: Record<ErrorCode, (message: string) => string> = {
  // Clients look for "unknown system name", MAAS for "internal error, unknown ".
  'item.missing': (message) => (message.startsWith('unknown ') ? `internal error, ${message}` : message),
  'item.exists': asItIs,
  'item.invalid': asItIs,
  'item.in-use': asItIs,
  'item.stale': asItIs,
  'machine.taken': asItIs,
  'machine.free': asItIs,
  'request.reused': asItIs,
  'job.cancelled': asItIs,
  'auth.login': asItIs,
  'auth.token': () => 'invalid token: ',
  'auth.denied': (message) => `authorization failure: ${message}`,
  'auth.limited': asItIs,
  'power.unsupported': asItIs,
  'power.failed': asItIs,
  'power.busy': asItIs,
  'template.invalid': asItIs,
  'content.invalid': asItIs,
  'network.refused': asItIs,
  'config.invalid': asItIs,
}

/** For the log: no text of a fault, which may repeat a token or a value. */
function kindOf(error: unknown): string {
  if (error instanceof OrchestraError) return error.code
  return error instanceof Error ? error.name : 'unknown'
}

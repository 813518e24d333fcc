/** The Ensemble client's way with the server's calls: when it logs in, how it changes a system, what it takes for an error. */
import type { Dial } from './ensemble-client-http.ts'
import { callMethod, Fault, isList, type Struct, type Value } from './ensemble-client-xmlrpc.ts'

export class ProviderError extends Error {
  override readonly name: string = 'ProviderError'
}
/** Machines that are not ours, or not any more. */
export class MachinesNotFound extends ProviderError {
  override readonly name = 'MachinesNotFound'
}

export interface SessionOptions {
  /** `host` or `host:port` */
  readonly server: string
  readonly user: string
  readonly password: string
  readonly dial: Dial | undefined
  /** Told the name of each call before it is made. */
  readonly note: (method: string) => void
}

export interface Session {
  call(method: string, ...args: Value[]): Promise<Value>
  /** With the token last. The first one is empty: only a fault makes the client log in, and repeat that one call. */
  callWithToken(method: string, ...args: Value[]): Promise<Value>
  /** Sets fields in the order of their names, and saves once; answers the system's name. */
  change(uid: string, values: Struct): Promise<string>
  power(name: string, how: 'on' | 'off'): Promise<void>
}

export function openSession({ server, user, password, dial, note }: SessionOptions): Session {
  const [host = '', port = '80'] = server.split(':')
  let token = ''

  async function call(method: string, ...args: Value[]): Promise<Value> {
    note(method)
    return await callMethod({ host, port: Number(port), dial }, method, args)
  }

  async function login(): Promise<string> {
    const given = await call('login', user, password).catch((error) => {
      throw says(error, 'login failed') ? new ProviderError('the server rejected our credentials') : error
    })
    if (typeof given !== 'string') throw new ProviderError(`login answered ${JSON.stringify(given)}`)
    return given
  }

  async function callWithToken(method: string, ...args: Value[]): Promise<Value> {
    try {
      return await call(method, ...args, token)
    } catch (error) {
      if (!says(error, 'invalid token')) throw error
    }
    token = await login()
    return await call(method, ...args, token)
  }

  async function nameOf(uid: string): Promise<string> {
    const names = asNames(await call('find_system', { uid }))
    if (names.length > 1) throw new ProviderError(`${names.length} systems have the uid ${uid}`)
    const [name] = names
    if (name === undefined) throw new MachinesNotFound(`no system has the uid ${uid}`)
    return name
  }

  return {
    call,
    callWithToken,

    async change(uid, values) {
      const name = await nameOf(uid)
      const handle = await callWithToken('get_system_handle', name).catch((error) => {
        throw says(error, 'unknown system name') ? new MachinesNotFound(`the system ${name} is gone`) : error
      })
      for (const [key, value] of Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const answer = await callWithToken('modify_system', handle, key, value)
        if (!isTrue(answer)) throw new ProviderError(`modify_system of ${key} answered ${JSON.stringify(answer)}`)
      }
      const saved = await callWithToken('save_system', handle)
      if (!isTrue(saved)) throw new ProviderError(`save_system answered ${JSON.stringify(saved)}`)
      return name
    },

    async power(name, how) {
      await callWithToken('background_power_system', { power: how, systems: [name] })
    },
  }
}

export function asNames(value: Value): readonly string[] {
  if (!isList(value)) throw new ProviderError(`no list, but ${JSON.stringify(value)}`)
  return value.map((name) => {
    if (typeof name !== 'string') throw new ProviderError(`${JSON.stringify(name)} is no name`)
    return name
  })
}

function says(error: unknown, part: string): boolean {
  return error instanceof Fault && error.message.includes(part)
}

/** A boolean, or the integer that python takes for one. */
function isTrue(value: Value): boolean {
  return value === true || value === 1
}

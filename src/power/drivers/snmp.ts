/**
 * snmp: outlets of power strips (PDUs) by SNMP. APC's are known by what they say they are; of any other the object that
 * switches an outlet is given.
 *
 * `power_address` is a host or host:port, `power_id` the outlet's number. SNMP v2c: `power_pass` is the community. With a
 * `power_user` it is v3, and `power_pass` is both its passwords (SHA and AES). `power_options`: `oid=1.3.6…` (the outlet's
 * number is put behind it), `on=1 off=2 reboot=3`, for strips that are not known.
 */
import snmp from 'net-snmp'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerAction, PowerState } from '../../model/power.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { type PowerOptions, readOptions } from '../options.ts'

/** How the outlets of a kind of strip are switched and read. */
interface Strip {
  /** The outlet's number goes behind these. */
  readonly control: string
  readonly status: string
  readonly order: Readonly<Record<PowerAction, number>>
  readonly states: Readonly<Record<number, PowerState>>
}

const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0'
const ORDER = { on: 1, off: 2, reboot: 3 } as const
const SAME = { 1: 'on', 2: 'off' } as const

/** By sysObjectID, from APC's PowerNet-MIB: masterSwitch, rPDU, rPDU2. */
const APC = '1.3.6.1.4.1.318.1'
const STRIPS: Readonly<Record<string, Strip>> = {
  [`${APC}.3.4.4`]: strip(`${APC}.1.4.4.2.1.3`, `${APC}.1.4.4.2.1.3`, SAME),
  [`${APC}.3.4.5`]: strip(`${APC}.1.12.3.3.1.1.4`, `${APC}.1.12.3.3.1.1.4`, SAME),
  [`${APC}.3.4.6`]: strip(`${APC}.1.26.9.2.4.1.5`, `${APC}.1.26.9.2.3.1.5`, { 1: 'off', 2: 'on' }),
}

function strip(control: string, status: string, states: Strip['states']): Strip {
  return { control, status, order: ORDER, states }
}

export const snmpOutlets: PowerDriver = {
  type: 'snmp',
  aliases: ['apc_snmp', 'fence_apc_snmp', 'pdu'],
  can: ['on', 'off', 'reboot', 'state'],
  fault,

  async act(target, action, tools) {
    await talk(target, tools, async (session, { control, order }) => {
      const oid = `${control}.${target.power.id}`
      await session.set([{ oid, type: snmp.ObjectType.Integer, value: order[action] }])
    })
  },

  state: (target, tools) =>
    talk(target, tools, async (session, { status, states }) => {
      const value = await session.get(`${status}.${target.power.id}`)
      return states[Number(value)] ?? 'unknown'
    }),
}

function fault({ address, id, user, pass, options }: PowerSettings): string | undefined {
  if (!placeOf(address)) return `power_address "${address}" is no host or host:port`
  if (!/^\d{1,9}(\.\d{1,9})*$/.test(id)) return `power_id "${id}" is no number of an outlet`
  if (pass === '') return 'power_pass is empty; it is the community, or the password of power_user'
  if (user !== '' && pass.length < 8) return 'power_pass is too short; SNMP v3 wants 8 characters'
  const oid = readOptions(options).get('oid')
  return oid !== undefined && !/^\d+(\.\d+)+$/.test(oid) ? `oid=${oid} is no object identifier` : undefined
}

function placeOf(address: string): { host: string; port: number } | undefined {
  const [, six, host, port] = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?$/i.exec(address) ?? []
  const name = six ?? host
  const number = Number(port ?? 161)
  return name === undefined || number < 1 || number > 65_535 ? undefined : { host: name, port: number }
}

interface Session {
  get(oid: string): Promise<unknown>
  set(varbinds: { oid: string; type: number; value: number }[]): Promise<void>
}

/** Opens a session, finds out what kind of strip it is, and closes the session again. */
async function talk<Answer>(
  { name, power }: PowerTarget,
  { signal }: PowerTools,
  run: (session: Session, strip: Strip) => Promise<Answer>,
): Promise<Answer> {
  const wrong = fault(power)
  const place = placeOf(power.address)
  if (wrong !== undefined || !place) throw new OrchestraError('power.unsupported', `${name}: ${wrong}`)
  const native = open(place, power)
  // Without a listener an error of its socket would end the process.
  native.on('error', () => {})
  const stop = () => native.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const session = sessionOf(native)
    return await run(session, stripOf(readOptions(power.options)) ?? (await find(session, power)))
  } catch (error) {
    throw error instanceof OrchestraError ? error : faultOf(error, name, power)
  } finally {
    signal.removeEventListener('abort', stop)
    native.close()
  }
}

function open({ host, port }: { host: string; port: number }, { user, pass }: PowerSettings): snmp.Session {
  const options = { port, retries: 2, timeout: 1500, transport: host.includes(':') ? 'udp6' : 'udp4' } as const
  if (user === '') return snmp.createSession(host, pass, { ...options, version: snmp.Version2c })
  return snmp.createV3Session(
    host,
    {
      name: user,
      level: snmp.SecurityLevel.authPriv,
      ...{ authProtocol: snmp.AuthProtocols.sha, authKey: pass, privProtocol: snmp.PrivProtocols.aes, privKey: pass },
    },
    options,
  )
}

function sessionOf(native: snmp.Session): Session {
  return {
    get: (oid) =>
      new Promise((resolve, reject) => {
        native.get([oid], (error: Error | null, varbinds: snmp.Varbind[] = []) => {
          const [varbind] = varbinds
          if (error) reject(error)
          else if (!varbind || snmp.isVarbindError(varbind)) reject(new NoSuchObject(oid))
          else resolve(varbind.value)
        })
      }),
    set: (varbinds) =>
      new Promise((resolve, reject) => {
        native.set(varbinds, (error: Error | null, [varbind]: snmp.Varbind[] = []) => {
          if (error) reject(error)
          else if (varbind && snmp.isVarbindError(varbind)) reject(new NoSuchObject(varbind.oid))
          else resolve()
        })
      }),
  }
}

class NoSuchObject extends Error {}

/** Of a strip that is not known: what the options say. */
function stripOf(options: PowerOptions): Strip | undefined {
  const oid = options.get('oid')
  if (oid === undefined) return undefined
  const number = (word: PowerAction) => Number(options.get(word) ?? ORDER[word])
  const order = { on: number('on'), off: number('off'), reboot: number('reboot') }
  return { control: oid, status: oid, order, states: { [order.on]: 'on', [order.off]: 'off' } }
}

async function find(session: Session, { address }: PowerSettings): Promise<Strip> {
  const kind = String(await session.get(SYS_OBJECT_ID))
  const found = STRIPS[kind]
  if (found) return found
  const how = 'name the object that switches an outlet: power_options oid=… on=1 off=2'
  throw new PowerError('refused', `the strip at ${address} is of an unknown kind (${kind}); ${how}`)
}

function faultOf(error: unknown, name: string, { address, id, user }: PowerSettings): PowerError {
  const { message, code } = error as Error & { code?: string }
  const options = { cause: error }
  if (error instanceof NoSuchObject || /NoSuchName|NotWritable|NoAccess|WrongValue/i.test(message)) {
    return new PowerError(
      'wrong-id',
      `the strip at ${address} has no outlet ${id}, or does not let it be switched`,
      options,
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new PowerError('wrong-address', `there is no host of the name in power_address "${address}"`, options)
  }
  if (user !== '' && /user|digest|decrypt|engine|security/i.test(message)) {
    return new PowerError('wrong-password', `the strip at ${address} does not know ${user} with this password`, options)
  }
  if (/timed? ?out/i.test(message)) {
    const why = user === '' ? ': it is not there, or the community in power_pass is wrong' : ''
    return new PowerError('no-answer', `the strip at ${address} does not answer${why}`, options)
  }
  return new PowerError('refused', `the strip at ${address} refused for ${name}: ${message}`, options)
}

/**
 * Redfish resources (DSP2046) as values of ours: what a controller says, reduced to what we use. Total: what is missing or
 * of another shape is absent here, for no two controllers agree on what is there.
 */
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts'
import { clean } from '../http/clean.ts'

export interface ComputerSystem {
  readonly path: string
  readonly id: string
  readonly name: string
  readonly uuid: string
  readonly manufacturer: string
  readonly model: string
  /** `On`, `Off`, `PoweringOn`, `PoweringOff`, `Paused`; empty when it does not say. */
  readonly powerState: string
  readonly reset: ResetAction | undefined
  readonly boot: BootOrder | undefined
  /** Where settings for the next boot are written, when not in the system itself (`@Redfish.Settings`). */
  readonly settings: string | undefined
  readonly lamp: Lamp
  readonly chassis: readonly string[]
  readonly managers: readonly string[]
  readonly virtualMedia: string | undefined
}

export interface ResetAction {
  readonly target: string
  /** Undefined: it does not say. */
  readonly types: readonly string[] | undefined
  /** The ActionInfo that says instead. */
  readonly info: string | undefined
}

export interface BootOrder {
  readonly target: string
  /** `Once`, `Continuous`, `Disabled` */
  readonly enabled: string
  /** `UEFI`, `Legacy` */
  readonly mode: string
  /** Undefined: it does not say. */
  readonly targets: readonly string[] | undefined
}

/** The lamp by which a person finds the machine; LocationIndicatorActive replaced IndicatorLED in 2020. */
export interface Lamp {
  readonly active: boolean | undefined
  readonly led: string | undefined
  readonly leds: readonly string[] | undefined
}

export function systemOf(path: string, json: JsonObject): ComputerSystem {
  const links = objectIn(json, 'Links')
  return {
    path,
    id: textIn(json, 'Id') || (path.split('/').at(-1) ?? ''),
    name: textIn(json, 'Name'),
    uuid: textIn(json, 'UUID'),
    manufacturer: textIn(json, 'Manufacturer'),
    model: textIn(json, 'Model'),
    powerState: textIn(json, 'PowerState'),
    reset: resetOf(json),
    boot: bootOf(json),
    settings: linkIn(objectIn(json, '@Redfish.Settings'), 'SettingsObject'),
    lamp: lampOf(json),
    chassis: linksIn(links, 'Chassis'),
    managers: linksIn(links, 'ManagedBy'),
    virtualMedia: linkIn(json, 'VirtualMedia'),
  }
}

function resetOf(json: JsonObject): ResetAction | undefined {
  const action = objectIn(objectIn(json, 'Actions'), '#ComputerSystem.Reset')
  const target = pathOf(action['target'])
  if (target === undefined) return undefined
  const info = pathOf(action['@Redfish.ActionInfo'])
  return { target, types: textsIn(action, 'ResetType@Redfish.AllowableValues'), info }
}

export function bootOf(json: JsonObject): BootOrder | undefined {
  const boot = json['Boot']
  if (!isJsonObject(boot)) return undefined
  return {
    target: textIn(boot, 'BootSourceOverrideTarget'),
    enabled: textIn(boot, 'BootSourceOverrideEnabled'),
    mode: textIn(boot, 'BootSourceOverrideMode'),
    targets: textsIn(boot, 'BootSourceOverrideTarget@Redfish.AllowableValues'),
  }
}

export function lampOf(json: JsonObject): Lamp {
  const active = json['LocationIndicatorActive']
  return {
    active: typeof active === 'boolean' ? active : undefined,
    led: textIn(json, 'IndicatorLED') || undefined,
    leds: textsIn(json, 'IndicatorLED@Redfish.AllowableValues'),
  }
}

/** The reset types of an ActionInfo resource (DSP0266, "Action info"). */
export function resetTypesOf(json: JsonObject): readonly string[] | undefined {
  const parameters = json['Parameters']
  if (!Array.isArray(parameters)) return undefined
  const found = parameters.find((one: Json) => isJsonObject(one) && one['Name'] === 'ResetType')
  return isJsonObject(found) ? textsIn(found, 'AllowableValues') : undefined
}

/** What an error answer says to a person; empty when it says nothing (DSP0266, "Error responses"). */
export function complaintOf(json: Json | undefined): string {
  if (!isJsonObject(json)) return ''
  const error = objectIn(json, 'error')
  const messages = messagesOf(json).flatMap((one) => textIn(one, 'Message') || idOf(one) || [])
  // iLO 4 says the same in this and in that form, and some say one thing for every property.
  const told = [...new Set(messages)].slice(0, 3).join(' ')
  return clean(told || textIn(error, 'message') || textIn(error, 'code'))
}

/** The ids of the messages, without registry and version: `InsufficientPrivilege`. */
export function messageIdsOf(json: Json | undefined): string[] {
  return isJsonObject(json) ? messagesOf(json).map((one) => idOf(one).split('.').at(-1) ?? '') : []
}

function messagesOf(json: JsonObject): JsonObject[] {
  const inside = objectIn(json, 'error')['@Message.ExtendedInfo'] ?? json['@Message.ExtendedInfo']
  const list = Array.isArray(inside) ? inside : [inside]
  return list.filter(isJsonObject)
}

/** iLO 4 writes MessageID. */
function idOf(message: JsonObject): string {
  return textIn(message, 'MessageId') || textIn(message, 'MessageID')
}

export function textIn(json: JsonObject, name: string): string {
  const value = json[name]
  return typeof value === 'string' ? value : ''
}

export function numberIn(json: JsonObject, name: string): number | undefined {
  const value = json[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function objectIn(json: JsonObject, name: string): JsonObject {
  const value = json[name]
  return isJsonObject(value) ? value : {}
}

function textsIn(json: JsonObject, name: string): readonly string[] | undefined {
  const value = json[name]
  if (!Array.isArray(value)) return undefined
  return value.filter((one: Json): one is string => typeof one === 'string')
}

export function linkIn(json: JsonObject, name: string): string | undefined {
  return pathOf(objectIn(json, name)['@odata.id'])
}

export function linksIn(json: JsonObject, name: string): string[] {
  const list = json[name]
  if (!Array.isArray(list)) return []
  return list.flatMap((one: Json) => (isJsonObject(one) ? (pathOf(one['@odata.id']) ?? []) : []))
}

/** A path on the same controller, and nothing else: where a stranger's link leads is where our token goes. */
export function pathOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value.length > 1000) return undefined
  return /^\/(?!\/)[\x21-\x7e]*$/.test(value) && !/[\\#]/.test(value) ? value : undefined
}

/** The order for the next boot alone (ComputerSystem.Boot), and whether the controller has it when it is read back. */
import { isJsonObject, type JsonObject } from '../../lib/json.ts'
import { type BootOnce, PowerError } from '../driver.ts'
import { clean } from '../http/clean.ts'
import type { RedfishClient, Reply } from './client.ts'
import type { Found } from './discover.ts'
import { patchResource } from './patch.ts'
import type { Quirks } from './quirks.ts'
import { type BootOrder, bootOf, messageIdsOf } from './resources.ts'
import type { RedfishSettings } from './settings.ts'
import { finish, type Wait } from './tasks.ts'

const LOOKS = 3
const LOOK_MS = 1_000

interface Place {
  readonly path: string
  readonly etag: string | undefined
}

/** @throws PowerError */
export async function bootOnce(
  client: RedfishClient,
  { system, etag }: Found,
  wanted: Pick<RedfishSettings, 'boot' | 'mode'>,
  quirks: Quirks,
  signal: AbortSignal,
  wait: Wait,
): Promise<BootOnce> {
  const { boot } = system
  const targets = boot?.targets
  if (boot === undefined) throw new PowerError('refused', `${client.host} lets nobody order the next boot`)
  if (targets !== undefined && !targets.includes(wanted.boot)) {
    const offered = clean(targets.join(', '), 200) || 'nothing'
    throw new PowerError('refused', `${client.host} cannot boot once by ${wanted.boot}; it offers ${offered}`)
  }
  const what = `boot once by ${wanted.boot}`
  let place: Place = { path: system.path, etag }
  // Where the service has a resource for settings to come, Boot is read-only in the system itself: iDRAC 10 (stmcginnis/gofish
  // pull request 511), AMI (DMTF/Redfish-Tacklebox issue 144).
  const settings = system.settings === undefined ? undefined : await client.ask('GET', system.settings, signal)
  const isThere = hasBoot(settings)
  if (system.settings !== undefined && settings && isThere) place = { path: system.settings, etag: settings.etag }

  let reply: Reply | undefined
  for (const order of ordersOf(wanted, boot, quirks)) {
    reply = await patchResource(client, place, { Boot: order }, quirks, signal)
    if (reply.status === 400 && messageIdsOf(reply.body).includes('OperationSupportedInFutureStateURI')) {
      if (system.settings === undefined || isThere) break
      place = { path: system.settings, etag: settings?.etag }
      reply = await patchResource(client, place, { Boot: order }, quirks, signal)
    }
    // Some refuse what they have already, or a mode that they do not let be set: less of it may pass.
    if (reply.status !== 400) break
  }
  if (reply === undefined) throw new PowerError('refused', `${client.host} cannot ${what}`)
  const outcome = await finish(client, reply, what, signal, wait)
  if (outcome === 'scheduled') {
    return { obeyed: 'unknown', because: `${client.host} has put the order off until the machine's next reset` }
  }
  return readBack(client, place.path, wanted, signal, wait)
}

function hasBoot(reply: Reply | undefined): boolean {
  return reply?.status === 200 && isJsonObject(reply.body) && bootOf(reply.body) !== undefined
}

/** From all that may be told to the least. */
function ordersOf(
  { boot, mode }: Pick<RedfishSettings, 'boot' | 'mode'>,
  now: BootOrder,
  quirks: Quirks,
): readonly JsonObject[] {
  const least = { BootSourceOverrideTarget: boot }
  const usual = { BootSourceOverrideEnabled: 'Once', ...least }
  // HTTP boot is UEFI's alone.
  const asked = mode ?? (boot === 'UefiHttp' && now.mode === 'Legacy' ? 'UEFI' : undefined)
  const told = asked ?? (quirks.mode === 'always' ? now.mode : '')
  const whole = told === '' || quirks.mode === 'never' ? [] : [{ ...usual, BootSourceOverrideMode: told }]
  // Without Enabled it is only an order where "once" stands there already (OpenStack story 2007355).
  return [...whole, usual, ...(now.enabled === 'Once' ? [least] : [])]
}

/** A 200 is no proof: orders are dropped in silence (bmc-toolbox/bmclib pull request 459). */
async function readBack(
  client: RedfishClient,
  path: string,
  { boot: target, mode }: Pick<RedfishSettings, 'boot' | 'mode'>,
  signal: AbortSignal,
  wait: Wait,
): Promise<BootOnce> {
  for (let look = 1; ; look++) {
    const { json } = await client.get(path, signal)
    const seen = bootOf(json)
    if (seen === undefined || (seen.target === '' && seen.enabled === '')) {
      return { obeyed: 'unknown', because: `${client.host} took the order and does not show what it has` }
    }
    const isMode = mode === undefined || seen.mode === '' || seen.mode === mode
    if (seen.enabled === 'Once' && seen.target === target && isMode) {
      const how = seen.mode === '' ? '' : `, ${clean(seen.mode, 20)}`
      return { obeyed: 'yes', because: `${client.host} shows the next boot as ${target}, once${how}` }
    }
    if (look === LOOKS) {
      const words = [seen.target, seen.enabled, seen.mode].filter((one) => one !== '')
      const shown = clean(words.join(', '), 100)
      return { obeyed: 'no', because: `${client.host} took the order to boot once by ${target}, and shows ${shown}` }
    }
    // Some show it a moment later.
    await wait(LOOK_MS, signal).catch((cause: unknown) => {
      throw new PowerError('no-answer', `${client.host} did not show the order for the next boot in time`, { cause })
    })
  }
}

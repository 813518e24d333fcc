/**
 * redfish: controllers that speak the DMTF's Redfish. `power_address` is a host, host:port or URL (https unless http is
 * written out); `power_id` the system's id, name or UUID, empty where there is only one. `power_options`: auth=basic,
 * boot=http, mode=uefi|legacy, soft=yes, and for certificates that no authority signed fingerprint=sha256:…, ca=FILE
 * (below the data folder) or insecure=yes.
 */
import { createHash } from 'node:crypto'
import { isJsonObject } from '../../lib/json.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { openExchange } from '../http/exchange.ts'
import { authorityOf } from '../http/trust.ts'
import { act, stateOf } from '../redfish/actions.ts'
import { bootOnce } from '../redfish/boot-once.ts'
import { openClient, type RedfishClient } from '../redfish/client.ts'
import { type Found, findSystem, foundOf } from '../redfish/discover.ts'
import { setLamp } from '../redfish/lamp.ts'
import { ejectMedia, insertMedia } from '../redfish/media.ts'
import { type PowerMetrics, readMetrics } from '../redfish/metrics.ts'
import { type Quirks, quirksOf } from '../redfish/quirks.ts'
import { type RedfishSettings, readSettings } from '../redfish/settings.ts'
import { realWait, type Wait } from '../redfish/tasks.ts'

export interface RedfishDriver extends PowerDriver {
  /** @throws PowerError */
  metrics(target: PowerTarget, tools: PowerTools): Promise<PowerMetrics>
  /** Puts the image at an http or https URL into the virtual CD. @throws PowerError */
  insertMedia(target: PowerTarget, image: string, tools: PowerTools): Promise<void>
  /** @throws PowerError */
  ejectMedia(target: PowerTarget, tools: PowerTools): Promise<void>
  close(): Promise<void>
}

interface Kept {
  readonly client: RedfishClient
  /** `power_id` → the path that was found for it. */
  readonly paths: Map<string, string>
  busy: number
}

/** Controllers whose sessions are kept; the least lately used goes. */
const MOST_KEPT = 2048
const LAMP_OFF_MS = 20_000

export function createRedfish({ wait = realWait }: { readonly wait?: Wait } = {}): RedfishDriver {
  const kept = new Map<string, Kept>()
  const lamps = new Map<string, AbortController>()

  function keep({ power }: PowerTarget, settings: RedfishSettings, tools: PowerTools): Kept {
    const place = `${settings.origin.origin} ${power.user} `
    // Another password or another trust is another login.
    const words = JSON.stringify([power.pass, settings.auth, settings.trust])
    const key = place + createHash('sha256').update(words).digest('hex')
    const known = kept.get(key)
    kept.delete(key)
    const one = known ?? openFor(power, settings, tools)
    kept.set(key, one)
    for (const [other, { client, busy }] of kept) {
      const isOld = other !== key && (other.startsWith(place) || kept.size > MOST_KEPT)
      if (!isOld || busy > 0) continue
      kept.delete(other)
      void client.close().catch(() => {})
    }
    return one
  }

  /** Runs with the system that is meant; everything that a driver call does goes through here. */
  async function withSystem<Result>(
    target: PowerTarget,
    tools: PowerTools,
    run: (client: RedfishClient, found: Found, quirks: Quirks, settings: RedfishSettings) => Promise<Result>,
  ): Promise<Result> {
    const settings = readSettings(target.power)
    if (typeof settings === 'string') throw new PowerError('wrong-address', settings)
    const one = keep(target, settings, tools)
    one.busy++
    try {
      const { client } = one
      const found = await find(one, target.power.id || settings.system || '', tools.signal)
      return await run(client, found, quirksOf(found.system, await client.root(tools.signal)), settings)
    } finally {
      one.busy--
    }
  }

  return {
    type: 'redfish',
    aliases: ['fence_redfish'],
    can: ['on', 'off', 'reboot', 'state', 'boot-once', 'identify'],
    // Some answer with a task, and some think for half a minute.
    longest: 60_000,

    fault(power) {
      const settings = readSettings(power)
      return typeof settings === 'string' ? settings : undefined
    },

    act: (target, action, tools) =>
      withSystem(target, tools, (client, { system }, _, { soft }) =>
        act(client, system, action, soft, tools.signal, wait),
      ),

    state: (target, tools) => withSystem(target, tools, async (_, { system }) => stateOf(system)),

    bootOnce: (target, tools) =>
      withSystem(target, tools, (client, found, quirks, settings) =>
        bootOnce(client, found, settings, quirks, tools.signal, wait),
      ),

    async identify(target, seconds, tools) {
      lamps.get(target.name)?.abort()
      lamps.delete(target.name)
      const set = (lit: boolean, signal: AbortSignal) =>
        withSystem(target, { ...tools, signal }, (client, found, quirks) => setLamp(client, found, lit, quirks, signal))
      await set(seconds > 0, tools.signal)
      if (seconds <= 0) return
      // Redfish has no lamp that goes out by itself.
      const cancel = new AbortController()
      lamps.set(target.name, cancel)
      wait(seconds * 1000, cancel.signal)
        .then(() => set(false, AbortSignal.timeout(LAMP_OFF_MS)))
        .catch(() => {})
    },

    metrics: (target, tools) =>
      withSystem(target, tools, (client, { system }) => readMetrics(client, system, tools.signal)),

    insertMedia: (target, image, tools) =>
      withSystem(target, tools, (client, { system }, quirks) =>
        insertMedia(client, system, image, quirks, tools.signal, wait),
      ),

    ejectMedia: (target, tools) =>
      withSystem(target, tools, (client, { system }, quirks) => ejectMedia(client, system, quirks, tools.signal, wait)),

    async close() {
      for (const lamp of lamps.values()) lamp.abort()
      lamps.clear()
      const clients = [...kept.values()].map(({ client }) => client)
      kept.clear()
      await Promise.all(clients.map((client) => client.close().catch(() => {})))
    },
  }
}

export const redfish: RedfishDriver = createRedfish()

/** The path that was found is asked again at once: one question instead of three for every look of the poller. */
async function find({ client, paths }: Kept, id: string, signal: AbortSignal): Promise<Found> {
  const path = paths.get(id)
  if (path !== undefined) {
    const { status, body, etag } = await client.ask('GET', path, signal)
    if (status === 200 && isJsonObject(body)) return foundOf({ path, json: body, etag })
    paths.delete(id)
  }
  const found = await findSystem(client, id, signal)
  paths.set(id, found.system.path)
  return found
}

function openFor({ user, pass }: PowerSettings, { origin, auth, trust }: RedfishSettings, tools: PowerTools): Kept {
  const exchange = openExchange(origin, trust, authorityOf(trust, tools))
  return { client: openClient(origin, exchange, { user, pass, auth }), paths: new Map(), busy: 0 }
}

/** The lamp by which a person finds a machine among others: of the system, or of the chassis that it is in. */
import type { JsonObject } from '../../lib/json.ts'
import { PowerError } from '../driver.ts'
import type { RedfishClient, Resource } from './client.ts'
import type { Found } from './discover.ts'
import { patchResource } from './patch.ts'
import type { Quirks } from './quirks.ts'
import { type Lamp, lampOf } from './resources.ts'

/** @throws PowerError refused when there is no lamp */
export async function setLamp(
  client: RedfishClient,
  { system, etag }: Found,
  lit: boolean,
  quirks: Quirks,
  signal: AbortSignal,
): Promise<void> {
  const places: (() => Promise<Pick<Resource, 'path' | 'etag'> & { lamp: Lamp }>)[] = [
    async () => ({ path: system.path, etag, lamp: system.lamp }),
    ...system.chassis.slice(0, 4).map((path) => async () => {
      const chassis = await client.get(path, signal)
      return { path, etag: chassis.etag, lamp: lampOf(chassis.json) }
    }),
  ]
  let refusal = new PowerError('refused', `${client.host} has no lamp to find the machine by`)
  for (const place of places) {
    const { lamp, ...resource } = await place()
    const order = orderOf(lamp, lit)
    if (order === undefined) continue
    const reply = await patchResource(client, resource, order, quirks, signal)
    const said = client.refusal(reply, lit ? 'let the lamp blink' : 'switch the lamp off')
    if (said === undefined) return
    refusal = said
  }
  throw refusal
}

function orderOf({ active, led, leds }: Lamp, lit: boolean): JsonObject | undefined {
  if (active !== undefined) return { LocationIndicatorActive: lit }
  if (led === undefined) return undefined
  if (!lit) return { IndicatorLED: 'Off' }
  return { IndicatorLED: leds === undefined || leds.includes('Blinking') ? 'Blinking' : 'Lit' }
}

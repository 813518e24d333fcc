/** What a machine draws from its socket, and how warm it is: EnvironmentMetrics, and Power and Thermal of older services. */
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts'
import type { RedfishClient } from './client.ts'
import { type ComputerSystem, linkIn, numberIn, objectIn, textIn } from './resources.ts'

/** Undefined: the controller does not tell. */
export interface PowerMetrics {
  readonly watts: number | undefined
  /** What its supplies can give. */
  readonly capacityWatts: number | undefined
  /** The air that comes in. */
  readonly inletCelsius: number | undefined
}

const MOST_CHASSIS = 4

/** The first chassis that tells. @throws PowerError */
export async function readMetrics(
  client: RedfishClient,
  system: ComputerSystem,
  signal: AbortSignal,
): Promise<PowerMetrics> {
  let metrics: PowerMetrics = { watts: undefined, capacityWatts: undefined, inletCelsius: undefined }
  for (const path of system.chassis.slice(0, MOST_CHASSIS)) {
    const chassis = (await client.get(path, signal)).json
    const read = async (name: string): Promise<JsonObject> => {
      const link = linkIn(chassis, name)
      const reply = link === undefined ? undefined : await client.ask('GET', link, signal)
      return reply?.status === 200 && isJsonObject(reply.body) ? reply.body : {}
    }
    const environment = await read('EnvironmentMetrics')
    const [reading, celsius] = ['PowerWatts', 'TemperatureCelsius'].map((one) =>
      numberIn(objectIn(environment, one), 'Reading'),
    )
    const power = reading === undefined ? await read('Power') : {}
    const thermal = celsius === undefined ? await read('Thermal') : {}
    const control = firstIn(power['PowerControl'])
    metrics = {
      watts: metrics.watts ?? reading ?? numberIn(control, 'PowerConsumedWatts'),
      capacityWatts: metrics.capacityWatts ?? numberIn(control, 'PowerCapacityWatts'),
      inletCelsius: metrics.inletCelsius ?? celsius ?? inletOf(thermal),
    }
    if (metrics.watts !== undefined) return metrics
  }
  return metrics
}

function firstIn(list: Json | undefined): JsonObject {
  const first = Array.isArray(list) ? list.find(isJsonObject) : undefined
  return first ?? {}
}

function inletOf(thermal: JsonObject): number | undefined {
  const list = thermal['Temperatures']
  if (!Array.isArray(list)) return undefined
  const inlet = list.find(
    (one: Json) =>
      isJsonObject(one) && (textIn(one, 'PhysicalContext') === 'Intake' || /inlet/i.test(textIn(one, 'Name'))),
  )
  return isJsonObject(inlet) ? numberIn(inlet, 'ReadingCelsius') : undefined
}

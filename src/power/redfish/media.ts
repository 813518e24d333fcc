/** Virtual media: an image on a web server in the place of a CD, where a controller offers that. */
import type { JsonObject } from '../../lib/json.ts'
import { PowerError } from '../driver.ts'
import { clean } from '../http/clean.ts'
import type { RedfishClient, Reply, Resource } from './client.ts'
import { listMembers } from './discover.ts'
import { patchResource } from './patch.ts'
import type { Quirks } from './quirks.ts'
import { type ComputerSystem, linkIn, messageIdsOf, objectIn, pathOf, textIn } from './resources.ts'
import { finish, type Wait } from './tasks.ts'

interface Slot extends Resource {
  readonly isInserted: boolean
  readonly insert: string | undefined
  readonly eject: string | undefined
}

/** Puts an image into the first slot for CDs, over whatever is in it. @throws PowerError */
export async function insertMedia(
  client: RedfishClient,
  system: ComputerSystem,
  image: string,
  quirks: Quirks,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(image)) throw new PowerError('refused', 'an image must be an http or https URL')
  const slot = await findSlot(client, system, quirks, signal)
  if (slot.isInserted) await eject(client, slot, quirks, signal, wait)
  const what = `insert ${clean(image, 200)}`
  if (slot.insert === undefined) {
    // Without the action it is done by PATCH, and some attach nothing unless told so (sushy, virtual_media.py: SD530).
    const order = { Image: image, Inserted: true, WriteProtected: true }
    await finish(client, await patchResource(client, slot, order, quirks, signal), what, signal, wait)
    return
  }
  const { insert } = slot
  const post = (body: JsonObject): Promise<Reply> => client.ask('POST', insert, signal, { body })
  // Inserted and WriteProtected are so by themselves, and Supermicro refuses them (ansible-collections/community.general
  // pull request 4839). The protocol is told where it is asked for.
  let reply = await post({ Image: image })
  if (reply.status === 400 && messageIdsOf(reply.body).includes('ActionParameterMissing')) {
    reply = await post({ Image: image, TransferProtocolType: image.startsWith('https:') ? 'HTTPS' : 'HTTP' })
  }
  await finish(client, reply, what, signal, wait)
}

/** Empties the first slot for CDs; an empty one is no error. @throws PowerError */
export async function ejectMedia(
  client: RedfishClient,
  system: ComputerSystem,
  quirks: Quirks,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  const slot = await findSlot(client, system, quirks, signal)
  if (slot.isInserted) await eject(client, slot, quirks, signal, wait)
}

async function eject(
  client: RedfishClient,
  slot: Slot,
  quirks: Quirks,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  const reply =
    slot.eject === undefined
      ? await patchResource(client, slot, { Image: null, Inserted: false }, quirks, signal)
      : // The empty object is iLO's wish (sushy, virtual_media.py), and nobody minds it.
        await client.ask('POST', slot.eject, signal, { body: {} })
  await finish(client, reply, 'eject its medium', signal, wait)
}

/** Media belong to the manager, and since 2020 to the system. */
async function findSlot(
  client: RedfishClient,
  system: ComputerSystem,
  quirks: Quirks,
  signal: AbortSignal,
): Promise<Slot> {
  const collections = system.virtualMedia === undefined ? [] : [system.virtualMedia]
  for (const path of system.managers.slice(0, 4)) {
    const link = linkIn((await client.get(path, signal)).json, 'VirtualMedia')
    if (link !== undefined) collections.push(link)
  }
  for (const collection of collections) {
    for (const path of (await listMembers(client, collection, signal)).slice(0, 16)) {
      const resource = await client.get(path, signal)
      const types = resource.json['MediaTypes']
      if (Array.isArray(types) && (types.includes('CD') || types.includes('DVD'))) return slotOf(resource, quirks)
    }
  }
  throw new PowerError('refused', `${client.host} offers no virtual CD`)
}

function slotOf(resource: Resource, { notConnectedIsEmpty }: Quirks): Slot {
  const actions = objectIn(resource.json, 'Actions')
  const isEmpty = notConnectedIsEmpty && textIn(resource.json, 'ConnectedVia') === 'NotConnected'
  return {
    ...resource,
    isInserted: resource.json['Inserted'] === true && !isEmpty,
    insert: pathOf(objectIn(actions, '#VirtualMedia.InsertMedia')['target']),
    eject: pathOf(objectIn(actions, '#VirtualMedia.EjectMedia')['target']),
  }
}

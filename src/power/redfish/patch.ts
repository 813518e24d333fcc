/** Changes of a resource by PATCH, with the ETag that was read where there is one (DSP0266, "Modification requests"). */
import type { JsonObject } from '../../lib/json.ts'
import type { RedfishClient, Reply, Resource } from './client.ts'
import type { Quirks } from './quirks.ts'

/**
 * Patches what was read. When it has changed since (412), or an ETag is asked for after all (428), it is read once more and
 * tried again; a service that denies its own ETag is then tried with its strong form, with any, and with none, as sushy does.
 * @returns the last answer, whatever it is
 */
export async function patchResource(
  client: RedfishClient,
  { path, etag }: Pick<Resource, 'path' | 'etag'>,
  body: JsonObject,
  { ifMatch }: Pick<Quirks, 'ifMatch'>,
  signal: AbortSignal,
): Promise<Reply> {
  const patch = (form: string | undefined) => client.ask('PATCH', path, signal, { body, ifMatch: form })
  let reply = await patch(ifMatch === 'never' ? undefined : etag)
  if (!isPrecondition(reply)) return reply
  const fresh = (await client.get(path, signal)).etag
  // RFC 9110, 13.1.1: a weak ETag never matches, so a strict service cannot take back the weak one that it gave.
  for (const form of new Set([fresh ?? '*', fresh?.replace(/^W\//, '') ?? '*', '*', undefined])) {
    reply = await patch(form)
    if (!isPrecondition(reply)) return reply
  }
  return reply
}

function isPrecondition({ status }: Reply): boolean {
  return status === 412 || status === 428
}

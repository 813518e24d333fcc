/** Which daemon a command speaks to, and with which token. */
import { CliError, type Io, type Server } from './io.ts'

/** @param flag what --server says. @throws CliError when there is none */
export async function findServer({ env, findLocal }: Io, flag: string | undefined): Promise<Server> {
  const named = flag ?? env.server
  const url = named === undefined ? undefined : checkUrl(named)
  // The daemon's own token goes to no other address than the daemon's.
  const local = url === undefined || env.token === undefined ? await findLocal() : undefined
  if (local && (url === undefined || url === local.url)) return { url: local.url, token: env.token ?? local.token }
  if (url !== undefined) return { url, token: env.token }
  throw new CliError(
    'no Orchestra runs here (or its data directory is not yours to read); start it with "orchestra serve", or name one with --server URL',
  )
}

function checkUrl(text: string): string {
  const url = URL.parse(/^https?:/i.test(text) ? text : `http://${text}`)
  if (!url) throw new CliError(`"${text}" is no address of a server (like http://192.168.1.2:8080)`)
  return url.href.replace(/\/+$/, '')
}

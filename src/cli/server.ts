/** Which daemon a command speaks to, and with which token. */
import type { Arguments } from './arguments.ts'
import { CliError, type Io, type Server } from './io.ts'

/** @throws CliError when there is none */
export async function findServer(
  io: Io,
  { server, tokenFile }: Pick<Arguments, 'server' | 'tokenFile'>,
): Promise<Server> {
  const named = server ?? io.env.server
  const url = named === undefined ? undefined : checkUrl(named)
  const token = tokenFile === undefined ? io.env.token : await readToken(io, tokenFile)
  // The daemon's own token goes to no other address than the daemon's.
  const local = url === undefined || token === undefined ? await io.findLocal() : undefined
  if (local && (url === undefined || url === local.url)) return { url: local.url, token: token ?? local.token }
  if (url !== undefined) return { url, token }
  throw new CliError(
    'no Orchestra runs here (or its data directory is not yours to read); start it with "orchestra serve", or name one with --server URL',
  )
}

async function readToken({ readFile }: Io, path: string): Promise<string> {
  try {
    return (await readFile(path)).trim()
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

function checkUrl(text: string): string {
  const url = URL.parse(/^https?:/i.test(text) ? text : `http://${text}`)
  if (!url) throw new CliError(`"${text}" is no address of a server (like http://192.168.1.2:8080)`)
  return url.href.replace(/\/+$/, '')
}

/**
 * A package mirror for machines that have no way out of the lab: requests for /debian go on to a real mirror, from outside of
 * the lab's network. Nothing is kept, and nothing is changed but what the installer must see otherwise.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { EnvHttpProxyAgent, interceptors, request } from 'undici'

/**
 * @param base of the real mirror, `http://deb.debian.org/debian`
 * @param amended what all but apt get in place of files, by path; undefined: there is none
 * Answers how to stop.
 */
export async function startMirror(
  socketPath: string,
  base: string,
  amended: ReadonlyMap<string, Buffer | undefined>,
  log: (line: string) => void,
): Promise<() => void> {
  const dispatcher = new EnvHttpProxyAgent().compose(interceptors.redirect({ maxRedirections: 5 }))
  const server = createServer((incoming, response) => {
    const path = /^\/debian(\/.*)$/.exec(incoming.url ?? '')?.[1]
    if (path === undefined || (incoming.method !== 'GET' && incoming.method !== 'HEAD')) {
      response.writeHead(404).end()
      return
    }
    if (amended.has(path) && !incoming.headers['user-agent']?.startsWith('Debian APT')) {
      const instead = amended.get(path)
      response.writeHead(instead ? 200 : 404).end(incoming.method === 'HEAD' ? undefined : instead)
      return
    }
    void fetchInto(`${base}${path}`, incoming.method, incoming.headers.range, response).catch((error: unknown) => {
      log(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      if (!response.headersSent) response.writeHead(502)
      response.destroy()
    })
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return () => {
    server.close()
    server.closeAllConnections()
    void dispatcher.close()
  }

  async function fetchInto(url: string, method: 'GET' | 'HEAD', range: string | undefined, response: ServerResponse) {
    const answer = await request(url, { method, dispatcher, ...(range && { headers: { range } }) })
    if (answer.statusCode >= 400) log(`${answer.statusCode} ${url}`)
    const kept = ['content-length', 'content-type', 'content-range', 'last-modified', 'etag', 'accept-ranges']
    const headers = kept.flatMap((name) =>
      answer.headers[name] === undefined ? [] : [[name, answer.headers[name]] as const],
    )
    response.writeHead(answer.statusCode, Object.fromEntries(headers))
    await pipeline(answer.body, response)
  }
}

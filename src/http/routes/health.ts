/** GET /healthz for watchers, GET / for people with a browser, GET /api/version for clients. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

export interface HealthRoutesOptions {
  readonly version: string
}

export const healthRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, { version }) => {
  app.get('/healthz', { schema: { response: { 200: z.object({ status: z.literal('ok') }) } } }, async () => ({
    status: 'ok' as const,
  }))

  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(version)))
}

export const versionRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, { version }) => {
  const schema = { response: { 200: z.object({ version: z.string() }) } }
  app.get('/api/version', { schema, config: { access: 'viewer' } }, async () => ({ version }))
}

function page(version: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Orchestra</title></head>
<body>
<h1>Orchestra ${version}</h1>
<p>This server installs machines over the network: DHCP, TFTP, HTTP boot, preseeds and power in one daemon.</p>
<ul>
<li><a href="/healthz">/healthz</a>: is it alive?</li>
<li>/api: the REST API. <code>POST /api/login</code> with user and password gives a token; send it as
<code>Authorization: Bearer …</code></li>
<li>/cobbler_api: the same in Cobbler's XML-RPC</li>
<li>On the command line: <code>orchestra --help</code></li>
</ul>
</body>
</html>
`
}

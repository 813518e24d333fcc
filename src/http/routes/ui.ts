/** /ui/: the console, built files of src/ui that run in the browser. Nobody needs a login for them; all that they ask for does. */
import { randomBytes } from 'node:crypto'
import statics from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

export interface UiRoutesOptions {
  /** Where the built files are. */
  readonly folder: string
  /** The page with `__NONCE__` where each answer has its own; undefined: it was not built. */
  readonly page: () => string | undefined
}

/** Scripts come from here, and none is written into the page; styles that libraries add while they run name a nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data: blob:",
    `style-src 'self' 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  ].join('; ')
}

export const uiRoutes: FastifyPluginAsync<UiRoutesOptions> = async (app, { folder, page }) => {
  // Their names change with their contents.
  app.register(statics, {
    root: `${folder}/assets`,
    prefix: '/ui/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
    decorateReply: false,
  })

  app.get('/', async (_request, reply) => reply.redirect('/ui/'))
  app.get('/ui', async (_request, reply) => reply.redirect('/ui/'))
  // The paths below it are pages of the console, which finds them by itself.
  app.get('/ui/*', async (_request, reply) => {
    const nonce = randomBytes(16).toString('base64')
    const text = page()
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
    if (text === undefined) return reply.code(503).send(NOT_BUILT)
    return reply.header('content-security-policy', policy(nonce)).send(text.replaceAll('__NONCE__', nonce))
  })
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Orchestra</title></head>
<body><h1>Orchestra</h1>
<p>The console was not built. Where Orchestra is installed, run <code>npm run build</code>, and load this page again.</p>
</body></html>
`

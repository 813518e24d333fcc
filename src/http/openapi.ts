/** The description of the API (OpenAPI 3.1), made of the schemas that check its requests: GET /api/openapi.json. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  type FastifyPluginAsyncZod,
} from 'fastify-type-provider-zod'
import { named, problem } from './answer-shapes.ts'
import { DESCRIBED } from './openapi-calls.ts'
import { CALLS_OF_SCOPE } from './scopes.ts'

type Transform = ReturnType<typeof createJsonSchemaTransform>
type TransformObject = ReturnType<typeof createJsonSchemaTransformObject>

const DESCRIPTION = `Objects have their revision as entity tag: \`If-None-Match\` asks for news, \`If-Match\` keeps a
change from undoing another's. Refusals are problem details (RFC 9457) that name the field. A request with an
\`Idempotency-Key\` that is sent twice within a day is done once.`

/** Before any route. */
export function describeApi(app: FastifyInstance, version: string): void {
  const toJson = createJsonSchemaTransform({ schemaRegistry: named })
  const components = createJsonSchemaTransformObject({ schemaRegistry: named })
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Orchestra', version, description: DESCRIPTION },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ((document) => toJson({ ...document, schema: described(document) })) as Transform,
    transformObject: ((document) => onlyUsed(components(document))) as TransformObject,
  })
}

export const openApiRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get('/api/openapi.json', { config: { access: 'viewer' } }, async () => app.swagger())
}

/** What is no call of the API is left out: machines and Cobbler's clients know their doors. */
function described({ schema, url, route }: Parameters<Transform>[0]): object {
  const access = route.config?.access
  if (access === undefined) return { hide: true }
  const method = [route.method].flat()[0] ?? 'GET'
  const key = `${method} ${url}`
  const { summary = key, tag = 'other', answers = {}, type } = DESCRIBED.get(key) ?? {}
  const own = (schema as { response?: object } | undefined)?.response ?? {}
  const good = Object.entries({ ...answers, ...own }).map(([status, shape]) => [
    status,
    type === undefined ? shape : { description: 'Good', content: { [type]: { schema: shape } } },
  ])
  const refused = { description: 'Refused', content: { 'application/problem+json': { schema: problem } } }
  return {
    ...schema,
    summary,
    description: needs(key, access, route.config?.loginOnly === true),
    tags: [tag],
    operationId: operationId(method, url),
    security: access === 'open' ? [] : [{ token: [] }],
    response: { ...Object.fromEntries(good), default: refused },
  }
}

function needs(key: string, access: string, loginOnly: boolean): string {
  if (access === 'open') return 'Needs no token.'
  const scope = Object.entries(CALLS_OF_SCOPE).find(([, calls]) => calls?.includes(key))?.[0]
  const also = scope === undefined ? '' : ` The scope ${scope} opens it.`
  return `Needs the role ${access}.${also}${loginOnly ? ' Not with a token that was given to a program.' : ''}`
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', POST: 'post', PATCH: 'change', DELETE: 'remove' }

/** `GET /api/systems/:name/power` → `getSystemsByNamePower`: as unique as the call. */
function operationId(method: string, url: string): string {
  const words = url
    .replace(/^\/(api\/)?/, '')
    .replace(/:/g, 'by-')
    .replace('*', 'by-path')
    .split(/[^A-Za-z0-9]+/)
  return (
    (VERBS[method] ?? method.toLowerCase()) + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  )
}

/** Each shape is made twice, as it is read and as it is written; most are only one of them. */
function onlyUsed<Document extends object>(document: Document): Document {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } }
  const schemas = components?.schemas ?? {}
  const text = JSON.stringify({ ...document, components: undefined })
  const used = new Set<string>()
  const use = (from: string) => {
    for (const [, name = ''] of from.matchAll(/#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      use(JSON.stringify(schemas[name] ?? null))
    }
  }
  use(text)
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...components, schemas: kept } }
}

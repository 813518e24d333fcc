/** The description of the API (OpenAPI 3.1) as the explorer needs it: calls by their tags, and what each asks for. */

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly required?: readonly string[]
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Described {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

export interface Operation {
  /** `GET /api/systems/{name}` */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly needs: string
  readonly tag: string
  readonly parameters: readonly Parameter[]
  /** A body to begin with; undefined: the call has none. */
  readonly example: string | undefined
}

export function operationsOf({ paths, components }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([word, described]): Operation => {
      const method = word.toUpperCase()
      const { content } = described.requestBody ?? {}
      const schema = content?.['application/json']?.schema
      return {
        ...{ id: `${method} ${path}`, method, path },
        summary: described.summary ?? '',
        needs: described.description ?? '',
        tag: described.tags?.[0] ?? 'other',
        parameters: described.parameters ?? [],
        example: schema && JSON.stringify(exampleOf(schema, components?.schemas ?? {}, 0), undefined, 2),
      }
    }),
  )
}

const DEEPEST = 4

/** What must be there, as empty as it may be; where nothing must, the first few fields. */
function exampleOf(schema: Schema, named: Readonly<Record<string, Schema>>, depth: number): unknown {
  const of = schema.$ref === undefined ? schema : (named[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if (of.default !== undefined) return of.default
  if (of.enum) return of.enum[0]
  if (of.anyOf?.[0]) return exampleOf(of.anyOf[0], named, depth)
  const type = Array.isArray(of.type) ? of.type[0] : of.type
  if (type === 'array') return of.items && depth < DEEPEST ? [exampleOf(of.items, named, depth + 1)] : []
  if (type === 'integer' || type === 'number') return 0
  if (type === 'boolean') return false
  if (type === 'string') return ''
  const properties = Object.entries(of.properties ?? {})
  const must = properties.filter(([name]) => of.required?.includes(name))
  const shown = depth >= DEEPEST ? [] : must.length > 0 ? must : properties.slice(0, 3)
  return Object.fromEntries(shown.map(([name, one]) => [name, exampleOf(one, named, depth + 1)]))
}

/** The path with what was filled in; undefined while something that must be there is not. */
export function pathWith(
  { path, parameters }: Operation,
  values: Readonly<Record<string, string>>,
): string | undefined {
  const missing = parameters.some(({ name, in: where, required }) => where === 'path' && required && !values[name])
  if (missing) return undefined
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  const query = new URLSearchParams(
    parameters.flatMap(({ name, in: where }) => (where === 'query' && values[name] ? [[name, values[name]]] : [])),
  )
  return query.size === 0 ? filled : `${filled}?${query}`
}

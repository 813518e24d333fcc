/** Errors become answers: problem details (RFC 9457), one table from code to status, and no stack for anybody outside. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Log } from '../lib/log.ts'
import { type ErrorCode, OrchestraError } from '../model/errors.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** One sentence for people. */
  readonly detail: string
  readonly code: string
  /** The field that is wrong, where there is one. */
  readonly field?: string
}

const ANSWERS: Record<ErrorCode, readonly [status: number, title: string]> = {
  'item.missing': [404, 'Not found'],
  'item.exists': [409, 'Already taken'],
  'item.invalid': [422, 'Not a valid object'],
  'item.in-use': [409, 'In use by others'],
  'item.stale': [412, 'Changed in between'],
  'machine.taken': [409, 'Not to be had'],
  'machine.free': [409, 'Nobody has it'],
  'request.reused': [422, 'Key of another request'],
  'job.cancelled': [409, 'Given up'],
  'auth.login': [401, 'Login failed'],
  'auth.token': [401, 'Not logged in'],
  'auth.denied': [403, 'Not allowed'],
  'auth.limited': [429, 'Too many failed logins'],
  'power.unsupported': [422, 'The power driver cannot do this'],
  'power.failed': [502, 'The machine did not obey'],
  'power.busy': [409, 'Another power action is under way'],
  'template.invalid': [500, 'A template cannot be rendered'],
  'content.invalid': [422, 'Not what can be imported'],
  'network.refused': [409, 'Not possible from here'],
  'config.invalid': [500, 'Wrong configuration'],
}

function problemOf(error: unknown): Problem {
  if (error instanceof OrchestraError) {
    // A write that names a profile which is not there was sent to the right address: the field is what is wrong.
    const code = error.code === 'item.missing' && error.field !== undefined ? 'item.invalid' : error.code
    const [status, title] = ANSWERS[code]
    return problem(status, title, error.message, error.code, error.field)
  }
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error.validation)
  const { statusCode = 500, message } = error as FastifyError
  if (statusCode === 415) {
    return badRequest(415, 'Send JSON, with Content-Type: application/json.')
  }
  if (statusCode >= 400 && statusCode < 500) {
    return badRequest(statusCode, message)
  }
  return problem(500, 'Internal error', 'Something is broken in Orchestra; its log says what.', 'internal')
}

interface Fault {
  readonly instancePath: string
  readonly message?: string | undefined
  readonly params?: Readonly<Record<string, unknown>>
}

/** Every fault with its field, the first one's field for machines. */
function invalidRequest(faults: readonly Fault[]): Problem {
  const named = faults.flatMap(({ instancePath, message = 'is not valid', params }) => {
    const path = instancePath.split('/').filter((part) => part !== '')
    const unknown = params?.['keys']
    if (!Array.isArray(unknown)) return [{ field: path.join('.'), message }]
    return unknown.map((key) => ({ field: [...path, String(key)].join('.'), message: 'there is no such field' }))
  })
  const detail = named.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ')
  return problem(400, 'Not a good request', detail, 'request.invalid', named[0]?.field || undefined)
}

export function badRequest(status: number, detail: string): Problem {
  return problem(status, 'Not a good request', detail, 'request.invalid')
}

export function notFound(method: string, url: string): Problem {
  return problem(404, 'Not found', `There is nothing at ${method} ${url}.`, 'request.unknown')
}

function problem(status: number, title: string, detail: string, code: string, field?: string): Problem {
  const type = `urn:orchestra:error:${code}`
  return field === undefined ? { type, title, status, detail, code } : { type, title, status, detail, code, field }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  // A string: schemas of a route's own answers do not describe its problems.
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** @param log hears of bugs only: what a client did wrong is told to the client. */
export function errorHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    // A body that nobody can read, sent to a path that nobody serves: the path is the news.
    if (request.is404) return sendProblem(reply, notFound(request.method, pathOf(request)))
    const answer = problemOf(error)
    if (answer.status >= 500) log.error({ err: error, method: request.method, path: pathOf(request) }, answer.detail)
    return sendProblem(reply, answer)
  }
}

/** Without the query, which may hold what is nobody's business, and without the token of a metadata path. */
export function pathOf(request: FastifyRequest): string {
  return (request.url.split('?', 1)[0] ?? '').replace(/^\/metadata\/[^/]+/, '/metadata/[token]')
}

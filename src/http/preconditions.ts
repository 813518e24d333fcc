/** `If-Match` and `If-None-Match` (RFC 9110 13.1) against the revision of an object, which is its entity tag. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OrchestraError } from '../model/errors.ts'

interface Versioned {
  readonly name: string
  /** Undefined: it is not there. */
  readonly revision: number | string | undefined
}

/** @throws OrchestraError item.stale */
export function checkMatch(request: FastifyRequest, { name, revision }: Versioned): void {
  const wanted = request.headers['if-match']
  if (wanted === undefined) return
  if (revision === undefined)
    throw new OrchestraError('item.stale', `${name} is not there any more; read the list again`)
  if (wanted.trim() === '*' || tagsOf(wanted).includes(`"${revision}"`)) return
  throw new OrchestraError(
    'item.stale',
    `${name} was changed in between (it is at revision ${revision}); read it again`,
  )
}

/** The one revision that may be changed; undefined: any, or one of several. */
export function wantedRevision(request: FastifyRequest): number | undefined {
  const [tag, ...more] = tagsOf(request.headers['if-match'] ?? '')
  return tag !== undefined && more.length === 0 && /^"\d+"$/.test(tag) ? Number(tag.slice(1, -1)) : undefined
}

/** With its entity tag; without its body for who has it already. */
export function sendVersion(
  request: FastifyRequest,
  reply: FastifyReply,
  revision: number | string,
  answer: object,
): FastifyReply {
  return sendTagged(request, reply, `"${revision}"`, answer)
}

/** @param tag with its quotes @param answer a text is JSON already */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  answer: object | string,
): FastifyReply {
  reply.header('etag', tag)
  const known = request.method === 'GET' || request.method === 'HEAD' ? request.headers['if-none-match'] : undefined
  if (known !== undefined && (known.trim() === '*' || tagsOf(known).some((one) => one.replace(/^W\//, '') === tag))) {
    return reply.code(304).send()
  }
  return reply.type('application/json; charset=utf-8').send(answer)
}

function tagsOf(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}

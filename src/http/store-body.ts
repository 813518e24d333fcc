/** Bytes in and out of the store, for each door that leads to it: bodies that are streams, and files that are sent. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { drain } from '../webdav/body.ts'
import type { DavAnswer, DavRequest } from '../webdav/store.ts'

/** A sender that is silent for so long in the middle of a body has gone. */
const SILENCE = 120_000

/** Bodies are streams, of any type or none: the clients of 2011 name none when they PUT. */
export function takeStreams(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.addHook('onRequest', async ({ raw }) => void delete raw.headers['content-type'])
}

/** What a method of the store is asked with. */
export function askedOf(request: FastifyRequest): Pick<DavRequest, 'headers' | 'body' | 'hasBody' | 'isHttp10'> {
  const { raw } = request
  const { 'transfer-encoding': coding, 'content-length': length } = raw.headers
  const hasBody = coding !== undefined || Number(length ?? 0) > 0
  return { headers: plainHeaders(request), body: raw, hasBody, isHttp10: raw.httpVersion === '1.0' }
}

export function guardSilence({ raw }: FastifyRequest): void {
  // A request that came over no connection has no clock.
  if (!('setTimeout' in raw)) return
  raw.setTimeout(SILENCE)
  raw.once('end', () => raw.setTimeout(0))
}

/**
 * Where the connection stays open, what is left of a body is read and forgotten after the answer. Where it closes, bytes
 * that come too late would take the answer with them: they are waited for.
 */
function canAnswerEarly({ raw }: FastifyRequest): boolean {
  return raw.httpVersion !== '1.0' && !/\bclose\b/i.test(raw.headers.connection ?? '')
}

/** Before an answer that may come in the middle of a body. @throws what the connection says when it breaks */
export async function restOfBody(request: FastifyRequest, isWanted = false): Promise<void> {
  if (isWanted || !canAnswerEarly(request)) await drain(request.raw)
}

/** As text each; of one that was sent several times, Node has joined or chosen already. */
function plainHeaders({ raw }: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(raw.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

/** Status and headers are set already. */
export async function sendBody(
  reply: FastifyReply,
  method: string,
  { status, body }: Pick<DavAnswer, 'status' | 'body'>,
): Promise<FastifyReply> {
  if (status === 204 || status === 304) return reply.send()
  const bytes = typeof body === 'string' || body === undefined ? Buffer.from(body ?? '') : undefined
  const length = bytes?.length ?? (typeof body === 'object' ? body.length : 0)
  // With its length said, nothing is chunked: the clients of 2011 know no chunks.
  reply.raw.setHeader('Content-Length', length)
  if (bytes || typeof body !== 'object') return reply.send(method === 'HEAD' ? undefined : bytes)
  if (method === 'HEAD' || length === 0) {
    await body.file.close()
    return reply.send()
  }
  return reply.send(body.file.stream({ start: body.start, end: body.start + length - 1 }))
}

/** OPTIONS (RFC 4918 section 10.1): what the store can do. */
import type { DavAnswer } from '../store.ts'

export const METHODS = [
  ...['OPTIONS', 'GET', 'HEAD', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK'],
] as const

export async function options(): Promise<DavAnswer> {
  return {
    status: 200,
    // Windows asks for a Web folder only when the last header is there.
    headers: { dav: '1, 2', allow: METHODS.join(', '), 'ms-author-via': 'DAV', 'accept-ranges': 'bytes' },
    body: '',
  }
}

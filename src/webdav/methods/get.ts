/** GET and HEAD (RFC 9110 section 9.3): a file, whole or a part of it; of a folder, a page for people. */
import { rangeOf } from '../conditions.ts'
import { checkThere, validators } from '../guard.ts'
import { indexPage } from '../index-page.ts'
import { nameOf } from '../path.ts'
import { Refusal } from '../refusal.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'

export async function get(store: Store, request: DavRequest): Promise<DavAnswer> {
  const { node } = await checkThere(store, request)
  if (node.kind === 'folder') {
    const body = indexPage(node.path, await store.tree.list(node.path))
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' }, body }
  }
  const found = await store.tree.open(node.path)
  if (!found) throw new Refusal(404, 'it is gone')
  const { file, size } = found
  const headers = { ...validators(found), 'content-type': contentType(node.path), 'accept-ranges': 'bytes' }
  const range = request.method === 'GET' ? rangeOf(request.headers, found, size) : undefined
  if (range === 'none of it') {
    await file.close()
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: '' }
  }
  if (!range) return { status: 200, headers, body: { file, start: 0, length: size } }
  const { start, end } = range
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}` },
    body: { file, start, length: end - start + 1 },
  }
}

/** Never one that a browser runs: these files are anybody's, and the address is that of our own pages. */
const TYPES: Readonly<Record<string, string>> = {
  cfg: 'text/plain; charset=utf-8',
  conf: 'text/plain; charset=utf-8',
  gz: 'application/gzip',
  jpg: 'image/jpeg',
  json: 'application/json',
  log: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  png: 'image/png',
  seed: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  yml: 'text/plain; charset=utf-8',
  zip: 'application/zip',
}

export function contentType(path: string): string {
  const ending = /\.([^.]+)$/.exec(nameOf(path))?.[1]?.toLowerCase() ?? ''
  return (Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined) ?? 'application/octet-stream'
}

/** The store over a folder and a database of its own, asked without a socket between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  changeDavProperties,
  copyDavProperties,
  findDavProperties,
  removeDavProperties,
} from '../../src/store/dav-properties.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { openWebDav, type WebDav } from '../../src/webdav/handle.ts'
import type { DeadProperties, FileBody } from '../../src/webdav/store.ts'
import { fixedClock } from '../support/store.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
  readonly principal?: string
}

export async function testDav({ quotaBytes }: { quotaBytes?: number } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'orchestra-webdav-'))
  const db = await openDb(':memory:')
  const clock = fixedClock()
  const properties = propertiesIn(db)
  const open = () => openWebDav({ data, clock, properties, quotaBytes, url: undefined })
  let dav: WebDav = await open()

  async function ask(
    method: string,
    path: string,
    { headers = {}, body, principal = 'ann' }: Ask = {},
  ): Promise<Answer> {
    const answer = await dav.answer({
      ...{ method, principal, isHttp10: false, hasBody: body !== undefined, headers: { host: 'here', ...headers } },
      target: path.startsWith('http') ? path : `/webdav${path}`,
      body: typeof body === 'object' ? body : Readable.from(body === undefined ? [] : [Buffer.from(body)]),
    })
    const { body: sent } = answer
    const text = typeof sent === 'object' ? await textOf(sent) : (sent ?? '')
    return { status: answer.status, headers: answer.headers ?? {}, text }
  }

  return {
    ...{ data, db, clock, properties, ask, dav },
    root: join(data, 'webdav'),
    drafts: join(data, 'webdav-uploads'),
    /** As after the process has ended and begun again. */
    async reopen() {
      dav = await open()
    },
    async close() {
      await db.destroy()
      rmSync(data, { recursive: true })
    },
  }
}

async function textOf({ file, start, length }: FileBody): Promise<string> {
  if (length > 0) return (await buffer(file.stream({ start, end: start + length - 1 }))).toString()
  await file.close()
  return ''
}

export function propertiesIn(db: Db): DeadProperties {
  return {
    find: (paths) => findDavProperties(db, paths),
    change: (path, changes) => changeDavProperties(db, path, changes),
    copy: (from, to, shallow) => copyDavProperties(db, from, to, shallow),
    remove: (path) => removeDavProperties(db, path),
  }
}

export const lockInfo = (scope = 'exclusive') =>
  `<lockinfo xmlns="DAV:"><lockscope><${scope}/></lockscope><locktype><write/></locktype><owner>me</owner></lockinfo>`

export const setProperty = (name: string, value: string) =>
  `<propertyupdate xmlns="DAV:"><set><prop><${name} xmlns="u:t">${value}</${name}></prop></set></propertyupdate>`

export const askProperty = (name: string) => `<propfind xmlns="DAV:"><prop><${name} xmlns="u:t"/></prop></propfind>`

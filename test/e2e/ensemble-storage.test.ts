/** The file storage of the Ensemble client against our WebDAV: its dialect of Digest, its manners, and a site's settings. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Environment } from '../support/ensemble-client.ts'
import { StorageError } from '../support/ensemble-client-storage.ts'
import { Fault } from '../support/ensemble-client-xmlrpc.ts'
import { type Site, startSite } from './ensemble-site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite(['node01'])
})
const storage = (environment: Partial<Environment> = {}) => site.client('2011', environment).storage

describe('the storage', () => {
  test('38. keeps what is put, by one process again and again, and gives it to anybody', async () => {
    const files = storage()
    for (const text of ['storage is writable', 'again', '{}\n']) {
      await files.put('bootstrap-verify', text)
      expect(String(await storage({ 'orchestra-pass': 'not needed to read' }).get('bootstrap-verify'))).toBe(text)
    }
    expect(await files.get('provider-state')).toBeUndefined()
  })

  test('takes charm bundles of some megabytes, sent whole before and after the challenge', async () => {
    const bundle = randomBytes(8_000_000)
    await storage().put('local_3a_oneiric_2f_mysql-11_3a_c0ffee', bundle)
    expect((await storage().get('local_3a_oneiric_2f_mysql-11_3a_c0ffee'))?.equals(bundle)).toBe(true)
    await storage().put('local_3a_oneiric_2f_mysql-11_3a_c0ffee', Buffer.alloc(0))
    expect(await storage().get('local_3a_oneiric_2f_mysql-11_3a_c0ffee')).toHaveLength(0)
  })

  test('40. has the folder of July 2011, and makes others on the way', async () => {
    await storage().put('formulas/mysql-11', 'a formula')
    expect(String(await storage().get('formulas/mysql-11'))).toBe('a formula')
    const below = storage({ 'storage-url': `http://${site.server}/webdav/site/two?query#fragment` })
    await below.put('deep/er', 'made')
    expect(String(await storage().get('site/two/deep/er'))).toBe('made')
  })

  test.each(['with blank', 'é€😀', '100%', 'a~b(c)!*', 'x+y&z=1', "it's", 'semi;colon:at@', '%2f', '#hash?'])(
    'keeps a file of the name "%s" by that name',
    async (name) => {
      await storage().put(name, name)
      expect(String(await storage().get(name))).toBe(name)
    },
  )

  test('is not written by a wrong password, nor read out of its folder', async () => {
    const wrong = storage({ 'storage-user': 'cobbler', 'storage-pass': 'wrong' })
    await expect(wrong.put('refused', 'x')).rejects.toThrow('credentials not accepted')
    await expect(storage({ 'storage-user': 'nobody' }).put('refused', 'x')).rejects.toThrow('credentials not accepted')
    expect(await storage().get('refused')).toBeUndefined()
    const outside = await storage()
      .get('../orchestra.db')
      .catch(() => undefined)
    expect(outside).toBeUndefined()
  })

  test('outlives the daemon', async () => {
    await storage().put('kept', 'over a restart')
    await site.daemon.restart()
    expect(String(await storage().get('kept'))).toBe('over a restart')
    await storage().put('kept', 'and written after it')
  })

  test('left no fault and no password in the log', () => {
    const records = site.daemon.records()
    expect(records.filter(({ level }) => Number(level) >= 50)).toEqual([])
    expect(JSON.stringify(records)).not.toMatch(/response=|Digest username/)
  })
})

describe('a site', () => {
  test('39. that lets everybody write needs no password', async () => {
    const open = await startSite([], {
      config: { admin: { user: 'cobbler' }, webdav: { anonymous_write: true, anonymous_read: true } },
    })
    const client = open.client('july 2011', { 'storage-pass': 'wrong' })
    await client.storage.put('formulas/x', 'by anybody')
    expect(String(await client.storage.get('formulas/x'))).toBe('by anybody')
  })

  test('that was not set up for these clients refuses them at their first look', async () => {
    const closed = await startSite(['node01'], { config: { admin: { user: 'cobbler' } } })
    const client = closed.client()
    await expect(client.storage.get('provider-state')).rejects.toThrow(StorageError)
    const refusal = await client.look().catch((cause: unknown) => cause)
    expect(refusal).toBeInstanceOf(Fault)
  })
})

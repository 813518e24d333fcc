/** Locks as clients take, use, refresh and leave them, through the methods that they hold up. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockInfo, setProperty, testDav } from './store.ts'

let dav: Awaited<ReturnType<typeof testDav>>
beforeEach(async () => {
  dav = await testDav()
})
afterEach(() => dav.close())

const put = (path: string, body = 'hello', headers = {}) => dav.ask('PUT', path, { body, headers })
const status = async (method: string, path: string, ask = {}) => (await dav.ask(method, path, ask)).status
const to = (path: string, more = {}) => ({ headers: { destination: `http://here/webdav${path}`, ...more } })
const lock = async (path: string, headers = {}, scope = 'exclusive', principal = 'ann') => {
  const answer = await dav.ask('LOCK', path, { body: lockInfo(scope), headers, principal })
  return { ...answer, token: answer.headers['lock-token'] ?? '' }
}

describe('a lock', () => {
  test('keeps others out, also with its token, and lets its owner in', async () => {
    await put('/x')
    const { token, status: code } = await lock('/x')
    expect(code).toBe(200)
    const named = { headers: { if: `(${token})` } }
    for (const method of ['PUT', 'DELETE', 'PROPPATCH', 'MOVE']) {
      const ask = { body: setProperty('color', 'red'), headers: { destination: '/webdav/y' } }
      expect(await status(method, '/x', ask)).toBe(423)
      expect(
        await status(method, '/x', { ...ask, headers: { ...ask.headers, ...named.headers }, principal: 'bob' }),
      ).toBe(423)
    }
    expect((await put('/x', 'mine', named.headers)).status).toBe(204)
    expect(await status('UNLOCK', '/x', { headers: { 'lock-token': token }, principal: 'bob' })).toBe(403)
    expect(await status('UNLOCK', '/x', { headers: { 'lock-token': '<urn:uuid:other>' } })).toBe(409)
    expect(await status('UNLOCK', '/x', { headers: { 'lock-token': token } })).toBe(204)
    expect((await put('/x')).status).toBe(204)
  })

  test('on a folder keeps what is in it, deep or flat', async () => {
    await put('/d/f')
    await put('/d/e/f')
    const flat = await lock('/d', { depth: '0' })
    expect(flat.text).toMatch(/<D:timeout>Second-3600</)
    for (const [method, path, wanted] of [
      ['PUT', '/d/new', 423],
      ['MKCOL', '/d/new', 423],
      ['DELETE', '/d/f', 423],
      ['PUT', '/d/deep/new', 423],
      ['PUT', '/d/f', 204],
      ['PUT', '/d/e/new', 201],
    ] as const) {
      expect([path, await status(method, path, method === 'PUT' ? { body: 'x' } : {})]).toEqual([path, wanted])
    }
    await dav.ask('UNLOCK', '/d', { headers: { 'lock-token': flat.token } })
    const deep = await lock('/d', { timeout: 'Infinite, Second-1' })
    expect(deep.text).toMatch(/<D:timeout>Second-86400</)
    expect((await put('/d/e/f')).status).toBe(423)
    expect((await put('/d/e/f', 'x', { if: `</webdav/d> (${deep.token})` })).status).toBe(204)
    expect((await dav.ask('PROPFIND', '/d/e/f')).text).toContain('<D:lockroot><D:href>/webdav/d</D:href>')
  })

  test('on a member is in the way of the folder’s, and is named', async () => {
    await put('/d/f')
    await lock('/d/f')
    const answer = await lock('/d', {}, 'shared', 'bob')
    expect(answer.status).toBe(207)
    expect(answer.text).toMatch(/<D:href>\/webdav\/d\/f<\/D:href><D:status>HTTP\/1.1 423/)
    expect(answer.text).toMatch(/<D:href>\/webdav\/d<\/D:href><D:status>HTTP\/1.1 424/)
    expect(await status('DELETE', '/d')).toBe(423)
    expect(await status('MOVE', '/d', to('/e'))).toBe(423)
    expect(await status('COPY', '/d', to('/e'))).toBe(201)
  })

  test('on what is not there makes an empty file, which stays; and its folder has to be there', async () => {
    expect((await lock('/new')).status).toBe(201)
    expect((await dav.ask('GET', '/new')).text).toBe('')
    expect((await lock('/no/new')).status).toBe(409)
    expect((await lock('/no/')).status).toBe(409)
    dav.clock.advance(3_600_000)
    expect((await put('/new')).status).toBe(204)
  })

  test('does not go where its resource goes', async () => {
    const { token } = await lock('/x')
    expect(await status('MOVE', '/x', to('/y', { if: `(${token})` }))).toBe(201)
    expect((await put('/y')).status).toBe(204)
    expect((await put('/x')).status).toBe(201)
  })

  test('is refreshed from what it covers, by its owner only', async () => {
    await put('/d/f')
    const { token } = await lock('/d')
    const headers = { if: `(${token})`, timeout: 'Second-100' }
    expect((await dav.ask('LOCK', '/d/f', { headers })).text).toContain('Second-100')
    expect(await status('LOCK', '/d/f', { headers, principal: 'bob' })).toBe(412)
    expect(await status('LOCK', '/d/f', { headers: { if: '(<urn:uuid:no>)' } })).toBe(412)
    expect(await status('LOCK', '/d/f')).toBe(400)
  })

  test('is not taken by what is no lock', async () => {
    expect(await status('LOCK', '/x', { body: '<lockinfo/>' })).toBe(400)
    expect(await status('LOCK', '/x', { body: lockInfo(), headers: { depth: '1' } })).toBe(400)
    expect(await status('UNLOCK', '/x', { headers: { 'lock-token': 'urn' } })).toBe(400)
    expect(existsSync(join(dav.root, 'x'))).toBe(false)
  })
})

/** What the methods do to files, folders, properties and locks, and what they leave as it was. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askProperty, lockInfo, setProperty, testDav } from './store.ts'

let dav: Awaited<ReturnType<typeof testDav>>
beforeEach(async () => {
  dav = await testDav()
})
afterEach(() => dav.close())

const put = (path: string, body = 'hello', headers = {}) => dav.ask('PUT', path, { body, headers })
const status = async (method: string, path: string, ask = {}) => (await dav.ask(method, path, ask)).status
const to = (path: string, more = {}) => ({ headers: { destination: `http://here/webdav${path}`, ...more } })
const property = async (path: string) => {
  const { text } = await dav.ask('PROPFIND', path, { headers: { depth: '0' }, body: askProperty('color') })
  return /<color xmlns="u:t">(\w+)</.exec(text)?.[1]
}
const paint = (path: string, color: string) => dav.ask('PROPPATCH', path, { body: setProperty('color', color) })

describe('a store', () => {
  test('has formulas from the start, and is the same after a restart', async () => {
    expect(readdirSync(dav.root)).toEqual(['formulas'])
    expect((await put('/formulas/x')).status).toBe(201)
    await dav.reopen()
    expect((await dav.ask('GET', '/formulas/x')).text).toBe('hello')
  })

  test('clears away what a crash has left half, and never shows it', async () => {
    writeFileSync(join(dav.drafts, 'half'), 'ha')
    expect((await dav.ask('PROPFIND', '/')).text).not.toContain('half')
    expect(await status('GET', '/../webdav-uploads/half')).toBe(400)
    await dav.reopen()
    expect(readdirSync(dav.drafts)).toEqual([])
  })
})

describe('PUT and GET', () => {
  test('keep bytes under names with blanks, Unicode and percent signs, in upper and lower case', async () => {
    const names = ['a b', '100%', 'é', 'e\u0301', 'A', 'a', '日本', "it's", '+&=?#;', '<b>&"']
    for (const name of names) expect((await put(`/${encodeURIComponent(name)}`, name)).status).toBe(201)
    for (const name of names) expect((await dav.ask('GET', `/${encodeURIComponent(name)}`)).text).toBe(name)
    expect(readdirSync(dav.root).sort()).toEqual([...names, 'formulas'].sort())
  })

  test('make the folders that are missing, and a file is none', async () => {
    expect((await put('/a/b/c')).status).toBe(201)
    expect((await put('/a/b')).status).toBe(405)
    expect((await put('/a/b/c/d')).status).toBe(409)
    expect((await put('/a/b/d/')).status).toBe(409)
    expect((await put('/')).status).toBe(405)
  })

  test('tell one version from the next by a strong tag', async () => {
    const first = (await put('/x')).headers['etag']
    const second = await put('/x', 'other')
    expect(second.status).toBe(204)
    expect(first).toMatch(/^"[0-9a-f-]+"$/)
    expect(second.headers['etag']).not.toBe(first)
    expect((await dav.ask('GET', '/x')).headers['etag']).toBe(second.headers['etag'])
    expect((await put('/x', 'lost', { 'if-match': first })).status).toBe(412)
    expect((await put('/x', 'lost', { 'if-none-match': '*' })).status).toBe(412)
    expect((await put('/new', 'lost', { 'if-match': '*' })).status).toBe(412)
    const { etag = '' } = second.headers
    expect(await dav.ask('GET', '/x', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' })
    expect((await dav.ask('GET', '/x')).text).toBe('other')
  })

  test('give parts, and take none', async () => {
    await put('/x')
    expect(await dav.ask('GET', '/x', { headers: { range: 'bytes=1-2' } })).toMatchObject({
      ...{ status: 206, text: 'el', headers: { 'content-range': 'bytes 1-2/5' } },
    })
    expect(await status('GET', '/x', { headers: { range: 'bytes=9-' } })).toBe(416)
    expect((await put('/x', 'no', { 'content-range': 'bytes 0-1/5' })).status).toBe(400)
  })

  test('leave nothing of an upload that breaks off, and what was there stays', async () => {
    await put('/x', 'old')
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('new')
        throw new Error('gone')
      })(),
    )
    await expect(dav.ask('PUT', '/x', { body: broken })).rejects.toThrow('gone')
    expect((await dav.ask('GET', '/x')).text).toBe('old')
    expect(readdirSync(dav.drafts)).toEqual([])
  })

  test('show a folder to people, its names without power', async () => {
    await put(`/${encodeURIComponent('<script>alert(1)</script>".txt')}`.replace('%2F', ''))
    const page = await dav.ask('GET', '/')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.text).not.toContain('<script>')
    expect(page.text).toContain('&lt;script&gt;')
    await put('/x.html')
    expect((await dav.ask('GET', '/x.html')).headers['content-type']).toBe('application/octet-stream')
  })

  test('do not follow links, nor replace or list them', async () => {
    writeFileSync(join(dav.data, 'secret'), 'secret')
    mkdirSync(join(dav.data, 'outside'))
    symlinkSync(join(dav.data, 'secret'), join(dav.root, 'file'))
    symlinkSync(join(dav.data, 'outside'), join(dav.root, 'folder'))
    symlinkSync('formulas', join(dav.root, 'inside'))
    for (const path of ['/file', '/folder', '/folder/', '/inside/']) expect(await status('GET', path)).toBe(404)
    for (const path of ['/file', '/folder', '/inside']) {
      expect((await put(path)).status).toBe(403)
      for (const method of ['DELETE', 'MOVE', 'COPY']) expect(await status(method, path, to('/y'))).toBeGreaterThan(399)
      expect(await status('LOCK', path, { body: lockInfo() })).toBe(403)
    }
    expect((await put('/folder/x')).status).toBe(409)
    expect(await status('MKCOL', '/inside/x')).toBe(409)
    await put('/z')
    expect(await status('MOVE', '/z', to('/folder/z'))).toBe(409)
    expect(await status('COPY', '/z', to('/file'))).toBe(403)
    expect((await dav.ask('PROPFIND', '/')).text).not.toMatch(/file|folder|inside/)
    expect(readdirSync(join(dav.data, 'outside'))).toEqual([])
    expect(readFileSync(join(dav.data, 'secret'), 'utf8')).toBe('secret')
  })
})

describe('COPY and MOVE', () => {
  beforeEach(async () => {
    await put('/a/f', 'one')
    await put('/a/g/h', 'two')
    await paint('/a', 'red')
    await paint('/a/g/h', 'blue')
  })

  test('take folders with all that is in them, and properties', async () => {
    expect(await status('COPY', '/a', to('/b'))).toBe(201)
    expect(await status('MOVE', '/a', to('/c'))).toBe(201)
    for (const folder of ['/b', '/c']) {
      expect((await dav.ask('GET', `${folder}/g/h`)).text).toBe('two')
      expect([await property(folder), await property(`${folder}/g/h`)]).toEqual(['red', 'blue'])
    }
    expect(await status('GET', '/a')).toBe(404)
    expect(await dav.properties.find(['a', 'a/g/h'])).toEqual(new Map())
  })

  test('replace what is there, of whatever kind, with its properties', async () => {
    await put('/b')
    await paint('/b', 'green')
    expect(await status('COPY', '/a', to('/b', { overwrite: 'F' }))).toBe(412)
    expect(await property('/b')).toBe('green')
    expect(await status('COPY', '/a', to('/b'))).toBe(204)
    expect(await property('/b')).toBe('red')
    expect(await status('MOVE', '/b/f', to('/a'))).toBe(204)
    expect((await dav.ask('GET', '/a')).text).toBe('one')
    expect(await property('/a')).toBeUndefined()
    expect(await dav.properties.find(['a/g/h'])).toEqual(new Map())
    expect(readdirSync(dav.drafts)).toEqual([])
  })

  test('of depth 0 copy a folder alone', async () => {
    expect(await status('COPY', '/a', to('/b', { depth: '0' }))).toBe(201)
    expect(readdirSync(join(dav.root, 'b'))).toEqual([])
    expect(await property('/b')).toBe('red')
  })

  test.each([
    ['COPY', '/a', '/a', {}, 403],
    ['COPY', '/a', '/a/b', {}, 403],
    ['MOVE', '/a/g', '/a', {}, 403],
    ['MOVE', '/', '/b', {}, 403],
    ['COPY', '/a', '/no/b', {}, 409],
    ['COPY', '/a', '/a/f/b', {}, 403],
    ['COPY', '/no', '/b', {}, 404],
    ['COPY', '/a', '/b', { depth: '1' }, 400],
    ['MOVE', '/a', '/b', { depth: '0' }, 400],
    ['MOVE', '/a', '/b', { destination: 'http://there/webdav/b' }, 502],
    ['MOVE', '/a', '/b', { destination: '/elsewhere' }, 502],
    ['MOVE', '/a', '/b', { destination: '/webdav/../b' }, 400],
    ['MOVE', '/a', '/b', { overwrite: 'maybe' }, 400],
  ])('%s from %s to %s with %j: %i', async (method, from, path, more, wanted) => {
    expect(await status(method, from, to(path, more))).toBe(wanted)
    expect((await dav.ask('GET', '/a/g/h')).text).toBe('two')
  })
})

describe('properties', () => {
  test('are set all or none', async () => {
    await put('/x')
    const body = setProperty('color', 'red').replace('</prop>', '<D:getetag xmlns:D="DAV:">x</D:getetag></prop>')
    const { text, status } = await dav.ask('PROPPATCH', '/x', { body })
    expect(status).toBe(207)
    expect(text).toMatch(/403 Forbidden.*cannot-modify-protected-property.*424 Failed Dependency/s)
    expect(await property('/x')).toBeUndefined()
  })

  test('stay with a file that is written anew, and go with it', async () => {
    await put('/x')
    await paint('/x', 'red')
    await put('/x', 'new')
    expect(await property('/x')).toBe('red')
    await dav.ask('DELETE', '/x')
    await put('/x')
    expect(await property('/x')).toBeUndefined()
  })

  test('that a crash has left of nothing are not those of the next', async () => {
    await dav.properties.change('x/y', [{ namespace: 'u:t', name: 'color', xml: '<color xmlns="u:t">red</color>' }])
    await put('/x/y')
    expect(await property('/x/y')).toBeUndefined()
  })

  test('have a bound', async () => {
    await put('/x')
    const many = Array.from({ length: 300 }, (_, number) => `<p${number} xmlns="u:t"/>`).join('')
    const body = `<propertyupdate xmlns="DAV:"><set><prop>${many}</prop></set></propertyupdate>`
    expect((await dav.ask('PROPPATCH', '/x', { body })).text).toContain('507')
    expect(await dav.properties.find(['x'])).toEqual(new Map())
  })

  test('are told by name, and the quota only then', async () => {
    await put('/x')
    const all = await dav.ask('PROPFIND', '/', { headers: { depth: '1' } })
    expect(all.text).toContain('<D:href>/webdav/x</D:href>')
    expect(all.text).toContain('<D:getcontentlength>5</D:getcontentlength>')
    expect(all.text).not.toContain('quota')
    const body = '<propfind xmlns="DAV:"><prop><quota-used-bytes/><nonsense/></prop></propfind>'
    const { text } = await dav.ask('PROPFIND', '/', { body, headers: { depth: '0' } })
    expect(text).toContain('<D:quota-used-bytes>5</D:quota-used-bytes>')
    expect(text).toMatch(/<D:nonsense\/><\/D:prop><D:status>HTTP\/1.1 404/)
    const names = await dav.ask('PROPFIND', '/x', { body: '<propfind xmlns="DAV:"><propname/></propfind>' })
    expect(names.text).toContain('<D:getetag/>')
  })

  test('of all below are told within a bound', async () => {
    const folder = join(dav.root, 'many')
    mkdirSync(folder)
    for (let number = 0; number < 10_001; number++) writeFileSync(join(folder, String(number)), '')
    const answer = await dav.ask('PROPFIND', '/')
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('propfind-finite-depth')
    expect(await status('PROPFIND', '/many', { headers: { depth: '1' } })).toBe(207)
  })
})

describe('a quota', () => {
  test('is kept while bytes come, in uploads, copies and overwriting', async () => {
    await dav.close()
    dav = await testDav({ quotaBytes: 100 })
    const text = (length: number) => 'x'.repeat(length)
    expect((await put('/a', text(60))).status).toBe(201)
    expect((await put('/b', text(41), { 'content-length': '41' })).status).toBe(507)
    expect((await put('/b', text(41))).text).toContain('quota-not-exceeded')
    expect(await status('COPY', '/a', to('/b'))).toBe(507)
    expect((await put('/a', text(100))).status).toBe(204)
    expect(await status('DELETE', '/a')).toBe(204)
    expect((await put('/b', text(100))).status).toBe(201)
    expect(readdirSync(dav.drafts)).toEqual([])
    await dav.reopen()
    expect((await put('/c', 'x')).status).toBe(507)
    const two = ['/b', '/b'].map((path) => put(path, text(90)))
    expect((await Promise.all(two)).map(({ status }) => status)).toContain(204)
  })
})

test.each([
  ['MKCOL', '/a/b', {}, 409],
  ['MKCOL', '/formulas', {}, 405],
  ['MKCOL', '/new', { body: 'x' }, 415],
  ['DELETE', '/', {}, 403],
  ['DELETE', '/no', {}, 404],
  ['DELETE', '/formulas', { headers: { depth: '0' } }, 400],
  ['PROPFIND', '/', { headers: { depth: '2' } }, 400],
  ['PROPFIND', '/', { body: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }, 400],
  ['PROPPATCH', '/no', { body: setProperty('a', 'b') }, 404],
  ['PROPPATCH', '/formulas', { body: '' }, 400],
  ['GET', '/', { headers: { if: 'nonsense' } }, 400],
  ['GET', '/', { headers: { if: '(<urn:x>)' } }, 412],
  ['GET', '/', { headers: { if: '<http://else/> (Not <urn:x>)' } }, 200],
  ['PATCH', '/', {}, 405],
  ['OPTIONS', '/no', {}, 200],
])('%s %s with %j: %i', async (method, path, ask, wanted) => {
  expect((await dav.ask(method, path, ask)).status).toBe(wanted)
})

test('a body of XML is not read without end', async () => {
  expect((await dav.ask('PROPFIND', '/', { body: ' '.repeat(1_100_000) })).status).toBe(413)
})

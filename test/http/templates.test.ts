/** Templates over REST: what is built in, a site's own before it, history, lint, preview; and no way out of the folders. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as shapes from '../../src/http/answer-shapes.ts'
import { builtIn } from '../boot/golden-text.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const PATH = 'preseeds/default.seed'
const DEFAULT = builtIn('preseeds')('default.seed') ?? ''
const CHANGED = DEFAULT.replace('d-i clock-setup/utc boolean true', 'd-i clock-setup/utc boolean false')

const get = (path: string) => it.as('viewer', 'GET', `/api/templates/${path}`)
const put = async (path: string, payload: object, headers: Record<string, string> = {}, query = '') =>
  it.app.inject({
    method: 'PUT',
    url: `/api/templates/${path}${query}`,
    headers: { authorization: `Bearer ${await it.tokenOf('admin')}`, ...headers },
    payload,
  })
const remove = async (path: string, headers: Record<string, string> = {}) =>
  it.app.inject({
    method: 'DELETE',
    url: `/api/templates/${path}`,
    headers: { authorization: `Bearer ${await it.tokenOf('admin')}`, ...headers },
  })
const versions = async (path: string) =>
  (await it.as('viewer', 'GET', `/api/template-versions/${path}`)).json() as {
    version: number
    at: number
    by: string | null
    comment: string
    text: string | null
  }[]
const onDisk = (path: string, text: string, folder = it.site.data) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

describe('the list', () => {
  test('has all that is built in, with language, kind and users', async () => {
    const list = (await it.as('viewer', 'GET', '/api/templates')).json()
    for (const one of list) expect(shapes.templateEntry.parse(one)).toEqual(one)
    const of = (path: string) => list.find((one: { path: string }) => one.path === path)
    expect(of(PATH)).toEqual({
      ...{ path: PATH, kind: 'preseed', origin: 'built-in', language: 'handlebars', mtime: null },
      ...{ bytes: Buffer.byteLength(DEFAULT), usedBy: ['profile debian-13', 'preseeds/juju.seed'] },
    })
    expect(of('preseeds/scripts/late.sh')).toMatchObject({ kind: 'script', usedBy: ['every preseed'] })
    expect(of('templates/grub/install.cfg')).toMatchObject({ kind: 'template', usedBy: ['boot install (grub)'] })
    expect(of('templates/snippets/site.seed')).toMatchObject({ kind: 'snippet', usedBy: [PATH] })
  })

  test("has a site's own and what was uploaded, and says which engine reads each", async () => {
    const { files } = it.site
    const deed = { by: 'admin', comment: '' }
    await files.write('templates', 'a.ks', "$SNIPPET('net')\n", deed)
    await files.write('templates', 'b.ks', "#template=jinja2\n{% include 'keys' %}\n", deed)
    await files.write('snippets', 'net', 'x', deed)
    await files.write('snippets', 'keys', '{{ name }}', deed)
    await files.write('snippets', 'per_system/net/node1', 'y', deed)
    await files.write('scripts', 'hello', 'echo $name', deed)
    onDisk('templates/notes.txt', 'nothing reads this')
    onDisk(PATH, 'mine')
    const list = (await it.as('viewer', 'GET', '/api/templates')).json()
    const short = list.flatMap(({ path, kind, origin, language, usedBy }: Record<string, unknown>) =>
      origin === 'built-in' ? [] : [[path, kind, origin, language, usedBy]],
    )
    expect(short).toEqual([
      ['cobbler/scripts/hello', 'script', 'uploaded', 'cheetah', []],
      ['cobbler/snippets/keys', 'snippet', 'uploaded', 'jinja', ['cobbler/templates/b.ks']],
      ['cobbler/snippets/net', 'snippet', 'uploaded', 'cheetah', ['cobbler/templates/a.ks']],
      ['cobbler/snippets/per_system/net/node1', 'snippet', 'uploaded', 'cheetah', ['cobbler/templates/a.ks']],
      ['cobbler/templates/a.ks', 'autoinstall', 'uploaded', 'cheetah', []],
      ['cobbler/templates/b.ks', 'autoinstall', 'uploaded', 'jinja', []],
      [PATH, 'preseed', 'site', 'handlebars', ['profile debian-13', 'preseeds/juju.seed']],
      ['templates/notes.txt', 'template', 'site', 'text', []],
    ])
  })
})

describe('saving', () => {
  test("writes the site's own, which machines are given at once; history has both; reset brings the built-in back", async () => {
    await it.catalog.save('system', { ...it.catalog.draft('system'), name: 'node1', profile: 'debian-13' })
    const before = await get(PATH)
    expect(before.json()).toMatchObject({ text: DEFAULT, builtIn: DEFAULT, origin: 'built-in' })
    const saved = await put(PATH, { text: CHANGED, comment: 'local time' }, { 'if-match': String(before.headers.etag) })
    expect(saved.statusCode).toBe(200)
    expect(shapes.template.parse(saved.json())).toMatchObject({ origin: 'site', text: CHANGED, builtIn: DEFAULT })
    expect(saved.headers.etag).not.toBe(before.headers.etag)
    const file = join(it.site.data, PATH)
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([CHANGED, 0o600])
    expect(await it.site.install.systemPreseed('node1', '10.0.0.9')).toContain('clock-setup/utc boolean false')
    expect(await versions(PATH)).toEqual([
      { version: 2, at: it.clock.now(), by: 'admin', comment: 'local time', text: CHANGED },
      { version: 1, at: it.clock.now(), by: null, comment: 'built in', text: DEFAULT },
    ])

    expect((await remove(PATH)).statusCode).toBe(204)
    expect(existsSync(file)).toBe(false)
    expect((await get(PATH)).json()).toMatchObject({ text: DEFAULT, origin: 'built-in' })
    expect(await it.site.install.systemPreseed('node1', '10.0.0.9')).toContain('clock-setup/utc boolean true')
    expect((await versions(PATH))[0]).toMatchObject({ version: 3, by: 'admin', text: DEFAULT })
    expect((await remove(PATH)).statusCode).toBe(404)
  })

  test('is told as an event, and in the audit without the text', async () => {
    await put(PATH, { text: CHANGED })
    const events = (await it.as('viewer', 'GET', '/api/events.json')).json()
    expect(events.at(-1)).toMatchObject({ name: 'template.changed', payload: { path: PATH, by: 'admin' } })
    const [entry] = (await it.as('admin', 'GET', '/api/audit')).json()
    expect(entry).toMatchObject({
      user: 'admin',
      action: `PUT /api/templates/${PATH}`,
      fields: ['text', 'comment'],
      outcome: 'ok',
    })
  })

  test('what is there already is no new version', async () => {
    expect((await put(PATH, { text: CHANGED })).statusCode).toBe(200)
    expect((await put(PATH, { text: CHANGED })).statusCode).toBe(200)
    expect(await versions(PATH)).toHaveLength(2)
  })

  test('over what somebody else saved is a 412, and nothing is written', async () => {
    const { etag } = (await get(PATH)).headers
    expect((await put(PATH, { text: CHANGED })).statusCode).toBe(200)
    const lost = await put(PATH, { text: `${DEFAULT}# mine\n` }, { 'if-match': String(etag) })
    expect([lost.statusCode, lost.json().code]).toEqual([412, 'item.stale'])
    expect((await remove(PATH, { 'if-match': String(etag) })).statusCode).toBe(412)
    expect((await get(PATH)).json().text).toBe(CHANGED)
    expect((await put('preseeds/new.seed', { text: '' }, { 'if-match': '"x"' })).statusCode).toBe(412)
  })

  test('of two at once, who has seen the same, one wins', async () => {
    const etag = String((await get(PATH)).headers.etag)
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => put(PATH, { text: `${DEFAULT}# ${n}\n` }, { 'if-match': etag })),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412, 412])
    expect(await versions(PATH)).toHaveLength(2)
  })

  test('what does not lint is a 422 that names the lines, unless it is forced', async () => {
    const text = '# one\nd-i a/b string {{nobody}}\nd-i a/c string {{nothing}}\n'
    const refused = await put(PATH, { text })
    expect(refused.statusCode).toBe(422)
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.json()).toMatchObject({ code: 'item.invalid', field: 'text' })
    expect(refused.json().detail).toMatch(/line 2: "nobody" is not defined.*; line 3: "nothing" is not defined/)
    expect((await get(PATH)).json().origin).toBe('built-in')
    expect((await put(PATH, { text }, {}, '?force=true')).statusCode).toBe(200)
    expect((await get(PATH)).json().text).toBe(text)
    const broken = await put('cobbler/templates/x.ks', { text: '#if $x\n' })
    expect([broken.statusCode, broken.json().detail]).toEqual([422, expect.stringContaining('line 1: ')])
    expect((await put('cobbler/templates/x.ks', { text: '#if $x\n' }, {}, '?force=true')).statusCode).toBe(200)
  })

  test('what was changed by hand becomes a version of its own', async () => {
    await put(PATH, { text: CHANGED })
    onDisk(PATH, `${CHANGED}# by hand\n`)
    await put(PATH, { text: DEFAULT, comment: 'again' })
    expect((await versions(PATH)).map(({ by, comment }) => [by, comment])).toEqual([
      ['admin', 'again'],
      [null, 'changed by hand'],
      ['admin', ''],
      [null, 'built in'],
    ])
    rmSync(join(it.site.data, PATH))
    onDisk('preseeds/own.seed', 'd-i a/b string c\n')
    await put('preseeds/own.seed', { text: 'd-i a/b string d\n' })
    rmSync(join(it.site.data, 'preseeds/own.seed'))
    await put('preseeds/own.seed', { text: 'd-i a/b string e\n' })
    expect((await versions('preseeds/own.seed')).map(({ comment, text }) => [comment, text])).toEqual([
      ['', 'd-i a/b string e\n'],
      ['removed by hand', null],
      ['', 'd-i a/b string d\n'],
      ['before the first change', 'd-i a/b string c\n'],
    ])
  })

  test('keeps the newest fifty versions', async () => {
    for (let n = 1; n <= 60; n++) await put('templates/notes.txt', { text: `${n}` })
    const kept = await versions('templates/notes.txt')
    expect([kept.length, kept[0]?.text, kept.at(-1)?.text]).toEqual([50, '60', '11'])
  })

  test('what was uploaded by Cobbler has a history too, and goes while nobody uses it', async () => {
    const path = 'cobbler/templates/own.ks'
    await it.site.files.write('templates', 'own.ks', 'one\n', { by: 'otto', comment: 'by XML-RPC' })
    expect((await put(path, { text: 'two\n' })).json()).toMatchObject({
      origin: 'uploaded',
      text: 'two\n',
      builtIn: null,
    })
    expect((await versions(path)).map(({ by, text }) => [by, text])).toEqual([
      ['admin', 'two\n'],
      ['otto', 'one\n'],
    ])
    const profile = it.catalog.get('profile', 'debian-13')
    if (!profile) throw new Error('no profile')
    const used = await it.catalog.save('profile', { ...profile, autoinstall: 'own.ks' })
    const inUse = await remove(path)
    expect([inUse.statusCode, inUse.json().detail]).toEqual([409, expect.stringContaining('profile debian-13')])
    await it.catalog.save('profile', { ...used, autoinstall: 'default.seed' })
    expect((await remove(path)).statusCode).toBe(204)
    expect((await get(path)).statusCode).toBe(404)
    expect((await versions(path))[0]).toMatchObject({ by: 'admin', text: null })
  })
})

describe('no path leads out', () => {
  const OUT = [
    '..%2f..%2fetc%2fpasswd',
    'preseeds/..%2f..%2fsecret',
    'preseeds/%2e%2e/%2e%2e/secret',
    '%2fetc%2fpasswd',
    '/etc/passwd',
    'preseeds/a%00b',
    'preseeds/a%0ab',
    'preseeds/a%5c..%5cb',
    'preseeds//default.seed',
    'preseeds',
    'preseeds/',
    'cobbler/logs/node1/x',
    'cobbler/settings.json',
    'cobbler/templates',
    'boot/x',
    'orchestra.db',
    `preseeds/${'a'.repeat(300)}`,
  ]

  test.each(OUT)('%s', async (path) => {
    expect((await get(path)).statusCode).toBe(404)
    const answer = await put(path, { text: 'x' })
    expect([400, 404, 422]).toContain(answer.statusCode)
    expect((await remove(path)).statusCode).toBe(404)
    expect((await it.as('viewer', 'GET', `/api/template-versions/${path}`)).statusCode).toBe(404)
  })

  test.each(['../x', '/etc/passwd', 'preseeds/../../x', 'preseeds/a\0b', 'cobbler/logs/x', ''])(
    'to the linter and the preview: %j',
    async (path) => {
      for (const call of ['template-lint', 'template-preview']) {
        const answer = await it.as('viewer', 'POST', `/api/${call}`, { path, text: 'x' })
        expect([answer.statusCode, answer.json().field]).toEqual([422, 'path'])
      }
    },
  )

  test('by links', async () => {
    const { data } = it.site
    const secret = join(data, 'secret')
    writeFileSync(secret, 'sesame')
    mkdirSync(join(data, 'outside'))
    mkdirSync(join(data, 'preseeds'))
    symlinkSync(secret, join(data, 'preseeds/link.seed'))
    symlinkSync(join(data, 'outside'), join(data, 'preseeds/folder'))
    expect((await get('preseeds/link.seed')).statusCode).toBe(404)
    expect((await it.as('viewer', 'GET', '/api/templates')).body).not.toContain('link.seed')
    const through = await put('preseeds/folder/x.seed', { text: '# x\n' })
    expect(through.statusCode).toBe(422)
    expect(existsSync(join(data, 'outside/x.seed'))).toBe(false)
    // The link itself is replaced; what it led to stays.
    expect((await put('preseeds/link.seed', { text: '# x\n' })).statusCode).toBe(200)
    expect(readFileSync(secret, 'utf8')).toBe('sesame')
  })

  test('onto a folder', async () => {
    expect((await put('preseeds/scripts', { text: '' })).statusCode).toBe(422)
    onDisk('preseeds/empty/.x', '')
    rmSync(join(it.site.data, 'preseeds/empty/.x'))
    expect((await put('preseeds/empty', { text: '' })).statusCode).toBe(422)
    expect((await put('preseeds/default.seed/x', { text: '' })).statusCode).toBe(200)
  })
})

/** A template that is changed over REST is what the next installer is given, by the daemon that people run, fetched with curl. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'

let daemon: Daemon
let token: string
const PATH = 'preseeds/default.seed'

interface Answer<Body> {
  readonly status: number
  readonly etag: string | null
  readonly body: Body
}

/** Of a template, a preview or a problem. */
interface Told {
  readonly text: string
  readonly problems: readonly unknown[]
  readonly code: string
  readonly detail: string
}

async function api<Body = Told>(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const answer = await fetch(`${daemon.url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, etag: answer.headers.get('etag'), body: JSON.parse(text || 'null') as Body }
}

const historyOf = async (path: string) =>
  (await api<{ by: string | null; comment: string; text: string }[]>('GET', `template-versions/${path}`)).body

/** As an installer does. */
const fetched = () => exec('curl', ['-fsS', `${daemon.url}/cblr/svc/op/autoinstall/system/node1`])
const bootConfig = () => exec('curl', ['-fsS', `${daemon.url}/boot/pxelinux.cfg/01-52-54-00-77-00-01`])

beforeAll(async () => {
  daemon = await startDaemon()
  token = await daemon.token()
  const distro = { name: 'debian', kernel: '/srv/linux', initrd: '/srv/initrd.gz', arch: 'x86_64', breed: 'debian' }
  expect((await api('POST', 'distros', distro)).status).toBe(201)
  expect((await api('POST', 'profiles', { name: 'debian', distro: 'debian' })).status).toBe(201)
  const system = { name: 'node1', profile: 'debian', interfaces: { eth0: { macAddress: '52:54:00:77:00:01' } } }
  expect((await api('POST', 'systems', system)).status).toBe(201)
})

/** Tokens are made anew for each fetch. */
const withoutToken = (text: string) => text.replace(/\/metadata\/[\w.-]+/g, '/metadata/TOKEN')
/** The scripts, which have tokens in them. */
const withoutScripts = (text: string) => text.replace(/[A-Za-z0-9+/=]{200,}/g, 'SCRIPT')

test('a changed preseed is there at once, was previewed as it is, and goes again', async () => {
  const before = await fetched()
  const { body, etag } = await api('GET', `templates/${PATH}`)
  const text = body.text.replace('clock-setup/utc boolean true', 'clock-setup/utc boolean false')
  const preview = await api('POST', 'template-preview', { path: PATH, text, system: 'node1' })
  expect(preview.body.problems).toEqual([])

  const saved = await api('PUT', `templates/${PATH}`, { text, comment: 'local time' }, { 'if-match': String(etag) })
  expect(saved.status).toBe(200)
  const after = await fetched()
  expect(after).toContain('d-i clock-setup/utc boolean false\n')
  expect(withoutScripts(withoutToken(after))).toBe(withoutScripts(withoutToken(preview.body.text)))
  expect(withoutScripts(after)).not.toBe(withoutScripts(before))
  expect(statSync(join(daemon.data, PATH)).mode & 0o777).toBe(0o600)
  expect(statSync(join(daemon.data, 'preseeds')).mode & 0o777).toBe(0o700)

  const lost = await api('PUT', `templates/${PATH}`, { text: '# mine\n' }, { 'if-match': String(etag) })
  expect([lost.status, lost.body.code]).toEqual([412, 'item.stale'])
  const faulty = await api('PUT', `templates/${PATH}`, { text: '# a\n# {{nobody}}\n' })
  expect([faulty.status, faulty.body.detail]).toEqual([422, expect.stringContaining('line 2: "nobody" is not defined')])
  expect(withoutScripts(await fetched())).toBe(withoutScripts(after))

  await daemon.restart()
  const history = await historyOf(PATH)
  expect(history.map(({ by, comment }) => [by, comment])).toEqual([
    ['admin', 'local time'],
    [null, 'built in'],
  ])
  expect(history.map((one) => one.text)).toEqual([text, body.text])
  expect((await api('DELETE', `templates/${PATH}`)).status).toBe(204)
  expect(withoutScripts(await fetched()).replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')).toBe(
    withoutScripts(before).replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
  )
})

test('a changed boot template is what the loader is given, as it was previewed', async () => {
  const path = 'templates/pxelinux/install.cfg'
  const { body } = await api('GET', `templates/${path}`)
  const text = `# of this site\n${body.text}`
  const preview = await api('POST', 'template-preview', { path, text, system: 'node1' })
  expect((await api('PUT', `templates/${path}`, { text })).status).toBe(200)
  const given = await bootConfig()
  expect(given).toMatch(/^# of this site\n/)
  expect(withoutToken(given)).toBe(withoutToken(preview.body.text))
  expect((await api('DELETE', `templates/${path}`)).status).toBe(204)
  expect(await bootConfig()).not.toContain('of this site')
})

test('a file of the site by hand is given too, and is a version once it is saved here', async () => {
  mkdirSync(join(daemon.data, 'templates/snippets'), { recursive: true })
  const file = join(daemon.data, 'templates/snippets/site.seed')
  writeFileSync(file, '# by hand\n')
  expect(await fetched()).toContain('# by hand\n')
  expect((await api('PUT', 'templates/templates/snippets/site.seed', { text: '# by REST\n' })).status).toBe(200)
  expect(readFileSync(file, 'utf8')).toBe('# by REST\n')
  const history = await historyOf('templates/snippets/site.seed')
  expect(history.map(({ text, comment }) => [text, comment])).toEqual([
    ['# by REST\n', ''],
    ['# by hand\n', 'before the first change'],
  ])
  rmSync(file)
  expect(await fetched()).not.toContain('by REST')
})

test('what a client of Cobbler uploads has a history, and is previewed and given', async () => {
  const call = (method: string, ...args: string[]) => {
    const params = args.map((one) => `<param><value><string>${one}</string></value></param>`).join('')
    const xml = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`
    return exec('curl', ['-fsS', '-H', 'Content-Type: text/xml', '--data-binary', '@-', `${daemon.url}/cobbler_api`], {
      stdin: xml,
    })
  }
  const login = /<string>([^<]+)<\/string>/.exec(await call('login', 'admin', daemon.password))?.[1] ?? ''
  expect(await call('write_autoinstall_template', 'own.seed', 'd-i a/b string $name\n', login)).toContain('<boolean>1')
  const path = 'cobbler/templates/own.seed'
  expect(await historyOf(path)).toMatchObject([{ by: 'admin', comment: 'by XML-RPC' }])
  expect((await api('PATCH', 'systems/node1', { autoinstall: 'own.seed' })).status).toBe(200)
  const text = 'd-i a/c string $name\n'
  const preview = await api('POST', 'template-preview', { path, text, system: 'node1' })
  expect(preview.body).toEqual({ text: 'd-i a/c string node1\n', problems: [] })
  expect((await api('PUT', `templates/${path}`, { text })).status).toBe(200)
  expect(await fetched()).toBe('d-i a/c string node1\n')
})

test('no path leads out, also for a client that does not tidy it up', async () => {
  for (const path of ['../../etc/passwd', 'preseeds/../../../etc/passwd', 'preseeds/%2e%2e%2f%2e%2e%2fdaemon.json']) {
    const status = await exec('curl', [
      ...['-sS', '--path-as-is', '-o', '/dev/null', '-w', '%{http_code}'],
      ...['-H', `Authorization: Bearer ${token}`, `${daemon.url}/api/templates/${path}`],
    ])
    expect([path, status]).toEqual([path, '404'])
  }
})

/** The package proxy as apt-get and curl use it, through the real daemon: once from the mirror, then without it. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ExecError, exec } from '../../src/lib/exec.ts'
import { fileOf, type Mirror, startMirror } from '../proxy/mirror.ts'
import { type Daemon, daemonEnv, runOrchestra, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const MB = 1024 * 1024
const DEB = 'pool/main/h/hello/hello_1.0_all.deb'

let mirror: Mirror
let daemon: Daemon
let folder: string

beforeAll(async () => {
  await needPackages('apt-utils', 'curl', 'dpkg-dev')
  folder = temporaryFolder()
  mirror = await startMirror()
  await makeRepository(join(folder, 'debian'))
  daemon = await startDaemon({
    config: {
      proxy: { enabled: true, listen: '127.0.0.1:0', mirrors: [`127.0.0.1:${mirror.port}`], cache_bytes: 100 * MB },
    },
  })
}, 600_000)
afterAll(() => mirror?.close())

const proxyUrl = () => `http://${daemon.listening().proxy}`
const curl = (...args: string[]) => exec('curl', ['-sS', '-x', proxyUrl(), ...args])
const lines = (path: string) => mirror.asked.filter(({ line }) => line.endsWith(path)).map(({ line }) => line)

/** A package of three megabytes, and the indexes that lead to it. */
async function makeRepository(root: string): Promise<void> {
  const tree = join(folder, 'hello')
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  const control = {
    Package: 'hello',
    Version: '1.0',
    Architecture: 'all',
    Maintainer: 'A <a@lab>',
    Description: 'hello',
  }
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `${Object.entries(control)
      .map((pair) => pair.join(': '))
      .join('\n')}\n`,
  )
  writeFileSync(join(tree, 'payload'), randomBytes(3 * MB))
  mkdirSync(dirname(join(root, DEB)), { recursive: true })
  await exec('dpkg-deb', ['--build', '--root-owner-group', tree, join(root, DEB)])
  const arch = (await exec('dpkg', ['--print-architecture'])).trim()
  const index = `dists/stable/main/binary-${arch}`
  mkdirSync(join(root, index), { recursive: true })
  writeFileSync(
    join(root, index, 'Packages'),
    await exec('dpkg-scanpackages', ['--multiversion', 'pool'], { cwd: root }),
  )
  writeFileSync(
    join(root, 'dists/stable/Release'),
    await exec('apt-ftparchive', ['release', 'dists/stable'], { cwd: root }),
  )
  for (const path of [DEB, `${index}/Packages`, 'dists/stable/Release']) {
    mirror.files.set(`/debian/${path}`, fileOf(readFileSync(join(root, path))))
  }
}

/** An apt that knows nothing of this machine's, and has seen nothing yet. Answers the bytes of the package. */
async function aptFetch(): Promise<Buffer> {
  const dir = join(folder, 'apt')
  rmSync(dir, { recursive: true, force: true })
  for (const part of [
    'etc/apt.conf.d',
    'etc/preferences.d',
    'etc/sources.list.d',
    'state/lists/partial',
    'cache/archives/partial',
    'down',
  ]) {
    mkdirSync(join(dir, part), { recursive: true })
  }
  writeFileSync(join(dir, 'etc/sources.list'), `deb [trusted=yes] http://127.0.0.1:${mirror.port}/debian stable main\n`)
  writeFileSync(join(dir, 'status'), '')
  const conf = join(dir, 'apt.conf')
  const options = {
    'Dir::Etc': join(dir, 'etc'),
    'Dir::State': join(dir, 'state'),
    'Dir::State::status': join(dir, 'status'),
    'Dir::Cache': join(dir, 'cache'),
    'APT::Sandbox::User': 'root',
    'Acquire::http::Proxy': proxyUrl(),
    'Acquire::Languages': 'none',
  }
  writeFileSync(
    conf,
    Object.entries(options)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  )
  const apt = (...args: string[]) =>
    exec('apt-get', ['-q', ...args], { cwd: join(dir, 'down'), env: { APT_CONFIG: conf } })
  await apt('update', '--error-on=any')
  await apt('download', 'hello')
  return readFileSync(join(dir, 'down/hello_1.0_all.deb'))
}

describe('apt-get', () => {
  test('gets its indexes and its package from the mirror, and from then on without it', async () => {
    const deb = readFileSync(join(folder, 'debian', DEB))
    expect((await aptFetch()).equals(deb)).toBe(true)
    expect(lines(DEB)).toEqual([`GET /debian/${DEB}`])
    expect((await aptFetch()).equals(deb)).toBe(true)
    expect(lines(DEB)).toHaveLength(1)
    expect(lines('Release').length).toBeGreaterThan(1)

    const { port, files } = mirror
    await mirror.close()
    expect((await aptFetch()).equals(deb)).toBe(true)
    mirror = await startMirror(port)
    for (const [path, file] of files) mirror.files.set(path, file)
    await daemon.kill9()
    await daemon.restart()
    expect((await aptFetch()).equals(deb)).toBe(true)
    expect(lines(DEB)).toEqual([])
  })
})

describe('curl', () => {
  const url = () => mirror.url(`/debian/${DEB}`)

  test('gets parts and heads', async () => {
    const deb = readFileSync(join(folder, 'debian', DEB))
    const out = join(folder, 'part')
    await curl('-o', out, '-r', '1000-1999', url())
    expect(readFileSync(out).equals(deb.subarray(1000, 2000))).toBe(true)
    writeFileSync(out, deb.subarray(0, 12_345))
    await curl('-o', out, '-C', '-', url())
    expect(readFileSync(out).equals(deb)).toBe(true)
    const head = await curl('-I', url())
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toMatch(new RegExp(`\\r\\ncontent-length: ${deb.length}\\r\\n`, 'i'))
    expect(head).toMatch(/\r\nx-cache: HIT\r\n/i)
    const old = await exec('curl', ['-sS', '-0', '-x', proxyUrl(), '-o', out, '-w', '%{http_code}', url()])
    expect([old, readFileSync(out).equals(deb)]).toEqual(['200', true])
  })

  test.each([
    ['http://example.com/', '403'],
    ['http://169.254.169.254/latest/meta-data/', '403'],
    ['http://127.0.0.1:1/', '403'],
    ['https://deb.debian.org/', '403'],
  ])('may not go to %s', async (target, code) => {
    const said = await curl('-o', '/dev/null', '-w', '%{http_code} %{http_connect}', target).catch((error: unknown) => {
      if (error instanceof ExecError) return error.stderr
      throw error
    })
    expect(said).toContain(code)
  })

  test('may not go to the API of the daemon, nor in a circle', async () => {
    for (const target of [`${daemon.url}/api/version`, `${proxyUrl()}/`]) {
      expect(await curl('-o', '/dev/null', '-w', '%{http_code}', target)).toBe('403')
    }
  })

  test('fifty times at once is one question to the mirror', async () => {
    const body = randomBytes(5 * MB)
    mirror.files.set('/pool/many.deb', (_request, reply) => {
      reply.writeHead(200, { 'content-length': body.length })
      reply.write(body.subarray(0, MB))
      // The rest when all of them are there: they are known by what they have received.
      setImmediate(() => reply.end(body.subarray(MB)))
    })
    const files = Array.from({ length: 50 }, (_, i) => join(folder, `many-${i}`))
    const all = files.flatMap((file) => ['-o', file, mirror.url('/pool/many.deb')])
    await curl('--parallel', '--parallel-max', '50', ...all)
    for (const file of files) expect(readFileSync(file).equals(body)).toBe(true)
    expect(lines('/pool/many.deb')).toHaveLength(1)
  })
})

test('a daemon that is killed in the middle of a download keeps no half of it', async () => {
  const body = randomBytes(4 * MB)
  const began = Promise.withResolvers<ServerResponse>()
  mirror.files.set('/pool/killed.deb', (_request, reply) => {
    reply.writeHead(200, { 'content-length': body.length })
    reply.write(body.subarray(0, MB), () => began.resolve(reply))
  })
  const out = join(folder, 'killed')
  const broken = curl('-o', out, mirror.url('/pool/killed.deb'))
  await began.promise
  const drafts = () => readdirSync(join(daemon.data, 'proxy/drafts'))
  while (!hasSome(drafts)) await new Promise((next) => setImmediate(next))
  await daemon.kill9()
  await expect(broken).rejects.toThrow(ExecError)
  expect(drafts()).toHaveLength(1)
  mirror.files.set('/pool/killed.deb', fileOf(body))
  await daemon.restart()
  await curl('-o', out, mirror.url('/pool/killed.deb'))
  expect(readFileSync(out).equals(body)).toBe(true)
  expect(lines('/pool/killed.deb')).toHaveLength(2)
  while (hasSome(drafts)) await new Promise((next) => setImmediate(next))
})

function hasSome(list: () => string[]): boolean {
  try {
    return list().length > 0
  } catch {
    return false // the folder is not there yet
  }
}

test('an installer is told of it', async () => {
  const env = { ORCHESTRA_DATA: daemon.data }
  const lines = [
    'distro add --name=d --kernel=/srv/d/linux --initrd=/srv/d/initrd.gz',
    'profile add --name=d --distro=d --ksmeta=mirror_hostname=mirror.nowhere',
    'system add --name=node1 --profile=d --mac=52:54:00:77:00:01',
  ]
  for (const line of lines) expect(await runOrchestra(line.split(' '), { env })).toMatchObject({ code: 0, stderr: '' })
  const preseed = await exec('curl', ['-sS', `${daemon.url}/cblr/svc/op/autoinstall/system/node1`])
  expect(preseed).toContain(`\nd-i mirror/http/proxy string ${proxyUrl()}/\n`)
  const { stdout } = await runOrchestra(['check'], { env })
  expect(stdout).toContain('profile d: the proxy refuses its mirror_hostname mirror.nowhere')
})

test.each(['proxy', 'syslog'])('a port for %s that is in use is told in one sentence', async (door) => {
  const env = { ...daemonEnv(join(temporaryFolder(), 'data'), 'x') } as Record<string, string>
  env['ORCHESTRA_PROXY__ENABLED'] = 'true'
  env['ORCHESTRA_PROXY__LISTEN'] = '127.0.0.1:0'
  env[`ORCHESTRA_${door.toUpperCase()}__LISTEN`] = `127.0.0.1:${mirror.port}`
  const { code, stderr } = await runOrchestra(['serve', '--config', '/dev/null'], { env })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    new RegExp(`^orchestra: ${door}\\.listen: 127\\.0\\.0\\.1:${mirror.port} is in use by another program`),
  )
})

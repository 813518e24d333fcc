/** What an image is ordered and made of; the whole way is `npm run e2e:debian`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { buildImage, orderOf } from '../../devenv/build-image.ts'
import { type ImagePlan, preseedOf, withPreseed } from '../../devenv/image-parts.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'

const work = mkdtempSync(join(tmpdir(), 'orchestra-image-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const PLAN: ImagePlan = {
  ...{ suite: 'trixie', port: 4711, isUnsigned: false, password: 'a-first-password' },
  settings: readLabSettings(),
}

test('7. an image is ordered as the devenv of 2011 ordered one', () => {
  expect(orderOf(['-v', '--output', '/images/a.qcow2', 'trixie', 'amd64', '16G'])).toMatchObject({
    ...{ suite: 'trixie', gigabytes: 16, isVerbose: true, output: '/images/a.qcow2', mirror: undefined },
  })
  expect(orderOf(['13', '--mirror', 'http://deb.example/debian/'])).toMatchObject({
    ...{ suite: 'trixie', gigabytes: 8, isVerbose: false, mirror: 'http://deb.example/debian' },
    output: readLabSettings().server.image,
  })
})

test.each([
  [[], 'build-image RELEASE [ARCH [SIZE]]'],
  [['oneiric'], '"oneiric" is no release'],
  [['trixie', 'sparc'], '"sparc" is no architecture'],
  [['trixie', 'amd64', '8'], '"8" is no size'],
  [['trixie', 'amd64', '1G'], '4G or more'],
  [['trixie', 'amd64', '8G', 'more'], 'build-image RELEASE [ARCH [SIZE]]'],
  [['trixie', '--preseed', '/not/there'], 'there is no file /not/there'],
  [['trixie', '--mirror', 'deb.debian.org'], '--mirror is a URL'],
  [['trixie', '--iso', 'mini.iso'], '--iso'],
])('what cannot be built is refused before anything is fetched: %j', async (argv, because) => {
  await expect(buildImage(argv, () => {})).rejects.toThrow(because)
})

test('8. the preseed installs from our loopback, and its late command decodes to what brings the server in', async () => {
  const preseed = await preseedOf(PLAN)
  expect(preseed).toContain('d-i mirror/http/hostname string 10.0.2.2:4711\n')
  expect(preseed).toContain('d-i passwd/username string orchestra\n')
  expect(preseed).not.toContain(PLAN.password)
  const script = lateScriptOf(preseed)
  expect(script).toContain('wget -q -O /opt/orchestra.tar.gz http://10.0.2.2:4711/orchestra.tar.gz')
  expect(script).toContain('sh /opt/orchestra/devenv/image/install.sh')
  await exec('sh', ['-n'], { stdin: script })
  await exec('sh', ['-n', join(import.meta.dirname, '../../devenv/image/install.sh')])
  await exec('sh', ['-n', join(import.meta.dirname, '../../devenv/image/first-boot.sh')])
})

test('with a key there is no password to log in with', async () => {
  const preseed = await preseedOf({ ...PLAN, sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody\n' })
  expect(preseed).not.toMatch(/user-password-crypted password \$/)
  expect(lateScriptOf(preseed)).toContain('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody')
})

test("a preseed of one's own has the last word on all but the late command", async () => {
  const own = 'd-i mirror/http/hostname string deb.example\nd-i preseed/late_command string true\n'
  const lines = (await preseedOf({ ...PLAN, preseed: own })).trimEnd().split('\n')
  const hosts = lines.filter((line) => line.startsWith('d-i mirror/http/hostname'))
  expect(hosts).toEqual([
    'd-i mirror/http/hostname string 10.0.2.2:4711',
    'd-i mirror/http/hostname string deb.example',
  ])
  expect(lateScriptOf(lines.at(-1) ?? '')).toContain('/opt/orchestra/devenv/image/install.sh')
})

test('10. the ramdisk has the preseed behind its first archive', { timeout: 600_000 }, async () => {
  await needPackages('cpio')
  const first = gzipSync('the first archive')
  const whole = await withPreseed(first, 'd-i a/b string c\n', work)
  expect(whole.subarray(0, first.length)).toEqual(first)
  const file = join(work, 'second.gz')
  writeFileSync(file, whole.subarray(first.length))
  await exec('gzip', ['-df', file])
  await exec('cpio', ['-i', '--quiet', '-F', join(work, 'second')], { cwd: work })
  expect(readFileSync(join(work, 'preseed.cfg'), 'utf8')).toBe('d-i a/b string c\n')
})

/** What `echo WORD | base64 -d | sh` in it runs. */
function lateScriptOf(preseed: string): string {
  const word = /^d-i preseed\/late_command string .*echo (\S+) \| base64 -d/m.exec(preseed)?.[1] ?? ''
  return Buffer.from(word, 'base64').toString()
}

/**
 * An installer and its target, small enough for a unit test: a real root file system with a real shell, an `in-target` that
 * changes into it, real wgets, and a web server that writes down who called. What debian-installer does with a preseed's
 * commands is done here with the same words.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { ExecError, exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'

export type Shell = 'busybox' | 'dash'

export interface Installer {
  /** What machines are told to call: `127.0.0.1:PORT`. */
  readonly server: string
  /** Paths that were asked for since the last run began. */
  readonly calls: string[]
  /** What the server has, by path; whatever is not here is answered with True. */
  readonly files: Map<string, Buffer>
  /** Runs the value of an early or late command as the installer would; answers the exit code. */
  run(command: string, shell: Shell): Promise<number>
  /** The same for a program with its arguments; `in-target` and `curtin in-target` are there. */
  start(program: string, args: readonly string[]): Promise<number>
  /** A file of the target. */
  read(path: string): Buffer
  mode(path: string): Promise<string>
  /** Makes a fresh target, without what earlier runs left in it. */
  reset(shell: Shell): void
  readonly target: string
}

const cleanups: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** Either of Debian's two busyboxes does; they are not installed together. */
export async function needBusybox(): Promise<void> {
  if (!existsSync('/bin/busybox')) await needPackages('busybox')
}

export async function startInstaller(): Promise<Installer> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-installer-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const target = join(folder, 'target')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const tool of ['wget', 'base64', 'sh']) symlinkSync('/bin/busybox', join(bin, tool))
  const change = process.getuid?.() === 0 ? 'chroot' : 'unshare --map-root-user chroot'
  writeFileSync(join(bin, 'in-target'), `#!/bin/sh\nexec ${change} ${target} "$@"\n`)
  chmodSync(join(bin, 'in-target'), 0o755)

  // Ubuntu's: `curtin in-target --target=/target -- COMMAND …`
  const curtin =
    '#!/bin/sh\n[ "$1 $2 $3" = "in-target --target=/target --" ] || exit 99\nshift 3\nexec in-target "$@"\n'
  writeFileSync(join(bin, 'curtin'), curtin)
  chmodSync(join(bin, 'curtin'), 0o755)

  const calls: string[] = []
  const files = new Map<string, Buffer>()
  const web = createServer((request, response) => {
    calls.push(request.url ?? '')
    response.end(files.get(request.url ?? '') ?? 'True')
  })
  await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening))
  cleanups.push(() => new Promise((closed) => web.close(closed)))

  const env = { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` }
  const start: Installer['start'] = (program, args) =>
    exec(program, args, { env }).then(
      () => 0,
      (error: unknown) => {
        if (error instanceof ExecError && typeof error.code === 'number') return error.code
        throw error
      },
    )

  return {
    server: `127.0.0.1:${(web.address() as AddressInfo).port}`,
    calls,
    target,
    files,
    start,
    async run(command, shell) {
      calls.length = 0
      return shell === 'dash' ? start('dash', ['-c', command]) : start('busybox', ['sh', '-c', command])
    },
    read: (path) => readFileSync(join(target, path)),
    mode: async (path) => (await exec('stat', ['--format=%a', join(target, path)])).trim(),
    reset(shell) {
      rmSync(target, { recursive: true, force: true })
      makeRoot(target, shell)
    },
  }
}

const APPLETS = 'base64 chmod chown mkdir rm ln mktemp wget cat awk id cut sha256sum echo grep'.split(' ')

/** A root with one shell and a few tools. */
function makeRoot(root: string, shell: Shell): void {
  for (const path of ['bin', 'tmp', 'etc', 'var/lib', 'home/ada', 'etc/sudoers.d']) {
    mkdirSync(join(root, path), { recursive: true })
  }
  for (const path of ['/bin/busybox', ...librariesOf('/bin/busybox')]) copyInto(root, path, path)
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet))
  if (shell === 'busybox') symlinkSync('busybox', join(root, 'bin/sh'))
  else {
    copyInto(root, '/bin/dash', '/bin/sh')
    for (const path of librariesOf('/bin/dash')) copyInto(root, path, path)
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nada:x:0:0:Ada:/home/ada:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
}

/** A program may be static, as busybox is in one of its two Debian packages. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+)/gm)].flatMap(([, path]) => path ?? [])
}

function copyInto(root: string, from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true })
  copyFileSync(from, join(root, to))
}

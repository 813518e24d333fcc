/**
 * A server image from nothing but the package archive, and the server in it: installed by the real debian-installer, booted from
 * an overlay, asked over its API. Emulated it takes half an hour, so it is a part of `npm run e2e:debian`.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildImage } from '../../devenv/build-image.ts'
import { soundQemu } from '../../devenv/debian-installer.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import { xmlRpcClient } from '../../devenv/xmlrpc-client.ts'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'

const HOURS = 3_600_000
const undo: (() => unknown)[] = []
beforeAll(() => needPackages('qemu-system-x86', 'qemu-utils', 'cpio', 'kmod', 'openssl'))
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
})

test('5. 9. 11. 12. 17. 18. an image is built, and its server answers from an overlay that leaves it as it is', {
  timeout: 3 * HOURS,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-image-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const image = join(folder, 'server.qcow2')
  const said: string[] = []
  const say = (sentence: string) => {
    said.push(sentence)
    process.stdout.write(`${sentence}\n`)
  }
  expect(await buildImage(['-v', '--output', image, 'trixie', 'amd64', '8G'], say)).toBe(0)
  const info = JSON.parse(await exec('qemu-img', ['info', '--output=json', image])) as { 'virtual-size': number }
  expect(info['virtual-size']).toBe(8 * 1024 ** 3)
  expect(statSync(image).mode & 0o222).toBe(0)
  // The first boot's jobs ran once, while it was built.
  const console = readFileSync(`${image}.log`, 'utf8')
  expect(console.match(/orchestra-image: first boot done/g)).toHaveLength(1)
  const before = await digest(image)

  const url = await boot(image, folder)
  const password = /^Orchestra .* password (\S+)$/m.exec(said.join('\n'))?.[1] ?? ''
  await until(async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) })).ok)
  const call = xmlRpcClient(url)
  expect(await call('login', 'cobbler', password)).toEqual(expect.any(String))
  expect(await call('get_distros')).toMatchObject([{ name: 'trixie-x86_64' }])
  expect(readFileSync(join(folder, 'serial.log'), 'utf8')).not.toContain('orchestra-image: first boot')
  expect(await digest(image)).toBe(before)
})

/** Answers where its server is found on this host. */
async function boot(image: string, folder: string): Promise<string> {
  const disk = join(folder, 'overlay.qcow2')
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk])
  const { server, network } = readLabSettings()
  const port = await freePort()
  const forward = `hostfwd=tcp:127.0.0.1:${port}-${server.ip}:80`
  const qemu = (await soundQemu(join(resolve(import.meta.dirname, '../..'), '.lab'))) ?? {
    ...{ program: 'qemu-system-x86_64', args: [] },
  }
  const child = spawn(
    qemu.program,
    [
      ...qemu.args,
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc', '-accel', 'tcg'],
      ...['-cpu', 'max,la57=off', '-smp', '2', '-m', '1024', '-device', 'virtio-rng-pci'],
      ...['-chardev', `file,id=serial,path=${join(folder, 'serial.log')}`, '-serial', 'chardev:serial'],
      ...['-drive', `id=disk,if=none,format=qcow2,cache=unsafe,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk'],
      ...['-netdev', `user,id=net,net=${network.prefix}.0/24,host=${network.host},restrict=on,${forward}`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  undo.push(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  })
  return `http://127.0.0.1:${port}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A machine that boots has no event to wait for but its answer. */
async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(900_000)
  while (!(await look().catch(() => false))) {
    deadline.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

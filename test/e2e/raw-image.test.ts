/** The flavor without an installer: its script lays a real image on a real block device, and the seed into what is in it. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Options } from '../../src/model/item.ts'
import { renderPreseed } from '../../src/render/preseed.ts'
import { aBlend } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { AWKWARD } from '../render/awkward.ts'
import { type Installer, needBusybox, startInstaller } from '../render/installer.ts'
import { needPackages } from '../support/debian.ts'

const sources = { preseed: builtIn('preseeds'), template: builtIn('templates'), domain: 'lab.example' }
const render = (meta: Options) =>
  renderPreseed(
    aBlend({
      server: installer.server,
      profile: { autoinstall: 'raw.sh' },
      distro: { breed: 'generic' },
      system: { meta },
    }),
    sources,
  )

const folder = mkdtempSync(join(tmpdir(), 'orchestra-raw-'))
let installer: Installer

beforeAll(async () => {
  await needPackages('curl', 'dash', 'e2fsprogs', 'fdisk', 'mount', 'util-linux')
  await needBusybox()
  installer = await startInstaller()
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the script that lays an image', () => {
  let device = ''
  afterEach(async () => {
    if (device !== '') await exec('losetup', ['--detach', device])
    device = ''
  })

  /** A disk of 24 MB with one partition, made as an image is: the target's files in a file system. */
  async function image(): Promise<Buffer> {
    installer.reset('dash')
    for (const path of ['proc', 'sys', 'dev']) mkdirSync(join(installer.target, path), { recursive: true })
    const [whole, part] = [join(folder, 'image'), join(folder, 'part')]
    await exec('mke2fs', ['-q', '-t', 'ext4', '-d', installer.target, part, '20m'])
    await exec('dd', ['if=/dev/zero', `of=${whole}`, 'bs=1M', 'count=24', 'status=none'])
    await exec('sfdisk', ['--quiet', whole], { stdin: '2048,40960,L\n' })
    await exec('dd', [`if=${part}`, `of=${whole}`, 'bs=1M', 'seek=1', 'conv=notrunc', 'status=none'])
    return readFileSync(whole)
  }

  async function lay(meta: Options): Promise<{ code: number; root: (path: string) => Promise<Buffer> }> {
    const disk = join(folder, 'disk')
    await exec('dd', ['if=/dev/urandom', `of=${disk}`, 'bs=1M', 'count=32', 'status=none'])
    device = (await exec('losetup', ['--find', '--show', '--partscan', disk])).trim()
    installer.calls.length = 0
    const all = { image_url: `http://${installer.server}/image`, image_reboot: '', install_disk: device, ...meta }
    writeFileSync(join(folder, 'raw.sh'), render(all))
    const code = await installer.start('dash', [join(folder, 'raw.sh')])
    // Read without mounting it: the loop device is still there.
    const root = async (path: string) => {
      const [part, copy] = [join(folder, 'part'), join(folder, 'copy')]
      await exec('dd', [`if=${disk}`, `of=${part}`, 'bs=1M', 'skip=1', 'count=20', 'status=none'])
      await exec('debugfs', ['-R', `dump /${path} ${copy}`, part])
      return readFileSync(copy)
    }
    return { code, root }
  }

  test('streams it to the disk, and lays the seed into its root file system', async () => {
    const bytes = await image()
    const packed = gzipSync(bytes)
    installer.files.set('/image.gz', packed)
    const [, userData = Buffer.alloc(0)] = AWKWARD[1] ?? []
    const { code, root } = await lay({
      ...{ image_url: `http://${installer.server}/image.gz`, USER_DATA_BASE64: userData.toString('base64') },
      image_sha256: createHash('sha256').update(packed).digest('hex'),
    })
    expect(code).toBe(0)
    expect(await root('var/lib/cloud/seed/nocloud-net/user-data')).toEqual(userData)
    expect((await root('etc/cloud/cloud.cfg.d/99-orchestra.cfg')).toString()).toBe('datasource_list: [ NoCloud ]\n')
    expect(installer.calls.at(-1)).toBe('/cblr/svc/op/nopxe/system/node1')
    expect((await exec('mount', [])).includes(device)).toBe(false)
  })

  test.each<[string, Options, string]>([
    ['that is not the one that was meant', { image_sha256: '0'.repeat(64) }, 'image'],
    ['that is no image', {}, 'junk'],
    ['that is packed wrongly', {}, 'junk.gz'],
    ['of a kind that has to be converted', {}, 'image.qcow2'],
  ])('fails with an image %s, tells of it, and leaves netboot on', async (_, meta, file) => {
    installer.files.set('/image', await image())
    installer.files.set('/junk', Buffer.from('no image'))
    installer.files.set('/junk.gz', Buffer.from('no image'))
    const { code } = await lay({ image_url: `http://${installer.server}/${file}`, ...meta })
    expect(code).toBe(1)
    expect(installer.calls.filter((path) => path.includes('nopxe'))).toEqual([])
    expect(installer.calls.at(-1)).toContain('step=failed')
    expect((await exec('mount', [])).includes(device)).toBe(false)
  })

  test('stops for a disk that is not there', async () => {
    expect((await lay({ install_disk: '/dev/nothing' })).code).toBe(1)
  })
})

/**
 * Records what real firmware says on the wire: boots machines of the lab by each loader and writes the first packet of each
 * kind that they sent to DHCP and TFTP to test/<protocol>/golden/, as hexadecimal text. Run it by hand when the firmware is
 * another: `sh devenv/with-node devenv/capture.ts`, then read the difference.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import { type LabOptions, startLab } from './lab-run.ts'

const TESTS = join(import.meta.dirname, '../test')

interface Boot extends LabOptions {
  readonly title: string
  readonly says: string
  /** What this boot has that no other has. */
  readonly keeps: RegExp
}

/** What is booted, and what its packets are called. */
const BOOTS: readonly Boot[] = [
  { title: 'bios-ipxe-rom', firmware: 'bios', loader: 'ipxe', says: 'iPXE ROM of QEMU, busybox', keeps: /dhcp/ },
  {
    title: 'bios-pxelinux',
    firmware: 'bios',
    loader: 'pxelinux',
    says: 'PXELINUX over the iPXE ROM of QEMU',
    keeps: /tftp/,
  },
  { title: 'uefi-ovmf-grub', firmware: 'uefi', loader: 'grub', says: 'OVMF, shim and GRUB', keeps: /firmware|tftp/ },
  { title: 'uefi-ovmf-ipxe', firmware: 'uefi', loader: 'ipxe', says: 'OVMF and snponly.efi', keeps: /-ipxe\.hex$/ },
]

interface Datagram {
  readonly sourcePort: number
  readonly port: number
  readonly payload: Buffer
}

async function main(): Promise<void> {
  const versions = await packageVersions()
  for (const { title, says, keeps, ...options } of BOOTS) {
    const lab = await startLab({ ...options, nodes: ['node01'], capture: true })
    try {
      const node = lab.node('node01')
      const begin = node.now()
      await node.power('on')
      await node.until('ready', begin)
      await node.power('off')
      const packets = datagrams(readFileSync(join(lab.folder, 'node01.pcap')))
      for (const [path, payload] of interesting(title, packets)) {
        if (keeps.test(path)) write(path, `${says}, caught on the way to the server (${versions})`, payload)
      }
    } finally {
      await lab.stop()
    }
  }
}

async function packageVersions(): Promise<string> {
  const names = ['qemu-system-x86', 'ipxe-qemu', 'ovmf', 'pxelinux', 'ipxe']
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own template
  const listed = await exec('dpkg-query', ['--show', '--showformat', '${Package} ${Version}\\n', ...names])
  return listed.trim().split('\n').join(', ')
}

/** The UDP datagrams in a capture of libpcap's first format, as QEMU writes it: little-endian, Ethernet, IPv4. */
export function datagrams(file: Buffer): Datagram[] {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('no little-endian pcap file')
  const found: Datagram[] = []
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8)
    const frame = file.subarray(at + 16, at + 16 + length)
    at += 16 + length
    const headerLength = frame.length > 34 ? ((frame[14] ?? 0) & 15) * 4 : 0
    if (headerLength < 20 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17) continue
    const udp = frame.subarray(14 + headerLength)
    if (udp.length < 8) continue
    const payload = udp.subarray(8, udp.readUInt16BE(4))
    found.push({ sourcePort: udp.readUInt16BE(0), port: udp.readUInt16BE(2), payload })
  }
  return found
}

const DHCP_TYPES: Readonly<Record<number, string>> = {
  1: 'discover',
  3: 'request',
  4: 'decline',
  7: 'release',
  8: 'inform',
}

/** The first packet of each kind and each sender (told by what it calls itself), by the file that it goes to. */
export function interesting(title: string, packets: readonly Datagram[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  const keep = (path: string, payload: Buffer) => found.has(path) || found.set(path, payload)
  for (const { port, payload } of packets) {
    if (port === 67) {
      const options = dhcpOptions(payload)
      const type = DHCP_TYPES[options.get(53)?.[0] ?? 0]
      if (type) keep(`dhcp/golden/captured-${title}-${type}${senderOf(options)}.hex`, payload)
    } else if (port === 69 && payload.readUInt16BE(0) === 1) {
      const [path = '', , ...options] = payload.subarray(2).toString('latin1').split('\0')
      const names = options.filter((_, index) => index % 2 === 0 && options[index] !== '').sort()
      keep(`tftp/golden/captured-${title}-rrq-${kindOf(path)}-${names.join('-') || 'plain'}.hex`, payload)
    }
  }
  return found
}

function dhcpOptions(packet: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>()
  for (let at = 240; at < packet.length && packet[at] !== 255; ) {
    const [code = 0, length = 0] = packet.subarray(at, at + 2)
    if (code !== 0) options.set(code, packet.subarray(at + 2, at + 2 + length))
    at += code === 0 ? 1 : 2 + length
  }
  return options
}

function senderOf(options: ReadonlyMap<number, Buffer>): string {
  if (options.has(77)) return '-ipxe'
  if (options.has(93)) return '-firmware'
  return `-${options.get(60)?.toString('latin1').split(' ')[0] ?? 'other'}`
}

function kindOf(path: string): string {
  if (/pxelinux\.cfg|grub\.cfg|^.*\/ipxe\//.test(path)) return 'config'
  if (/images\//.test(path)) return 'image'
  return /\.(0|efi|kpxe)$/.test(path) ? 'loader' : 'module'
}

function write(path: string, origin: string, payload: Buffer): void {
  const file = join(TESTS, path)
  mkdirSync(join(file, '..'), { recursive: true })
  const digits = payload.toString('hex').match(/.{1,64}/g) ?? []
  writeFileSync(file, `# ${origin}\n${digits.join('\n')}\n`)
  process.stdout.write(`${path}: ${payload.length} bytes\n`)
}

if (import.meta.main) await main()

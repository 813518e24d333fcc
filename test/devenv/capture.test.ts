/** How packets are taken out of a capture, and that what was taken from real firmware is what our codecs read. */
import { describe, expect, test } from 'vitest'
import { datagrams, interesting } from '../../devenv/capture.ts'
import { decode } from '../../src/tftp/codec.ts'
import { goldenBytes, goldenFiles } from '../support/golden.ts'

/** One record of a capture: Ethernet, IPv4 without options, UDP. */
function record(sourcePort: number, port: number, payload: Buffer, protocol = 17): Buffer {
  const frame = Buffer.alloc(42 + payload.length + 4)
  frame.writeUInt16BE(0x0800, 12)
  frame[14] = 0x45
  frame[23] = protocol
  frame.writeUInt16BE(sourcePort, 34)
  frame.writeUInt16BE(port, 36)
  frame.writeUInt16BE(8 + payload.length, 38)
  payload.copy(frame, 42)
  const header = Buffer.alloc(16)
  header.writeUInt32LE(frame.length, 8)
  return Buffer.concat([header, frame])
}

function capture(...records: Buffer[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  return Buffer.concat([header, ...records])
}

const dhcp = (type: number, ...options: number[]) => Buffer.from([...Array(240).fill(0), 53, 1, type, ...options, 255])
const readRequest = (...words: string[]) => Buffer.from(`\0\x01${words.map((word) => `${word}\0`).join('')}`, 'latin1')

describe('a capture', () => {
  test('holds datagrams without the padding of their frames', () => {
    const file = capture(
      record(68, 67, Buffer.from('one')),
      record(1, 2, Buffer.from('tcp'), 6),
      record(9, 69, Buffer.from('two')),
    )
    expect(datagrams(file).map(({ port, payload }) => [port, payload.toString()])).toEqual([
      [67, 'one'],
      [69, 'two'],
    ])
  })

  test('of another format is refused', () => {
    expect(() => datagrams(Buffer.alloc(24))).toThrow(/pcap/)
  })

  test('gives the first packet of each kind and sender', () => {
    const packets = [
      dhcp(1, 93, 2, 0, 7),
      dhcp(1, 93, 2, 0, 7),
      dhcp(1, 77, 4, 0x69, 0x50, 0x58, 0x45),
      dhcp(3, 60, 12, ...Buffer.from('udhcp 1.35.0')),
      dhcp(2),
    ].map((payload) => ({ sourcePort: 68, port: 67, payload }))
    const requests = [
      readRequest('pxelinux.0', 'octet', 'tsize', '0', 'blksize', '1456'),
      readRequest('/pxelinux.cfg/default', 'octet'),
      Buffer.from('\0\x04\0\x01', 'latin1'),
    ].map((payload) => ({ sourcePort: 1024, port: 69, payload }))
    expect([...interesting('vm', [...packets, ...requests]).keys()]).toEqual([
      'dhcp/golden/captured-vm-discover-firmware.hex',
      'dhcp/golden/captured-vm-discover-ipxe.hex',
      'dhcp/golden/captured-vm-request-udhcp.hex',
      'tftp/golden/captured-vm-rrq-loader-blksize-tsize.hex',
      'tftp/golden/captured-vm-rrq-config-plain.hex',
    ])
  })
})

describe('what real firmware asked by TFTP', () => {
  test.each(goldenFiles('tftp/golden'))('%s is a read request in octets', (path) => {
    const packet = decode(goldenBytes(path))
    expect(packet).toMatchObject({ op: 'read', mode: 'octet' })
    const names = packet.op === 'read' ? [...packet.options.keys()].sort() : []
    expect(path).toContain(`-${names.join('-')}.hex`)
  })
})

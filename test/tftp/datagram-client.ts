/**
 * A TFTP client of single datagrams, which can do what real clients never do, and a server for it. What a test started
 * is stopped after it.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterEach } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { OpenFile } from '../../src/lib/files.ts'
import { decode, encode, type TftpPacket } from '../../src/tftp/codec.ts'
import type { TransferReport } from '../../src/tftp/report.ts'
import { startTftp, type TftpServerOptions } from '../../src/tftp/server.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A server of one file `file` of 1,000 bytes, `empty`, and `broken`, which cannot be opened. */
export async function start(options: Partial<TftpServerOptions> = {}) {
  const reports: TransferReport[] = []
  const lines: string[] = []
  const files = { opened: 0, closed: 0 }
  let tellReport = () => {}
  const server = await startTftp({
    listen: { address: '127.0.0.1', port: 0 },
    clock: systemClock,
    log: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
    async open(path) {
      if (path === 'broken') throw new Error('disk on fire')
      if (path !== 'file' && path !== 'empty') return undefined
      files.opened++
      return bytesAsFile(Buffer.alloc(path === 'file' ? 1000 : 0, 'x'), () => void files.closed++)
    },
    onTransfer(report) {
      reports.push(report)
      tellReport()
    },
    ...options,
  })
  stops.push(() => server.close())
  const reported = async (count: number) => {
    while (reports.length < count) await new Promise<void>((resolve) => (tellReport = resolve))
    return reports
  }
  return { server, reports, reported, files, lines }
}

export function bytesAsFile(bytes: Buffer, onClose: () => void): OpenFile {
  return {
    path: 'test',
    size: bytes.length,
    mtime: 0,
    read: async (into, offset) => bytes.copy(into, 0, offset),
    stream: () => {
      throw new Error('not a stream')
    },
    close: async () => onClose(),
  }
}

export interface Client {
  send(packet: TftpPacket | Uint8Array, port: number, address?: string): void
  /** The next packet, in the order of arrival. */
  next(): Promise<{ packet: TftpPacket; from: RemoteInfo }>
  /** Packets that came and were not asked for. */
  waiting(): number
  close(): void
}

export async function client(address = '127.0.0.1'): Promise<Client> {
  const isIpv6 = address.includes(':')
  const socket = createSocket(isIpv6 ? 'udp6' : 'udp4')
  const inbox: { packet: TftpPacket; from: RemoteInfo }[] = []
  let wake = () => {}
  socket.on('message', (bytes, from) => {
    inbox.push({ packet: decode(bytes), from })
    wake()
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  let isOpen = true
  const close = () => {
    if (isOpen) socket.close()
    isOpen = false
  }
  stops.push(close)
  return {
    send: (packet, port, to = isIpv6 ? '::1' : '127.0.0.1') =>
      socket.send(packet instanceof Uint8Array ? packet : encode(packet), port, to),
    async next() {
      while (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const first = inbox.shift()
      if (!first) throw new Error('nothing came')
      return first
    },
    waiting: () => inbox.length,
    close,
  }
}

export const rrq = (path: string, options: Record<string, string> = {}, mode = 'octet'): TftpPacket => ({
  op: 'read',
  path,
  mode,
  options: new Map(Object.entries(options)),
})
export const ack = (block: number): TftpPacket => ({ op: 'ack', block })

/** Takes a file that is being sent from its first DATA on; answers its bytes. */
export async function takeAll(one: Client, blockSize = 512): Promise<Buffer> {
  const parts: Uint8Array[] = []
  while (true) {
    const { packet, from } = await one.next()
    if (packet.op !== 'data') throw new Error(`a ${packet.op} packet instead of data`)
    parts.push(packet.bytes)
    one.send(ack(packet.block), from.port)
    if (packet.bytes.length < blockSize) return Buffer.concat(parts)
  }
}

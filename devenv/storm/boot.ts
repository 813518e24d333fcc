/** One light machine's boot: an address, the loader by TFTP, its boot script and the first megabyte of its kernel by HTTP. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Agent, request } from 'undici'
import type { Ipv4, Mac } from '../../src/model/address.ts'
import { decode, encode } from '../../src/tftp/codec.ts'
import type { DhcpWire } from './dhcp-wire.ts'

export const PHASES = ['dhcp', 'loader', 'script', 'kernel'] as const
export type Phase = (typeof PHASES)[number]

const TFTP_PORT = 69
/** A full Ethernet frame. */
const BLOCK = 1468
/** Milliseconds until an acknowledgement is sent again, and how often. */
const [TFTP_PATIENCE, TFTP_TRIES] = [1000, 8]
const HEAD = 1024 * 1024
const HTTP_PATIENCE = 30_000

/**
 * @param reached is told when a phase has ended well
 * @param agentFor connections from this address
 * @throws Error with the reason why it stands still
 */
export async function boot(
  mac: Mac,
  wire: DhcpWire,
  agentFor: (ip: Ipv4) => Agent,
  reached: (phase: Phase) => void,
): Promise<void> {
  const { ip, nextServer, file } = await wire.ask(mac)
  reached('dhcp')
  if (file === '') throw new Error('DHCP named no loader')
  const loader = await fetchByTftp(ip, nextServer, file)
  if (loader === 0) throw new Error(`the loader ${file} is empty`)
  reached('loader')
  const dispatcher = agentFor(ip)
  try {
    const script = await get(`http://${nextServer}/boot/ipxe/01-${mac.replaceAll(':', '-')}`, dispatcher)
    const kernel = /^kernel (\S+)/m.exec(script.toString())?.[1]
    if (kernel === undefined) throw new Error('the boot script names no kernel')
    reached('script')
    const head = await get(kernel, dispatcher, { range: `bytes=0-${HEAD - 1}` })
    if (head.length !== HEAD) throw new Error(`${head.length} bytes of the kernel came`)
    reached('kernel')
  } finally {
    await dispatcher.close()
  }
}

async function get(url: string, dispatcher: Agent, headers: Record<string, string> = {}): Promise<Buffer> {
  const signal = AbortSignal.timeout(HTTP_PATIENCE)
  const { statusCode, body } = await request(url, { dispatcher, headers, signal })
  const bytes = Buffer.from(await body.arrayBuffer())
  if (statusCode !== 200 && statusCode !== 206) throw new Error(`${new URL(url).pathname}: HTTP ${statusCode}`)
  return bytes
}

/** Answers how many bytes came. Block by block, as ROMs do (RFC 1350, 2348). */
async function fetchByTftp(from: Ipv4, server: Ipv4, path: string): Promise<number> {
  const socket = createSocket('udp4')
  const ended = Promise.withResolvers<number>()
  let port = TFTP_PORT
  let next = 1
  let bytes = 0
  let size = 512
  let tries = 0
  let timer: NodeJS.Timeout | undefined
  let last = encode({ op: 'read', path, mode: 'octet', options: new Map([['blksize', `${BLOCK}`]]) })

  const send = () => {
    socket.send(last, port, server)
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (++tries > TFTP_TRIES) ended.reject(new Error(`TFTP of ${path}: nothing came`))
      else send()
    }, TFTP_PATIENCE)
  }
  socket.on('error', ended.reject)
  socket.on('message', (packet, peer) => {
    const answer = decode(packet)
    port = peer.port
    if (answer.op === 'error') return ended.reject(new Error(`TFTP of ${path}: ${answer.message}`))
    if (answer.op === 'oack') size = Number(answer.options.get('blksize') ?? size)
    // What was said twice was answered once.
    else if (answer.op !== 'data' || answer.block !== (next & 0xffff)) return
    const block = answer.op === 'data' ? next++ : 0
    const payload = answer.op === 'data' ? answer.bytes.length : size
    if (answer.op === 'data') bytes += payload
    tries = 0
    last = encode({ op: 'ack', block: block & 0xffff })
    send()
    if (payload < size) ended.resolve(bytes)
  })
  try {
    socket.bind(0, from)
    await once(socket, 'listening')
    send()
    return await ended.promise
  } finally {
    clearTimeout(timer)
    socket.close()
  }
}

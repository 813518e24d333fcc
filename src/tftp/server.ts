/**
 * The TFTP sockets: the one that listens, and a pair for each transfer. What to answer is decide.ts and transfer.ts.
 *
 * On a host with several addresses an answer must come from the one that was asked, and Node does not tell which that
 * was. So listen on an address, once for each: its transfers are bound to it. On 0.0.0.0 the route to the client
 * chooses.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { DecodeError } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { complaints } from '../lib/complaints.ts'
import type { OpenFile } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { decode, ERROR, encode, isData, isError, isRequest } from './codec.ts'
import { conversations } from './conversations.ts'
import { agree, decideTftp, errorPacket, type ReadRequest } from './decide.ts'
import { createLimits } from './limits.ts'
import { PIECE, SMALL_PIECE } from './read-ahead.ts'
import { logTransfer, type TransferReport } from './report.ts'
import { createSession, type Session } from './session.ts'

/** What was said beside the data: a request, its options, an error. */
export interface ControlPacket {
  readonly at: number
  readonly way: 'in' | 'out'
  /** Ours. */
  readonly port: number
  readonly bytes: Uint8Array
}

export interface TftpTalk {
  readonly peer: { readonly address: string; readonly port: number }
  /** Ours, as far as it is known; 0.0.0.0 is any. */
  readonly address: string
  readonly packets: readonly ControlPacket[]
}

export interface TftpServerOptions {
  /** Port 0: one of the system's choice. */
  readonly listen: { readonly address: string; readonly port: number }
  /** The file of a path, for the client of this address; undefined: there is none. Closed by the server. */
  readonly open: (path: string, peer: string) => Promise<OpenFile | undefined>
  readonly clock: Clock
  readonly log: Log
  /** Told of every transfer that began, when it ends. */
  readonly onTransfer?: (report: TransferReport) => void
  /** Told of every request when it is over, after `onTransfer`. */
  readonly onTalk?: (talk: TftpTalk) => void
  /** Bytes that a packet from this address of ours may have; undefined: that is not known. */
  readonly mtuAt?: (address: string) => number | undefined
  /** Who asks beyond that is not heard, and asks again. */
  readonly maxTransfers?: number
  /** By address: a whole rack may boot from behind one router. */
  readonly maxTransfersPerPeer?: number
}

export interface TftpServer {
  readonly address: string
  readonly port: number
  /** Ends all transfers, and answers when their files are closed. */
  close(): Promise<void>
}

/** A request that is being served, from its first packet on. */
interface Served {
  readonly peer: RemoteInfo
  readonly bytes: Buffer
  /** Undefined while the file is being opened. */
  session: Session | undefined
  /** Nobody waits for the file any more. */
  dropped: boolean
  address: string
  readonly packets: ControlPacket[]
}

/** A client that repeats itself says nothing new. */
const MOST_PACKETS = 16
const STRANGER = encode(errorPacket(ERROR.unknownTransfer, 'this port serves another client'))
/** More transfers at once read their files in small pieces. */
const CROWD = 64

export async function startTftp(options: TftpServerOptions): Promise<TftpServer> {
  const { listen, log, maxTransfers = 4096, maxTransfersPerPeer = 32 } = options
  const served = new Map<string, Served>()
  const running = new Set<Promise<void>>()
  const limits = createLimits(maxTransfers, maxTransfersPerPeer)
  const complain = complaints(log, 'info')
  let isFull = false
  const socket = createSocket(familyOf(listen.address))
  // RFC 1350, 4. An error is never answered.
  const lines = conversations({
    address: listen.address,
    onStranger: (bytes, from) => (isError(bytes) || from === 0 ? undefined : STRANGER),
  })

  const answerError = (peer: RemoteInfo, code: number, message: string, of?: Served) => {
    const bytes = encode(errorPacket(code, message))
    // An error that cannot be sent is lost like any other datagram; the client asks again.
    socket.send(bytes, peer.port, peer.address, () => {})
    if (of) keep(of, 'out', port, bytes)
  }

  function keep({ packets }: Served, way: 'in' | 'out', ours: number, bytes: Uint8Array): void {
    if (packets.length < MOST_PACKETS) packets.push({ at: options.clock.now(), way, port: ours, bytes })
  }

  function receive(bytes: Buffer, peer: RemoteInfo): void {
    if (peer.port === 0) return
    try {
      const decision = decideTftp(decode(bytes))
      if (decision.answer === 'serve') {
        admit(bytes, peer, decision.request)
        return
      }
      log.debug({ peer: peer.address }, `TFTP: ${decision.because}`)
      if (decision.answer === 'error') socket.send(encode(decision.packet), peer.port, peer.address, () => {})
    } catch (error) {
      // One bad packet must never take the daemon down: say so, go on.
      if (!(error instanceof DecodeError)) {
        log.error({ peer: peer.address, err: error }, 'TFTP request failed')
        return
      }
      complain(peer.address, error.message)
      if (isRequest(bytes)) answerError(peer, ERROR.illegalOperation, 'malformed request')
    }
  }

  function admit(bytes: Buffer, peer: RemoteInfo, request: ReadRequest): void {
    const key = `${peer.address}:${peer.port}`
    const before = served.get(key)
    if (before) {
      // The client repeats itself because we are slow or the answer was lost: the first transfer sends it again.
      if (!before.session?.isHeard() && before.bytes.equals(bytes)) return
      // The same port for the next file: it has given the last one up.
      before.dropped = true
      before.session?.gone('the client asked for something else')
      served.delete(key)
    }

    const place = limits.enter(peer.address)
    // Firmware gives up at an error, and asks again when nothing comes: then there may be a place.
    if (place === 'full') {
      if (!isFull) log.warn({ transfers: running.size }, 'TFTP: no more transfers at once; others wait')
      isFull = true
      return
    }
    isFull = false
    if (place === 'too-many') {
      log.info({ peer: peer.address, path: request.path }, 'TFTP refused: too many transfers at once')
      answerError(peer, ERROR.undefined, 'too many transfers at once; try again')
      return
    }

    const one: Served = { peer, bytes, session: undefined, dropped: false, address, packets: [] }
    keep(one, 'in', port, bytes)
    served.set(key, one)
    const work = serveOne(one, request)
      .catch((error: unknown) => {
        log.error({ peer: peer.address, path: request.path, err: error }, 'TFTP request failed')
        answerError(peer, ERROR.undefined, 'internal error', one)
      })
      .finally(() => {
        const from = { address: plainAddress(peer.address), port: peer.port }
        options.onTalk?.({ peer: from, address: one.address, packets: one.packets })
        running.delete(work)
        limits.leave(peer.address)
        if (served.get(key) === one) served.delete(key)
      })
    running.add(work)
  }

  async function serveOne(one: Served, request: ReadRequest): Promise<void> {
    const { peer } = one
    const file = await options.open(request.path, plainAddress(peer.address))
    if (!file) {
      log.info({ peer: peer.address, path: request.path }, 'TFTP: no such file')
      if (!one.dropped) answerError(peer, ERROR.notFound, `File not found: ${request.path}`, one)
      return
    }
    try {
      if (!one.dropped) await transfer(one, request, file)
    } finally {
      await file.close()
    }
  }

  async function transfer(one: Served, request: ReadRequest, file: OpenFile): Promise<void> {
    const began = options.clock.now()
    const { peer } = one
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const own = lines.open({
      peer,
      onMessage: hear,
      onRefused: () => session.gone('the client closed its port'),
    })
    one.address = own.address
    const session = createSession({
      file,
      terms: agree(request, file.size, largestBlock(own.address, options.mtuAt?.(own.address))),
      netascii: request.netascii,
      pieceSize: running.size > CROWD ? SMALL_PIECE : PIECE,
      clock: options.clock,
      send(bytes) {
        own.send(bytes)
        if (!isData(bytes)) keep(one, 'out', own.port, bytes)
      },
      onEnd(outcome, because, bytes) {
        const ms = options.clock.now() - began
        const report = { peer: plainAddress(peer.address), path: request.path, bytes, ms, outcome, because }
        logTransfer(log, report)
        options.onTransfer?.(report)
        end()
      },
    })
    one.session = session

    function hear(bytes: Buffer): void {
      if (isError(bytes)) keep(one, 'in', own.port, Uint8Array.from(bytes))
      try {
        session.receive(decode(bytes))
      } catch (error) {
        if (error instanceof DecodeError) return
        log.error({ peer: peer.address, path: request.path, err: error }, 'TFTP transfer failed')
        session.stop('internal error')
      }
    }

    try {
      session.start()
      await ended
    } finally {
      own.close()
    }
  }

  socket.bind(listen.port, listen.address)
  await once(socket, 'listening')
  socket.on('error', (error) => log.error({ err: error }, 'TFTP socket'))
  // Room for the requests of a whole rack that is switched on at once.
  socket.setRecvBufferSize(1024 * 1024)

  const { address, port } = socket.address()
  socket.on('message', receive)
  let closed: Promise<void> | undefined
  return { address, port, close: () => (closed ??= close()) }

  async function close(): Promise<void> {
    socket.off('message', receive)
    for (const one of served.values()) {
      one.dropped = true
      one.session?.stop('the server stops')
    }
    await Promise.allSettled(running)
    await new Promise<void>((resolve) => void socket.close(() => resolve()))
  }
}

/** What is left of a packet behind the headers of IP, UDP and DATA. */
function largestBlock(address: string, mtu: number | undefined): number | undefined {
  if (mtu === undefined) return undefined
  const ip = familyOf(plainAddress(address)) === 'udp6' ? 40 : 20
  return mtu - ip - 8 - 4
}

function familyOf(address: string): 'udp4' | 'udp6' {
  return address.includes(':') ? 'udp6' : 'udp4'
}

/** An IPv4 client of a socket that listens on [::] is called ::ffff:10.0.0.1, and one on a link fe80::1%eth0. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)|%.*$/g, '')
}

/**
 * The syslog sockets, UDP and TCP on one port: messages in, those of our own machines handed on. Nobody is answered, and
 * what comes from anybody else is counted and forgotten.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { DecodeError } from '../lib/bytes.ts'
import type { Clock, Every } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { bindUdpAndTcp } from '../lib/socket.ts'
import { asIpv4, type Ipv4 } from '../model/address.ts'
import { decode, type SyslogMessage, splitStream } from './codec.ts'
import { admit, type Bucket, isForgettable } from './decide.ts'

export interface SyslogServerOptions {
  /** Port 0: one of the system's choice. */
  readonly listen: { readonly address: string; readonly port: number }
  /** Which machine of ours has this address, by whatever it is called to `keep`; undefined: none. */
  readonly whose: (ip: Ipv4) => string | undefined
  /** Must not wait and must not throw. */
  readonly keep: (machine: string, message: SyslogMessage) => void
  readonly clock: Clock
  readonly every: Every
  readonly log: Log
}

export interface SyslogServer {
  readonly address: string
  /** The same for UDP and TCP. */
  readonly port: number
  close(): Promise<void>
}

/** Room for what many machines say while we are busy for a moment. */
const RECEIVE_BUFFER = 1024 * 1024
const MAX_CONNECTIONS = 1024
/** Some programs open one for each of their logs. */
const MAX_CONNECTIONS_OF_ONE = 8
/** Finds those that were switched off without a word. */
const KEEP_ALIVE_MS = 60_000
const MINUTE = 60_000
/** How long those who were too fast and then fell silent wait for the line that says so. */
const MOMENT = 2000

export async function startSyslog(options: SyslogServerOptions): Promise<SyslogServer> {
  const { listen, whose, keep, clock, every, log } = options
  const buckets = new Map<string, Bucket>()
  const connections = new Map<Socket, string>()
  let strangers = 0
  let unreadable = 0

  function receive(bytes: Uint8Array, machine: string): void {
    // Before anything else is done with it: what is dropped must cost next to nothing.
    const { bucket, isKept, missed } = admit(buckets.get(machine), clock.now())
    buckets.set(machine, bucket)
    if (missed > 0) keep(machine, missedLines(missed))
    if (!isKept) return
    try {
      keep(machine, decode(bytes))
    } catch (error) {
      if (error instanceof DecodeError) unreadable++
      else log.error({ err: error }, 'a syslog message failed')
    }
  }

  function machineAt(address: string | undefined): string | undefined {
    // An IPv4 client of a socket that listens on [::] is called ::ffff:10.0.0.1.
    const ip = asIpv4((address ?? '').replace(/^::ffff:(?=\d+\.)/, ''))
    return ip && whose(ip)
  }

  function tellMissed(): void {
    const now = clock.now()
    for (const [machine, bucket] of buckets) {
      if (bucket.dropped > 0 && now - bucket.at >= MOMENT) {
        keep(machine, missedLines(bucket.dropped))
        buckets.set(machine, { ...bucket, dropped: 0 })
      }
      if (isForgettable(bucket, now)) buckets.delete(machine)
    }
  }

  function report(): void {
    if (strangers + unreadable === 0) return
    log.info(
      { strangers, unreadable },
      'syslog messages were dropped: of machines that are none of ours, or without a word',
    )
    strangers = 0
    unreadable = 0
  }

  const { udp, tcp } = await bindUdpAndTcp(listen)
  udp.setRecvBufferSize(RECEIVE_BUFFER)
  udp.on('message', (bytes, peer) => {
    const machine = machineAt(peer.address)
    if (machine === undefined) strangers++
    else receive(bytes, machine)
  })
  udp.on('error', (error) => log.error({ err: error }, 'syslog socket'))
  tcp.on('error', (error) => log.error({ err: error }, 'syslog socket'))
  tcp.maxConnections = MAX_CONNECTIONS
  tcp.on('connection', (socket) => {
    const machine = machineAt(socket.remoteAddress)
    const others = [...connections.values()].filter((one) => one === machine).length
    if (machine === undefined || others >= MAX_CONNECTIONS_OF_ONE) {
      strangers++
      socket.destroy()
      return
    }
    connections.set(socket, machine)
    socket.on('close', () => connections.delete(socket))
    listenTo(socket, (bytes) => receive(bytes, machine))
  })
  const stops = [every(MOMENT, tellMissed), every(MINUTE, report)]

  const { address, port } = udp.address()
  let closed: Promise<void> | undefined
  return { address, port, close: () => (closed ??= close()) }

  async function close(): Promise<void> {
    for (const stop of stops) stop()
    const ended = [once(udp, 'close'), once(tcp, 'close')]
    udp.close()
    tcp.close()
    for (const socket of connections.keys()) socket.destroy()
    await Promise.all(ended)
    report()
  }
}

function missedLines(count: number): SyslogMessage {
  const lines = count === 1 ? '1 line was' : `${count} lines were`
  return { severity: 4, app: 'orchestra', message: `${lines} dropped: the machine said more than is kept of it` }
}

/** One TCP connection: frames until it ends, the last one without its line feed too. */
function listenTo(socket: Socket, receive: (bytes: Uint8Array) => void): void {
  let pending: Uint8Array = new Uint8Array()
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  socket.on('error', () => socket.destroy())
  socket.on('data', (part: Buffer) => {
    try {
      const { messages, rest } = splitStream(pending.length === 0 ? part : Buffer.concat([pending, part]))
      pending = rest
      for (const bytes of messages) receive(bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      socket.destroy()
    }
  })
  socket.on('end', () => {
    if (pending.length > 0) receive(pending)
  })
}

/**
 * Router advertisements on the links that we serve: at once to who asks, and to all from time to time. A machine that hears none
 * waits for one: iPXE a quarter of a minute in each stage of its boot.
 */
import { DecodeError } from '../lib/bytes.ts'
import type { Clock, Every } from '../lib/clock.ts'
import { SocketError } from '../lib/device-socket.ts'
import { type Icmp6Socket, openIcmp6Socket } from '../lib/icmp6-socket.ts'
import type { Log } from '../lib/log.ts'
import { ipv6OfBytes, ipv6ToBytes, isLinkLocal } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import { type Advertisement, decodeSolicitation, encodeAdvertisement, ICMP6 } from './codec.ts'

export interface AdvertisedLink {
  readonly interface: string
  readonly said: Advertisement
}

export interface RouterOptions {
  readonly links: readonly AdvertisedLink[]
  readonly every: Every
  readonly clock: Clock
  readonly log: Log
}

/** Milliseconds: RFC 4861, 6.2.1, asks for ten minutes at most; and 6.2.6 for three seconds between two to all. */
const [INTERVAL, LEAST_BETWEEN] = [200_000, 3000]

/** Of a machine that has no address yet. */
const UNSPECIFIED = '::'

const group = (ip: string): Uint8Array => ipv6ToBytes(ip) ?? new Uint8Array(16)
const [ALL_NODES, ALL_ROUTERS] = [group('ff02::1'), group('ff02::2')]

/** @throws OrchestraError config.invalid when a socket cannot be had */
export function startAdvertising({ links, every, clock, log }: RouterOptions): { close(): void } {
  const stops: (() => void)[] = []
  const close = () => {
    for (const stop of stops.splice(0)) stop()
  }
  try {
    for (const link of links) stops.push(advertise(link, { every, clock, log }))
  } catch (error) {
    close()
    throw error
  }
  return { close }
}

function advertise(link: AdvertisedLink, { every, clock, log }: Omit<RouterOptions, 'links'>): () => void {
  const { interface: device, said } = link
  const message = encodeAdvertisement(said)
  let lastToAll = Number.NEGATIVE_INFINITY
  let failed = ''

  function send(to: Uint8Array): void {
    try {
      socket.send(message, to)
      failed = ''
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      // A link that is down comes up again, and an address that is being tried is soon ours; once is said what is wrong.
      if (error.code !== failed) log.warn({ interface: device }, `no router advertisement was sent: ${error.message}`)
      failed = error.code
    }
  }

  function sendToAll(): void {
    const now = clock.now()
    if (now - lastToAll < LEAST_BETWEEN) return
    lastToAll = now
    send(ALL_NODES)
  }

  function heard(bytes: Uint8Array, from: Uint8Array): void {
    const peer = ipv6OfBytes(from)
    try {
      decodeSolicitation(bytes)
      log.debug({ interface: device, peer }, 'router solicitation')
      if (peer === UNSPECIFIED) sendToAll()
      // What has passed a router has another address.
      else if (isLinkLocal(peer)) send(from)
    } catch (error) {
      if (error instanceof DecodeError) log.debug({ interface: device, peer }, error.message)
      else log.error({ interface: device, peer, err: error }, 'a router solicitation got no answer')
    }
  }

  const socket = open(device, heard)
  const stop = every(INTERVAL, sendToAll)
  sendToAll()
  return () => {
    stop()
    socket.close()
  }
}

function open(device: string, onMessage: (bytes: Uint8Array, from: Uint8Array) => void): Icmp6Socket {
  try {
    return openIcmp6Socket({ device, group: ALL_ROUTERS, type: ICMP6.routerSolicitation, onMessage })
  } catch (cause) {
    const { code, message } = cause as SocketError
    const why = code === 'EPERM' ? 'that needs root, or CAP_NET_RAW' : message
    throw new OrchestraError('config.invalid', `IPv6 cannot be advertised on ${device}: ${why}`, { cause })
  }
}

/**
 * Addresses that we take for free and that a stranger may have set for himself: they are asked for on the link before they are
 * offered. What somebody has is out of the pool for an hour, and another is offered.
 */
import type { Log } from '../lib/log.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import type { LeaseChange } from '../model/lease.ts'
import type { DhcpAnswer, DhcpState } from './answer.ts'
import { QUARANTINE_SECONDS } from './decide.ts'
import type { DhcpRequest } from './request.ts'

export interface ConflictNeeds {
  readonly device: string
  readonly whoHas: (device: string, ip: Ipv4) => Promise<Mac | undefined>
  readonly apply: (changes: readonly LeaseChange[]) => Promise<void>
  readonly log: Log
}

/** Undefined: the answer may leave. Else whoever waits for this decides anew. */
export type ConflictCheck = (request: DhcpRequest, state: DhcpState, decided: DhcpAnswer) => Promise<void> | undefined

const NONE = '0.0.0.0'
/** Whoever has more of our addresses than these answers for all of them, as routers with proxy ARP do: he is not believed. */
const MOST_OF_ONE = 3
/** They are whatever a sender says: the memory of them has an end. */
const MOST_OWNERS = 1000

export function conflictCheck({ device, whoHas, apply, log }: ConflictNeeds): ConflictCheck {
  const underWay = new Map<Ipv4, Promise<void>>()
  const found = new Map<Mac, number>()

  async function look(ip: Ipv4, mac: Mac, changes: readonly LeaseChange[]): Promise<void> {
    // Nobody else is offered it meanwhile.
    await apply(changes)
    const owner = await whoHas(device, ip)
    if (owner === undefined || owner === mac) return
    const before = found.get(owner) ?? 0
    if (before > MOST_OF_ONE) return
    if (found.size >= MOST_OWNERS) found.clear()
    found.set(owner, before + 1)
    const where = { interface: device, ip, owner }
    if (before === MOST_OF_ONE) {
      log.warn(
        where,
        `${owner} answers for one address after the other; if that is proxy ARP, turn it off. It is not believed any more`,
      )
      return
    }
    log.warn(where, `${owner} has ${ip}, which we took for free: not given out for an hour`)
    await apply([{ change: 'decline', ip, mac, seconds: QUARANTINE_SECONDS }])
  }

  return ({ packet, mac }, { subnet, held }, { kind, reply, changes }) => {
    // What is far away cannot be asked for.
    if (!subnet?.conflictCheck || kind !== 'offer' || packet.giaddr !== NONE) return undefined
    const ip = reply?.yiaddr
    if (ip === undefined || ip === NONE) return undefined
    const looking = underWay.get(ip)
    // A client that repeats itself meanwhile waits too.
    if (looking) return looking
    if (held?.ip === ip) return undefined
    const work = look(ip, mac, changes).finally(() => underWay.delete(ip))
    underWay.set(ip, work)
    return work
  }
}

/**
 * Leases: what DHCP asks before it answers, and what becomes true when it has. All of them are in memory; a lease is on
 * disk before its ACK leaves.
 */
import type { BootPolicy, Known } from '../boot/decide.ts'
import type { Clock } from '../lib/clock.ts'
import { contains, type Ipv4, type Mac } from '../model/address.ts'
import type { AddressChoice, Lease, LeaseChange, Standing } from '../model/lease.ts'
import { type Asker, type LeaseBook, leaseBook } from '../model/lease-book.ts'
import { type Marks, reservations } from '../model/reservations.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { interfaceByMac, type System } from '../model/system.ts'
import type { Db } from '../store/db.ts'
import { loadLeases, saveLeases } from '../store/leases.ts'
import { batchedWrites, type Written } from './batched-writes.ts'

export interface LeaseQuestion extends Marks {
  /** The address that the client names. */
  readonly named: Ipv4 | undefined
  /** The address that it uses already. */
  readonly ciaddr: Ipv4 | undefined
  /** The network that its relay says it is on. */
  readonly relay: Ipv4 | undefined
  /** Our address on the link that it came in on. */
  readonly link: Ipv4
}

/** One snapshot; `server` is the link's address. */
export interface LeaseView {
  readonly server: Ipv4
  readonly subnet: ServedSubnet | undefined
  readonly known: Known | undefined
  readonly policy: BootPolicy
  readonly choice: AddressChoice
  readonly standing: Standing | undefined
  readonly held: Lease | undefined
}

export interface LeasesOptions {
  readonly db: Db
  readonly clock: Clock
  readonly subnets: readonly ServedSubnet[]
  /** Our own addresses, which nobody else may have. */
  readonly ownAddresses: readonly Ipv4[]
  readonly systemByMac: (mac: Mac) => System | undefined
  readonly systemByIp: (ip: Ipv4) => System | undefined
  readonly known: (system: System) => Known
  readonly policy: () => BootPolicy
}

export interface Leases {
  lookUp(question: LeaseQuestion): LeaseView
  /** The same for somebody who only looks. @param system the system as it would be; undefined: the machine is none */
  look(question: LeaseQuestion, system: System | undefined): LeaseView
  /** In memory at once, on disk when it answers. Rejects when it could not be written: then nothing has changed. */
  apply(changes: readonly LeaseChange[]): Promise<void>
  /** Who has this address now. */
  byIp(ip: Ipv4): Lease | undefined
  /** The same, as far as it was heard where another server gives the addresses. */
  macAt(ip: Ipv4): Mac | undefined
  /** What this MAC has now, the latest first. */
  byMac(mac: Mac): Lease | undefined
  /** Where a system is: an address of its own, or one that it has from us. */
  addressOf(system: System): Ipv4 | undefined
  /** All that are known, the expired ones too. */
  list(): Lease[]
  /** Answers when nothing waits to be written. */
  settled(): Promise<void>
  /** Changes that went to the disk, and in how many commits. */
  readonly written: Readonly<Written>
}

/** For a client, or for somebody who only looks and moves nobody's next address. */
type Choose = 'choose' | 'wouldChoose'

const NO_CHOICE: AddressChoice = { ip: undefined, because: 'no subnet' }

export async function openLeases(options: LeasesOptions): Promise<Leases> {
  const { db, clock, subnets, ownAddresses, systemByMac, systemByIp } = options
  const reserved = reservations(subnets)
  const isTaken = (ip: Ipv4) => ownAddresses.includes(ip) || systemByIp(ip) !== undefined || reserved.has(ip)
  const books = subnets.map((served) => leaseBook(served, isTaken))
  const bookOf = (ip: Ipv4) => books.find(({ served }) => contains(served.subnet, ip))
  for (const lease of await loadLeases(db)) bookOf(lease.ip)?.put(lease)
  const heard = createHeard()
  const writes = batchedWrites<Step>((steps) => saveLeases(db, lastOfEach(steps)), takeBack)

  /** A renewal may be routed here from another of our subnets; it says which by the address that it uses. */
  const bookFor = ({ relay, ciaddr, link }: LeaseQuestion) =>
    relay !== undefined ? bookOf(relay) : ((ciaddr && bookOf(ciaddr)) ?? bookOf(link))

  /** Our address for machines of a subnet: one that is in it, if there is one. */
  const serverOf = ({ server, subnet }: ServedSubnet, link: Ipv4) =>
    server ?? (contains(subnet, link) ? link : (ownAddresses.find((ip) => contains(subnet, ip)) ?? link))

  function fixedFor(marks: Marks, system: System | undefined): readonly Ipv4[] {
    const own = system && interfaceByMac(system, marks.mac)?.ipAddress
    return own ? [own, ...reserved.of(marks)] : reserved.of(marks)
  }

  /** On a shared network: where an address is fixed for it, where it has one, where it wants one, where there is one. */
  function bookAmong(
    home: LeaseBook,
    fixed: readonly Ipv4[],
    { mac, named }: LeaseQuestion,
    now: number,
    choose: Choose,
  ): LeaseBook {
    const { sharedNetwork } = home.served
    if (sharedNetwork === undefined) return home
    const all = [home, ...books.filter((book) => book !== home && book.served.sharedNetwork === sharedNetwork)]
    const find = (fits: (book: LeaseBook) => unknown) => all.find((book) => fits(book))
    const has = (book: LeaseBook, ip: Ipv4 | undefined) => ip !== undefined && contains(book.served.subnet, ip)
    return (
      find((book) => fixed.some((ip) => has(book, ip))) ??
      find((book) => activeOnly(book.of(mac), now)) ??
      find((book) => has(book, named)) ??
      find((book) => book[choose]({ mac, fixed: undefined }, named, now).ip) ??
      home
    )
  }

  const isCurrent = (lease: Lease | undefined): lease is Lease =>
    lease !== undefined && lease.state === 'leased' && lease.expires > clock.now()

  function byIp(ip: Ipv4): Lease | undefined {
    const lease = bookOf(ip)?.at(ip)
    return isCurrent(lease) ? lease : undefined
  }

  function byMac(mac: Mac): Lease | undefined {
    const held = books.map((book) => book.of(mac)).filter(isCurrent)
    return held.sort((a, b) => b.expires - a.expires)[0]
  }

  function view(question: LeaseQuestion, system: System | undefined, choose: Choose): LeaseView {
    const { mac, named, link } = question
    const now = clock.now()
    const home = bookFor(question)
    const all = fixedFor(question, system)
    const book = home && bookAmong(home, all, question, now, choose)
    // One of another subnet is no use here, but it is said why.
    const fixed = all.find((ip) => book && contains(book.served.subnet, ip)) ?? all[0]
    const asker: Asker = { mac, fixed }
    return {
      server: book ? serverOf(book.served, link) : link,
      subnet: book?.served,
      known: system && options.known(system),
      policy: options.policy(),
      choice: book?.[choose](asker, named, now) ?? NO_CHOICE,
      standing: named && book?.standing(asker, named, now),
      held: activeOnly(book?.of(mac), now),
    }
  }

  return {
    lookUp: (question) => view(question, systemByMac(question.mac), 'choose'),
    look: (question, system) => view(question, system, 'wouldChoose'),

    apply(changes) {
      const now = clock.now()
      const steps = changes.flatMap((change) => {
        if (change.change === 'heard') heard.put(change.ip, change.mac)
        const book = bookOf(change.ip)
        return book ? applyTo(book, change, now) : []
      })
      if (!steps.some(({ isDurable }) => isDurable)) return Promise.resolve()
      return writes.write(steps)
    },

    byIp,
    macAt: (ip) => byIp(ip)?.mac ?? heard.get(ip),

    byMac,

    addressOf({ interfaces }) {
      for (const { ipAddress, macAddress } of Object.values(interfaces)) {
        const ip = ipAddress || (macAddress && byMac(macAddress)?.ip)
        if (ip) return ip
      }
      return undefined
    },

    list: () => books.flatMap((book) => [...book.all()]),
    settled: writes.settled,
    written: writes.written,
  }
}

/** They are whatever a sender says: the memory of them has an end, and the oldest go first. */
const MOST_HEARD = 65_536

function createHeard() {
  const macs = new Map<Ipv4, Mac>()
  return {
    get: (ip: Ipv4) => macs.get(ip),
    put(ip: Ipv4, mac: Mac): void {
      macs.delete(ip)
      macs.set(ip, mac)
      if (macs.size <= MOST_HEARD) return
      const [oldest] = macs.keys()
      if (oldest !== undefined) macs.delete(oldest)
    },
  }
}

function activeOnly(lease: Lease | undefined, now: number): Lease | undefined {
  return lease && lease.expires > now ? lease : undefined
}

/** One record that a change has put in place of another. */
interface Step {
  readonly book: LeaseBook
  readonly before: Lease | undefined
  readonly after: Lease
  /** False for a mere offer: it is a promise of a minute, and a daemon that starts anew has made none. */
  readonly isDurable: boolean
}

function applyTo(book: LeaseBook, change: LeaseChange, now: number): Step[] {
  const { ip, mac } = change
  const before = book.at(ip)
  const isIts = before !== undefined && before.mac === mac && before.state !== 'declined' && before.expires > now
  const put = (after: Lease, isDurable = true): Step => {
    const step: Step = { book, before: book.at(after.ip), after, isDurable }
    book.put(after)
    return step
  }
  switch (change.change) {
    case 'hold':
      // An offer of what it has on lease promises nothing new, and must not shorten the lease.
      if (isIts && before.state === 'leased') return []
      return [put({ ip, mac, state: 'offered', expires: now + change.seconds * 1000, hostname: '' }, false)]
    case 'lease': {
      const other = book.of(mac)
      const { hostname } = change
      // A client has one address on a subnet: what it had before is free again.
      const ended =
        other && other.ip !== ip && other.expires > now ? [put(asEnded(other, now), other.state === 'leased')] : []
      return [...ended, put({ ip, mac, state: 'leased', expires: now + change.seconds * 1000, hostname })]
    }
    case 'heard':
      return []
    case 'release':
      return isIts ? [put(asEnded(before, now), before.state === 'leased')] : []
    case 'decline':
      return isIts ? [put({ ...before, state: 'declined', expires: now + change.seconds * 1000 })] : []
  }
}

/** Kept as expired: it is the first that its client is given again, and the last that others are. */
function asEnded(lease: Lease, now: number): Lease {
  return { ...lease, state: 'leased', expires: now }
}

/** What is to be written: the last state of each address. */
function lastOfEach(steps: readonly Step[]): Lease[] {
  const byIp = new Map<Ipv4, Lease>()
  for (const { after, isDurable } of steps) if (isDurable) byIp.set(after.ip, after)
  return [...byIp.values()]
}

function takeBack({ book, before, after }: Step): void {
  // Somebody may have changed it since: then that counts.
  if (book.at(after.ip) !== after) return
  if (before) book.put(before)
  else book.forget(after.ip)
}

/** The promise of DHCP, tried at random: the decision, the leases and a real database together. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addressNamed } from '../../src/dhcp/answer.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import type { RequestType } from '../../src/dhcp/request.ts'
import type { Ipv4, Mac } from '../../src/model/address.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import { openLeases } from '../../src/services/leases.ts'
import { openDb } from '../../src/store/db.ts'
import { type Asking, aKnown, aRequest, aSubnet, aSystem, ip, mac, SERVER } from '../support/dhcp.ts'
import { fixedClock } from '../support/store.ts'

const MACS = [1, 2, 3, 4, 5].map((i) => mac(`52:54:00:00:00:0${i}`))
/** The MAC that now and then has an address fixed for it. */
const FIXED = mac('52:54:00:00:00:01')

/** Clients that behave, a network that may lose everything, a daemon that may be killed, a disk that may refuse. */
type Move =
  | {
      readonly move: 'join' | 'discover' | 'select' | 'reboot' | 'renew' | 'release' | 'decline' | 'elsewhere'
      who: number
    }
  | { readonly move: 'wait'; readonly seconds: number }
  | { readonly move: 'kill' | 'fix' | 'unfix' | 'refuse' | 'accept' }

const who = fc.nat(MACS.length - 1)
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      move: fc.constantFrom('join', 'join', 'discover', 'select', 'reboot', 'renew', 'release', 'decline', 'elsewhere'),
      who,
    }),
  },
  { weight: 2, arbitrary: fc.record({ move: fc.constant('wait'), seconds: fc.constantFrom(1, 30, 61, 1800, 3601) }) },
  { weight: 1, arbitrary: fc.record({ move: fc.constantFrom('kill', 'refuse', 'accept') }) },
  { weight: 1, arbitrary: fc.record({ move: fc.constantFrom('fix', 'unfix') }) },
)

/** From now on (or no longer) the disk refuses leases, as a full one does. */
const refuseWrites = sql`create trigger refuse before insert on lease begin select raise(abort, 'disk full'); end`
const acceptWrites = sql`drop trigger refuse`

test('two clients never have one address at one time, whatever happens', async () => {
  const db = await openDb(':memory:')
  const clock = fixedClock()
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 20, maxLength: 120 }), async (moves) => {
      await sql`delete from lease`.execute(db)
      let systems: System[] = []
      // Fewer addresses than clients: they must be taken from each other.
      const subnets = [aSubnet({ pools: [{ first: ip('10.77.0.100'), last: ip('10.77.0.101') }] })]
      const start = () =>
        openLeases({
          db,
          clock,
          subnets,
          ownAddresses: [SERVER],
          systemByMac: (mac) => systems.find(({ interfaces }) => interfaces['eth0']?.macAddress === mac),
          systemByIp: (address) => systems.find(({ interfaces }) => interfaces['eth0']?.ipAddress === address),
          known: (system) => aKnown(system),
          policy: () => ({ enlist: undefined }),
        })
      let leases = await start()
      let refusing = false
      const offers = new Map<Mac, Ipv4>()
      /** What each client believes to have. */
      const has = new Map<Mac, { ip: Ipv4; until: number }>()
      const last = new Map<Mac, Ipv4>()

      const say = async (mac: Mac, type: RequestType, asking: Asking) => {
        const request = aRequest(type, { mac, ...asking })
        const view = leases.lookUp({ ...request, named: addressNamed(request), link: SERVER })
        const { kind, reply, changes } = decideDhcp(request, { ...view, bootFile: () => undefined })
        const isWritten = await leases.apply(changes).then(
          () => true,
          () => false,
        )
        if (isWritten && kind === 'offer' && reply) offers.set(mac, reply.yiaddr)
        if (isWritten && kind === 'ack' && reply && type === 'request') {
          has.set(mac, { ip: reply.yiaddr, until: clock.now() + 3_600_000 })
          last.set(mac, reply.yiaddr)
        }
        if (kind === 'nak') has.delete(mac)
      }

      const moveOf = async (mac: Mac, move: Move['move']) => {
        const [own, was] = [has.get(mac), last.get(mac)]
        if (move === 'join' || move === 'discover') await say(mac, 'discover', was ? { asked: was } : {})
        const offer = offers.get(mac)
        if ((move === 'join' || move === 'select') && offer)
          await say(mac, 'request', { asked: offer, serverId: SERVER })
        if (move === 'reboot' && was) await say(mac, 'request', { asked: was })
        if (move === 'renew' && own) await say(mac, 'request', { ciaddr: own.ip })
        if (move === 'elsewhere') await say(mac, 'request', { asked: '10.77.0.50', serverId: '10.77.0.2' })
        if (move === 'release' && own) {
          has.delete(mac)
          await say(mac, 'release', { ciaddr: own.ip, serverId: SERVER })
        }
        if (move === 'decline' && own) {
          has.delete(mac)
          await say(mac, 'decline', { asked: own.ip, serverId: SERVER })
        }
      }

      for (const one of moves) {
        if (one.move === 'wait') clock.advance(one.seconds * 1000)
        else if (one.move === 'kill') leases = await start()
        else if (one.move === 'fix') {
          const eth0 = { ...emptyInterface(), macAddress: FIXED, ipAddress: ip('10.77.0.101') }
          systems = [aSystem({ interfaces: { eth0 } })]
        } else if (one.move === 'unfix') systems = []
        else if (one.move === 'refuse' || one.move === 'accept') {
          const wanted = one.move === 'refuse'
          if (wanted !== refusing) await (wanted ? refuseWrites : acceptWrites).execute(db)
          refusing = wanted
        } else if ('who' in one) await moveOf(MACS[one.who] ?? FIXED, one.move)

        for (const [mac, { until }] of has) if (until <= clock.now()) has.delete(mac)
        const addresses = [...has.values()].map(({ ip }) => ip)
        expect(new Set(addresses).size, `${JSON.stringify([...has])} after ${JSON.stringify(one)}`).toBe(
          addresses.length,
        )
      }
      if (refusing) await acceptWrites.execute(db)
    }),
    { numRuns: 200 },
  )
  await db.destroy()
})

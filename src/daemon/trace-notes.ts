/** What each server sees, as notes of the traces and packets beside them: in the words of model/trace.ts. */
import { type Exchange, isOfBoot, packetsOf, sightedOf } from '../dhcp/exchange.ts'
import type { Dhcp6Answer } from '../dhcp6/decide.ts'
import type { Dhcp6Request } from '../dhcp6/request.ts'
import type { DnsAnswered } from '../dns/server.ts'
import type { HttpTalk } from '../http/machine-talk.ts'
import type { BootFetch } from '../http/routes/boot.ts'
import type { PreseedCall } from '../http/routes/install.ts'
import type { MetadataReading } from '../http/routes/metadata.ts'
import { systemClock as clock } from '../lib/clock.ts'
import { asIpv4 } from '../model/address.ts'
import type { Packet } from '../model/packet.ts'
import { commentOf } from '../model/trace.ts'
import type { Deed } from '../services/audit.ts'
import type { NewLine } from '../services/install-log.ts'
import type { Traces } from '../services/trace.ts'
import type { TransferReport } from '../tftp/report.ts'
import type { TftpTalk } from '../tftp/server.ts'
import { plainPeer } from './links.ts'

/** What each server is handed. */
export function traceNotes({ note, keep, admits }: Pick<Traces, 'note' | 'keep' | 'admits'>) {
  return {
    dhcp(exchange: Exchange): void {
      const { mac, boot } = exchange.request
      if (!isOfBoot(exchange) || !admits(mac, boot !== undefined)) return
      const seen = sightedOf(exchange)
      note({ mac }, seen)
      keep({ mac }, packetsOf(exchange, clock.now(), commentOf(seen)))
    },

    dhcp6({ mac, type, boot }: Dhcp6Request, { bootFile, because }: Dhcp6Answer): void {
      if (!mac || !boot || !admits(mac, true)) return
      const text = `DHCPv6 ${type}: ${bootFile ? `answered with ${bootFile}` : 'answered without a boot file'}`
      note({ mac }, { kind: 'dhcp', outcome: 'ok', text, because, path: bootFile })
    },

    tftp({ peer, path, bytes, ms: milliseconds, outcome, because }: TransferReport): void {
      const facts = { kind: 'tftp', path, bytes, milliseconds, because } as const
      // PXE ROMs ask for the size, break off, and ask again.
      const isLook = outcome === 'aborted' && bytes === 0
      const what = outcome === 'done' ? 'was sent' : isLook ? 'was asked for its size' : 'was sent in part'
      note({ peer }, { ...facts, outcome: outcome === 'done' || isLook ? 'ok' : 'error', text: `${path} ${what}` })
    },

    tftpTalk({ peer, address, packets }: TftpTalk): void {
      const client = { ip: asIpv4(peer.address), port: peer.port }
      const until = clock.now()
      const told = packets.map(
        ({ at, way, port, bytes }): Packet => ({
          ...{ protocol: 'tftp', at, until, way, bytes },
          ...{ client, server: { ip: asIpv4(address), port } },
        }),
      )
      keep({ peer: peer.address }, told)
    },

    /** All that machines ask by HTTP; what the trace tells of it is noted by those who answered. */
    http({ peer, address, connection, request, received, response, sent, milliseconds, answered }: HttpTalk): void {
      const until = clock.now()
      const at = until - milliseconds
      const exchange = { connection, request, received, response, sent, answeredAt: at + answered }
      const client = { ip: asIpv4(plainPeer(peer.address)), port: peer.port }
      const server = { ip: asIpv4(plainPeer(address.address)), port: address.port }
      if (client.ip !== undefined)
        keep({ peer: client.ip }, [{ protocol: 'http', at, until, client, server, ...exchange }])
    },

    boot({ peer, path, status, bytes, milliseconds, isWhole }: BootFetch): void {
      const facts = { kind: 'http', path, bytes, milliseconds } as const
      const end = isWhole
        ? ({ outcome: 'ok', text: `${path} was sent (${status})` } as const)
        : ({ outcome: 'error', text: `${path} was sent in part`, because: 'the client hung up' } as const)
      note({ peer }, { ...facts, ...end })
    },

    preseed({ system, peer, bytes, milliseconds }: PreseedCall): void {
      const facts = { kind: 'http', path: `/cblr/svc/op/autoinstall/system/${system}`, milliseconds } as const
      const end =
        bytes === undefined
          ? ({ outcome: 'error', text: `the preseed was asked for by ${peer}, and not sent` } as const)
          : ({ outcome: 'ok', bytes, text: `the preseed was sent to ${peer}` } as const)
      note({ system }, { ...facts, ...end })
    },

    metadata({ peer, document, bytes }: MetadataReading): void {
      const end = bytes === undefined ? 'was asked for, and not given' : 'was read'
      note(
        { peer },
        { kind: 'http', outcome: bytes === undefined ? 'refused' : 'ok', bytes, text: `metadata: ${document} ${end}` },
      )
    },

    /** What people and programs did to machines, with who it was; what became of it the trace tells besides. */
    deed({ user, door, action, fields = [], systems = [], outcome }: Deed): void {
      const what = `${action}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`
      const end = { ok: '', denied: ', and may not', failed: ', and it went wrong' } as const
      const text = `${user} asked by ${DOORS[door]}${end[outcome]}: ${what}`
      const kept = { ok: 'ok', denied: 'refused', failed: 'error' } as const
      for (const system of new Set(systems)) note({ system }, { kind: 'api', outcome: kept[outcome], text })
    },

    dns({ peer, name, rcode, datagrams }: DnsAnswered): void {
      const said = rcode === 0 ? 'answered' : `not found here (rcode ${rcode})`
      const text = `the address of ${name}: ${said}`
      note({ peer }, { kind: 'dns', outcome: rcode === 0 ? 'ok' : 'missing', text })
      if (!datagrams) return
      const { port, question, answer } = datagrams
      const ends = { client: { ip: asIpv4(plainPeer(peer)), port }, server: { ip: undefined, port: DNS } }
      const all = { protocol: 'dns', at: clock.now(), comment: text, ...ends } as const
      keep({ peer }, [
        { ...all, way: 'in', bytes: question },
        { ...all, way: 'out', bytes: answer },
      ])
    },

    syslog(uid: string, { app, message, severity }: NewLine): void {
      // What Orchestra writes there itself is in the trace already.
      if (app === 'orchestra') return
      const text = app === '' ? message : `${app}: ${message}`
      note({ uid }, { kind: 'syslog', outcome: severity <= 3 ? 'error' : 'ok', text })
      // Not as it came: there may have been secrets in it, which are hidden here.
      const bytes = Buffer.from(`<${USER + severity}>${text}`)
      const ends = { client: { ip: undefined, port: SYSLOG }, server: { ip: undefined, port: SYSLOG } }
      keep({ uid }, [{ protocol: 'syslog', at: clock.now(), way: 'in', bytes, ...ends }])
    },
  }
}

const DOORS = { api: 'REST', xmlrpc: 'XML-RPC', webdav: 'WebDAV', login: 'login' } as const

/** Ports by which Wireshark knows what it sees; ours may be others. */
const [DNS, SYSLOG] = [53, 514]
/** RFC 5424 section 6.2.1: facility 1, user-level messages, times eight. */
const USER = 8

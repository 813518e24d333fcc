/** The kinds of values that settings have: each reads what stands in orchestra.yaml, or says what it should be. */
import { z } from 'zod'
import { asIpv4, asMac, asSubnet, ipv4ToNumber } from './model/address.ts'
import { asIpv6, asSubnet6 } from './model/address6.ts'
import type { Route } from './model/dhcp-options.ts'
import type { Reservation } from './model/subnet.ts'

/** An address to listen on. Port 0 lets the system choose. */
export interface Listen {
  readonly address: string
  readonly port: number
}

export const listen = z.string().transform((text, context): Listen => {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:]*):)?(\d{1,5})$/i.exec(text)
  const port = Number(match?.[2])
  if (!match || port > 65_535) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no address to listen on; write 127.0.0.1:8080, :8080 or [::]:8080`,
    })
    return z.NEVER
  }
  return { address: (match[1] ?? '').replace(/[[\]]/g, '') || '0.0.0.0', port }
})

/** Another name server: an address, and a port when it is not 53. */
export const resolver = z.string().transform((text, context): Listen => {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? ['', text]
  const [address, port] = [match[1] ?? match[2] ?? '', Number(match[3] ?? 53)]
  if ((asIpv4(address) || asIpv6(address)) && port > 0 && port <= 65_535) return { address, port }
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no name server; write its address, as 10.77.0.53, 10.77.0.53:5353 or [2001:db8::53]:53`,
  })
  return z.NEVER
})

/** A text that `parse` makes something of. @param say what it is not, and how to write it */
const parsedBy = <Value>(parse: (text: string) => Value | undefined, say: (text: string) => string) =>
  z.string().transform((text, context): Value => {
    const parsed = parse(text)
    if (parsed === undefined) context.addIssue({ code: 'custom', message: say(text) })
    return parsed ?? z.NEVER
  })

export const ipv4 = parsedBy(asIpv4, (text) => `"${text}" is not an IPv4 address`)

/** `10.77.0.100-10.77.0.250`: one, or a list. */
export const pools = z.union([z.string(), z.array(z.string())]).transform((given, context) =>
  [given].flat().flatMap((text) => {
    const [first, last, ...rest] = text.split('-').map((part) => asIpv4(part.trim()))
    if (first && last && rest.length === 0 && ipv4ToNumber(first) <= ipv4ToNumber(last)) return [{ first, last }]
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no pool; write it as 10.77.0.100-10.77.0.250, the lower address first`,
    })
    return []
  }),
)

/** Bytes as `01:52:54`, or else text; in hexadecimal digits. */
const clientId = z
  .string()
  .min(1)
  .max(255)
  .transform((text) =>
    /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(text)
      ? text.replaceAll(':', '').toLowerCase()
      : Buffer.from(text).toString('hex'),
  )

const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'a UUID has 32 hexadecimal digits in five groups')
  .transform((text) => text.replaceAll('-', '').toLowerCase())

const mac = parsedBy(asMac, (text) => `"${text}" is no MAC address; write it as 52:54:00:77:00:01`)

/** An address, and by what its machine is known. */
export const reservation = z
  .strictObject({
    ip: ipv4.describe('the address that is kept'),
    mac: mac.optional().describe('for the machine with this MAC address'),
    client_id: clientId.optional().describe('that says this of itself (option 61): text, or bytes as `01:52:54:…`'),
    uuid: uuid.optional().describe('that has this UUID (option 97)'),
  })
  .refine((given) => given.mac ?? given.client_id ?? given.uuid, 'say whose it is: mac, client_id or uuid')
  .transform(({ client_id, ...rest }): Reservation => ({ ...rest, clientId: client_id }))

export const subnet = parsedBy(
  asSubnet,
  (text) => `"${text}" is no subnet; write its network address and prefix length, as 10.77.0.0/24`,
)

export const subnet6 = parsedBy(
  asSubnet6,
  (text) => `"${text}" is no IPv6 subnet; write its network address and prefix length, as fd77:1:2:3::/64`,
)

/** `10.1.0.0/16 via 10.77.0.9`. */
export const route = z.string().transform((text, context): Route => {
  const [, network = '', router = ''] = /^(\S+) via (\S+)$/.exec(text.trim()) ?? []
  const [to, via] = [asSubnet(network), asIpv4(router)]
  if (to && via) return { to, via }
  context.addIssue({ code: 'custom', message: `"${text}" is no route; write it as 10.1.0.0/16 via 10.77.0.9` })
  return z.NEVER
})

/** One value, or several in a list or parted by commas. */
export const listOf = <Schema extends z.ZodType>(one: Schema) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(/[,\s]+/).filter((part) => part !== '') : value),
    z.array(one),
  )

export const url = z.string().transform((text, context) => {
  if (!/^https?:\/\/[^/\s?#]+\/?$/.test(text) || !URL.canParse(text)) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no base URL; write it as http://10.77.0.1 or http://boot.example:8080`,
    })
  }
  return text.replace(/\/$/, '')
})

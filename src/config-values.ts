/** The kinds of values that settings have: each reads what stands in orchestra.yaml, or says what it should be. */
import { z } from 'zod'
import { asIpv4, asSubnet, type Ipv4, ipv4ToNumber } from './model/address.ts'
import type { Route } from './model/dhcp-options.ts'

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

export const ipv4 = z.string().transform((text, context): Ipv4 => {
  const ip = asIpv4(text)
  if (!ip) context.addIssue({ code: 'custom', message: `"${text}" is not an IPv4 address` })
  return ip ?? z.NEVER
})

/** `10.77.0.100-10.77.0.250`. */
export const pool = z.string().transform((text, context) => {
  const [first, last, ...rest] = text.split('-').map((part) => asIpv4(part.trim()))
  if (!first || !last || rest.length > 0 || ipv4ToNumber(first) > ipv4ToNumber(last)) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no pool; write it as 10.77.0.100-10.77.0.250, the lower address first`,
    })
    return z.NEVER
  }
  return { first, last }
})

export const subnet = z.string().transform((text, context) => {
  const parsed = asSubnet(text)
  if (!parsed)
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no subnet; write its network address and prefix length, as 10.77.0.0/24`,
    })
  return parsed ?? z.NEVER
})

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

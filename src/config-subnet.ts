/** The settings of one subnet that DHCP serves: what machines on it are told, and what each setting means in a sentence. */
import { z } from 'zod'
import { ipv4, listOf, pools, reservation, route, subnet, subnet6 } from './config-values.ts'
import { contains } from './model/address.ts'
import { encodeNamedOption, isDomain } from './model/dhcp-options.ts'
import { DHCP_MODES, type ServedSubnet } from './model/subnet.ts'

export const servedSubnet = z
  .strictObject({
    subnet: subnet.describe('`10.77.0.0/24`'),
    shared_network: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a name of letters, digits, "_", "." and "-"')
      .optional()
      .describe('subnets of the same name are on one link: a machine there may get an address of any of them'),
    pool: pools
      .default([])
      .describe(
        '`10.77.0.100-10.77.0.250`, or a list of such; without one only systems with a fixed address are served',
      ),
    reservations: z
      .array(reservation)
      .default([])
      .describe(
        'addresses of machines that are no systems, or known by something else than their MAC; all that is named must fit',
      ),
    server: ipv4
      .optional()
      .describe(
        'our address that machines there are told; else the one that we have in the subnet, or where they are heard',
      ),
    gateway: ipv4.optional().describe('the router that machines are told; else none'),
    dns: listOf(ipv4).default([]).describe('the name servers that machines are told; else our own address'),
    domain: z
      .string()
      .regex(/^[A-Za-z0-9.-]*$/, 'a domain has letters, digits, dots and dashes')
      .default('')
      .describe('the domain that machines are told; the first one is also that of names without one'),
    search: listOf(z.string().refine(isDomain, 'a domain has letters, digits, dots and dashes'))
      .default([])
      .describe('the domains in which machines look for names (option 119)'),
    ntp: listOf(ipv4).default([]).describe('the time servers that machines are told (option 42)'),
    mtu: z.number().int().min(576).max(65_535).optional().describe('the largest packet that machines send (option 26)'),
    routes: z
      .array(route)
      .default([])
      .describe(
        'routes beside the gateway, as `10.1.0.0/16 via 10.77.0.9` (option 121); who takes them ignores the gateway elsewhere, so it is told with them',
      ),
    options: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
      .default({})
      .superRefine((given, context) => {
        for (const [name, value] of Object.entries(given)) {
          const encoded = encodeNamedOption(name, value)
          if (!encoded.ok) context.addIssue({ code: 'custom', message: encoded.because, path: [name] })
        }
      })
      .describe(
        'more options by the names that IANA has for them, as `{tzdb-timezone: Europe/Berlin}`; the names are in `src/model/dhcp-options.ts`',
      ),
    mode: z
      .enum(DHCP_MODES)
      .default('authoritative')
      .describe(
        '`authoritative`: the one DHCP server here; `beside` another: addresses that we know nothing of are left to it; `proxy`: another gives all addresses, we only tell machines what to boot; `off`',
      ),
    conflict_check: z
      .boolean()
      .default(false)
      .describe('before a free address is offered, ARP asks for a third of a second whether somebody has it'),
    lease_seconds: z
      .number()
      .int()
      .min(60)
      .max(31_536_000)
      .default(3600)
      .describe('how long an address is given for; machines renew after half of it'),
    ipv6: subnet6
      .optional()
      .describe(
        '`fd77::/64`: the IPv6 network of the same link; DHCPv6 tells boot files there. Where we are on the link we need an address in it, and advertise it; elsewhere its router does, and relays DHCPv6 to us',
      ),
    ipv6_router_seconds: z
      .number()
      .int()
      .min(0)
      .max(9000)
      .default(0)
      .describe('how long machines take us for a router of IPv6; `0`: we are none'),
  })
  .transform((given, context): ServedSubnet => {
    const routers = given.routes.map(({ via }) => via)
    const ends = given.pool.flatMap(({ first, last }) => [first, last])
    const reserved = given.reservations.map(({ ip }) => ip)
    const inside = [...ends, given.gateway, ...routers, ...reserved].filter((ip) => ip !== undefined)
    const twice = reserved.find((ip, index) => reserved.indexOf(ip) !== index)
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `${twice} is reserved twice` })
    for (const ip of inside) {
      if (!contains(given.subnet, ip))
        context.addIssue({
          code: 'custom',
          message: `${ip} is not in the subnet ${given.subnet.network}/${given.subnet.prefix}`,
        })
    }
    const {
      lease_seconds: leaseSeconds,
      conflict_check: conflictCheck,
      shared_network: sharedNetwork,
      pool,
      gateway,
      ...more
    } = given
    const { ipv6_router_seconds: ipv6RouterSeconds, ...rest } = more
    return { ...rest, pools: pool, gateway, leaseSeconds, conflictCheck, sharedNetwork, ipv6RouterSeconds }
  })

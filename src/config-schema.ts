/** The settings of orchestra.yaml: their names, their defaults, their meaning. One schema; config.ts reads file and environment. */
import { z } from 'zod'
import { asIpv4, asSubnet, contains, type Ipv4, ipv4ToNumber } from './model/address.ts'
import type { ServedSubnet } from './model/subnet.ts'

/** An address to listen on. Port 0 lets the system choose. */
export interface Listen {
  readonly address: string
  readonly port: number
}

const listen = z.string().transform((text, context): Listen => {
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

const ipv4 = z.string().transform((text, context): Ipv4 => {
  const ip = asIpv4(text)
  if (!ip) context.addIssue({ code: 'custom', message: `"${text}" is not an IPv4 address` })
  return ip ?? z.NEVER
})

/** `10.77.0.100-10.77.0.250`. */
const pool = z.string().transform((text, context) => {
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

const subnet = z.string().transform((text, context) => {
  const parsed = asSubnet(text)
  if (!parsed)
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no subnet; write its network address and prefix length, as 10.77.0.0/24`,
    })
  return parsed ?? z.NEVER
})

/** One value, or several in a list or parted by commas. */
const listOf = <Schema extends z.ZodType>(one: Schema) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(/[,\s]+/).filter((part) => part !== '') : value),
    z.array(one),
  )

const servedSubnet = z
  .strictObject({
    subnet,
    pool: pool.optional(),
    gateway: ipv4.optional(),
    dns: listOf(ipv4).default([]),
    domain: z
      .string()
      .regex(/^[A-Za-z0-9.-]*$/, 'a domain has letters, digits, dots and dashes')
      .default(''),
    /** Off: we say nothing about addresses that we know nothing of, because another server may. */
    authoritative: z.boolean().default(true),
    lease_seconds: z.number().int().min(60).max(31_536_000).default(3600),
  })
  .transform((given, context): ServedSubnet => {
    const inside = [given.pool?.first, given.pool?.last, given.gateway].filter((ip) => ip !== undefined)
    for (const ip of inside) {
      if (!contains(given.subnet, ip))
        context.addIssue({
          code: 'custom',
          message: `${ip} is not in the subnet ${given.subnet.network}/${given.subnet.prefix}`,
        })
    }
    const { lease_seconds: leaseSeconds, pool, gateway, ...rest } = given
    return { ...rest, pool, gateway, leaseSeconds }
  })

const url = z.string().transform((text, context) => {
  if (!/^https?:\/\/[^/\s?#]+\/?$/.test(text) || !URL.canParse(text)) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no base URL; write it as http://10.77.0.1 or http://boot.example:8080`,
    })
  }
  return text.replace(/\/$/, '')
})

/** What depends on who starts the daemon: root may take the well-known ports. */
export interface Surroundings {
  readonly isRoot: boolean
  readonly dataFolder: string
}

export function settingsSchema({ isRoot, dataFolder }: Surroundings) {
  const port = (wellKnown: number, high: number) => `0.0.0.0:${isRoot ? wellKnown : high}`
  return z.strictObject({
    /** The one directory in which everything is kept. */
    data: z.string().min(1).default(dataFolder),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        /** `text` for people, `json` for collectors; `auto` is text on a terminal. */
        format: z.enum(['auto', 'json', 'text']).default('auto'),
      })
      .prefault({}),
    http: z
      .strictObject({
        listen: listen.prefault(port(80, 8080)),
        /** What nodes are told; unset: the address of the first served interface, else of this host. */
        url: url.optional(),
      })
      .prefault({}),
    tftp: z.strictObject({ enabled: z.boolean().default(true), listen: listen.prefault(port(69, 6969)) }).prefault({}),
    dhcp: z
      .strictObject({
        /** Unset: on for root when there are subnets. */
        enabled: z.boolean().optional(),
        /** Names; unset: the interfaces that have an address in one of the subnets. */
        interfaces: listOf(
          z.string().regex(/^[^\s/]{1,15}$/, 'an interface name has at most 15 characters, no blank or slash'),
        ).default([]),
        subnets: z.array(servedSubnet).default([]),
      })
      .prefault({}),
    dns: z.strictObject({ enabled: z.boolean().default(false), listen: listen.prefault(port(53, 5353)) }).prefault({}),
    boot: z
      .strictObject({
        /** Loader per firmware; see the README. */
        loaders: z
          .strictObject({
            bios: z.enum(['pxelinux', 'ipxe']).default('pxelinux'),
            uefi: z.enum(['grub', 'ipxe']).default('grub'),
          })
          .prefault({}),
        /** Profile that unknown machines boot to register themselves; unset: they are recorded and left alone. */
        enlist_profile: z.string().optional(),
        /** The preseed of profiles that name none. */
        autoinstall: z.string().default('default.seed'),
      })
      .prefault({}),
    admin: z
      .strictObject({
        user: z
          .string()
          .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'letters, digits, ".", "_", "@" and "-", at most 64')
          .default('admin'),
        /** Used at the first start only; unset: one is made up and printed once. */
        password: z.string().min(1, 'an empty password is refused').optional(),
      })
      .prefault({}),
    cobbler: z.strictObject({ anonymous_reads: z.boolean().default(false) }).prefault({}),
    webdav: z
      .strictObject({ anonymous_read: z.boolean().default(false), anonymous_write: z.boolean().default(false) })
      .prefault({}),
  })
}

export type Settings = z.infer<ReturnType<typeof settingsSchema>>

/** The settings of orchestra.yaml: their names, their defaults, their meaning. One schema; config.ts reads file and environment. */
import { z } from 'zod'
import { asIpv4, asSubnet, contains, type Ipv4, ipv4ToNumber } from './model/address.ts'
import type { ClassPair } from './model/mgmt-class.ts'
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

const className = z
  .string()
  .regex(/^[A-Za-z0-9_.:+-]{1,255}$/, 'a class has letters, digits, "_", ".", ":", "+" and "-"')

const classPair = z
  .strictObject({ available: className, acquired: className })
  .refine(({ available, acquired }) => available !== acquired, 'available and acquired must be two classes')

/** Those that Orchestra and Ensemble were shipped with, and those of their documents. */
const SHIPPED_PAIRS: ClassPair[] = [
  { available: 'available', acquired: 'acquired' },
  { available: 'orchestra-juju-available', acquired: 'orchestra-juju-acquired' },
  { available: 'foo-available', acquired: 'foo-acquired' },
]

/** A class with two meanings would give one machine to two. */
function checkPairs(pairs: readonly ClassPair[], context: z.RefinementCtx): void {
  const names = pairs.flatMap(({ available, acquired }) => [available, acquired])
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) context.addIssue({ code: 'custom', message: `the class "${twice}" is in it twice` })
}

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
        /** Loader per firmware. */
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
    /** The pairs of management classes by which orchestrators take machines and give them back. */
    classes: z.array(classPair).default(SHIPPED_PAIRS).superRefine(checkPairs),
    webdav: z
      .strictObject({
        enabled: z.boolean().default(true),
        /** GET, HEAD, OPTIONS and PROPFIND for anybody: what the old orchestrators' machines need. */
        anonymous_read: z.boolean().default(false),
        /** Everything for anybody, as in 2011. */
        anonymous_write: z.boolean().default(false),
        /** Besides Digest: Basic, for those who ask for it, `tls` only through a proxy that is named in http.url with https. */
        basic: z.enum(['off', 'tls', 'on']).default('tls'),
        /** Of all that is kept; unset: what the disk holds. */
        quota_bytes: z.number().int().min(0).optional(),
      })
      .prefault({}),
    /** A machine that does not get on is reported after so long, and an install that fails ends in `broken`. */
    deadlines: z
      .strictObject({
        /** From acquired or netboot on to power on. */
        power_seconds: z.number().int().min(10).default(900),
        /** From power on to a boot config asked for. */
        boot_seconds: z.number().int().min(10).default(900),
        /** From the kernel to the installer's last call. */
        install_seconds: z.number().int().min(10).default(7200),
        /** From the installer's last call to the call of the installed system. */
        callback_seconds: z.number().int().min(10).default(1800),
        /** Installs begun and not ended, one after the other, before the next boot is no install. */
        installs: z.number().int().min(1).default(3),
      })
      .prefault({}),
    power: z
      .strictObject({
        /** Each machine is looked at once in so long; 0: only when somebody asks. */
        poll_seconds: z.number().int().min(0).max(86_400).default(60),
        /** Controllers asked at once. */
        at_once: z.number().int().min(1).max(10_000).default(64),
        /** At most so many machines are turned on … */
        wave: z.number().int().min(1).default(10),
        /** … within so many seconds: a rack has a breaker. */
        wave_seconds: z.number().min(0).max(3600).default(1),
        /** Programs of this site that turn machines on and off: src/power/drivers/site.ts says how they are called. */
        drivers: z
          .array(
            z.strictObject({
              type: z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/, 'a word of small letters, digits, "_" and "-"'),
              program: z.string().startsWith('/', 'the whole path of a program'),
              can: z.array(z.enum(['on', 'off', 'reboot', 'state'])).default(['on', 'off', 'state']),
            }),
          )
          .default([]),
      })
      .prefault({}),
    syslog: z
      .strictObject({
        /** The installer's syslog, kept per machine. */
        enabled: z.boolean().default(true),
        listen: listen.prefault(port(514, 5514)),
        /** Lines kept of each machine. */
        keep_lines: z.number().int().min(100).max(1_000_000).default(5000),
      })
      .prefault({}),
    trace: z
      .strictObject({
        /** How long each step of a boot is waited for before it counts as missing: 2 is twice as long as usual. */
        patience: z.number().min(0.01).max(100).default(1),
        /** Packets kept of each boot, for `orchestra trace NAME --pcap`; 0: none. */
        packet_bytes: z.number().int().min(0).max(16_777_216).default(131_072),
      })
      .prefault({}),
    proxy: z
      .strictObject({
        /** The built-in cache of packages. */
        enabled: z.boolean().default(false),
        listen: listen.prefault('0.0.0.0:8000'),
        /** Hosts that it fetches from, and no others; `*.debian.org` is all below. */
        mirrors: listOf(z.string().regex(/^(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$/, 'a host, or *. and a domain')).default([
          'deb.debian.org',
          'security.debian.org',
          'archive.ubuntu.com',
          '*.archive.ubuntu.com',
          'security.ubuntu.com',
          'ports.ubuntu.com',
        ]),
        cache_bytes: z
          .number()
          .int()
          .min(0)
          .default(20 * 1024 ** 3),
        /** An existing proxy that machines are told of instead. */
        url: url.optional(),
      })
      .prefault({}),
    /** The metadata service: NoCloud-net and the EC2 paths, by one-time tokens. */
    metadata: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
    /** Who is told of events: services/webhooks.ts says how. */
    webhooks: z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/, error: 'a URL, like https://hooks.example/orchestra' }),
          secret: z.string().min(16, 'a secret has 16 characters or more'),
          /** Names, or patterns: power.* */
          events: listOf(z.string()).default(['*']),
        }),
      )
      .default([]),
  })
}

export type Settings = z.infer<ReturnType<typeof settingsSchema>>

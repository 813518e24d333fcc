/**
 * The settings of orchestra.yaml: their names, their defaults, and what each means in a sentence that SETTINGS.md and the
 * console show. One schema; config.ts reads file and environment.
 */
import { z } from 'zod'
import { servedSubnet } from './config-subnet.ts'
import { listen, listOf, resolver, url } from './config-values.ts'
import type { ClassPair } from './model/mgmt-class.ts'

const className = z
  .string()
  .regex(/^[A-Za-z0-9_.:+-]{1,255}$/, 'a class has letters, digits, "_", ".", ":", "+" and "-"')

const classPair = z
  .strictObject({
    available: className.describe('of machines that may be taken'),
    acquired: className.describe('of machines that are taken'),
  })
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

const siteDriver = z.strictObject({
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,40}$/, 'a word of small letters, digits, "_" and "-"')
    .describe('the word in `power_type`'),
  program: z.string().startsWith('/', 'the whole path of a program').describe('its whole path'),
  can: z
    .array(z.enum(['on', 'off', 'reboot', 'state']))
    .default(['on', 'off', 'state'])
    .describe('and `reboot`'),
})

const webhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'a URL, like https://hooks.example/orchestra' })
    .describe('where it is sent'),
  secret: z
    .string()
    .min(16, 'a secret has 16 characters or more')
    .meta({ description: 'the key of the signature, 16 characters or more', secret: true }),
  events: listOf(z.string()).default(['*']).describe('names of events, or patterns like `power.*`'),
})

/** What depends on who starts the daemon: root may take the well-known ports. */
export interface Surroundings {
  readonly isRoot: boolean
  readonly dataFolder: string
}

export function settingsSchema({ isRoot, dataFolder }: Surroundings) {
  const listenOn = (wellKnown: number, high: number) => listen.prefault(`0.0.0.0:${isRoot ? wellKnown : high}`)
  const flag = (otherwise: boolean, meaning: string) => z.boolean().default(otherwise).describe(meaning)
  const count = (least: number, otherwise: number, meaning: string) =>
    z.number().int().min(least).default(otherwise).describe(meaning)
  return z.strictObject({
    data: z
      .string()
      .min(1)
      .default(dataFolder)
      .describe('the one directory in which everything is kept; for other users than root `~/.local/share/orchestra`'),
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error'])
          .default('info')
          .describe('`debug`, `info`, `warn` or `error`'),
        format: z
          .enum(['auto', 'json', 'text'])
          .default('auto')
          .describe('`text` for people, `json` for collectors; `auto` is text on a terminal'),
      })
      .prefault({}),
    http: z
      .strictObject({
        listen: listenOn(80, 8080).describe('for other users than root port 8080'),
        url: url
          .optional()
          .describe('what machines are told to fetch from; else our address on the first served subnet'),
      })
      .prefault({}),
    tftp: z
      .strictObject({
        enabled: flag(true, 'sends loaders and their configs to machines that boot by TFTP'),
        listen: listenOn(69, 6969).describe(
          'for other users than root port 6969; `0.0.0.0` is also our address of each IPv6 network in `dhcp.subnets`',
        ),
      })
      .prefault({}),
    dhcp: z
      .strictObject({
        enabled: z.boolean().optional().describe('else on for root when there are subnets'),
        interfaces: listOf(
          z.string().regex(/^[^\s/]{1,15}$/, 'an interface name has at most 15 characters, no blank or slash'),
        )
          .default([])
          .describe('else the interfaces that have an address in one of the subnets'),
        probe: flag(
          true,
          'before it answers in a subnet whose one DHCP server it is to be, it asks for four seconds whether there is another, and then stays off there',
        ),
        subnets: z.array(servedSubnet).default([]).describe('what is served; each with the settings below'),
      })
      .prefault({}),
    dns: z
      .strictObject({
        enabled: flag(false, 'answers for the systems and leases it knows'),
        listen: listenOn(53, 5353).describe(
          'for other users than root port 5353; `0.0.0.0` is also our address of each IPv6 network in `dhcp.subnets`',
        ),
        forwarders: listOf(resolver)
          .default([])
          .describe(
            'name servers that are asked for all other names, for clients of our subnets and this host; else none',
          ),
      })
      .prefault({}),
    boot: z
      .strictObject({
        loaders: z
          .strictObject({
            bios: z.enum(['pxelinux', 'ipxe']).default('pxelinux').describe('or `ipxe`'),
            uefi: z.enum(['grub', 'ipxe']).default('grub').describe('or `ipxe`'),
            uefi_http: z
              .enum(['grub', 'ipxe'])
              .optional()
              .describe(
                'for UEFI HTTP Boot; else as `uefi`, but iPXE where the GRUB here knows no HTTP, as that of Debian 12',
              ),
          })
          .prefault({}),
        enlist_profile: z
          .string()
          .optional()
          .describe('the profile that unknown machines boot; else they are noted and left alone'),
        autoinstall: z.string().default('default.seed').describe('the preseed of profiles that name none'),
      })
      .prefault({}),
    admin: z
      .strictObject({
        user: z
          .string()
          .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'letters, digits, ".", "_", "@" and "-", at most 64')
          .default('admin')
          .describe('the first user, made at the first start'),
        password: z.string().min(1, 'an empty password is refused').optional().meta({
          description: 'used at the first start only; else one is made up and printed once',
          secret: true,
        }),
      })
      .prefault({}),
    cobbler: z
      .strictObject({ anonymous_reads: flag(false, 'XML-RPC reads without a token, as old Cobbler allowed') })
      .prefault({}),
    classes: z
      .array(classPair)
      .default(SHIPPED_PAIRS)
      .superRefine(checkPairs)
      .describe('the pairs of management classes by which orchestrators take machines and give them back'),
    webdav: z
      .strictObject({
        enabled: flag(true, 'the store at `/webdav`'),
        anonymous_read: flag(
          false,
          'GET, HEAD, OPTIONS and PROPFIND for anybody: old orchestrators and their machines need it',
        ),
        anonymous_write: flag(false, 'everything for anybody, as in 2011'),
        basic: z
          .enum(['off', 'tls', 'on'])
          .default('tls')
          .describe(
            'Basic for those who send it: `off`, `tls` (when `http.url` is https) or `on`; Digest is always there',
          ),
        quota_bytes: z.number().int().min(0).optional().describe('else what the disk holds'),
      })
      .prefault({}),
    deadlines: z
      .strictObject({
        power_seconds: count(10, 900, 'from acquired to power on, before somebody is told'),
        boot_seconds: count(10, 900, 'from power on to a boot config'),
        install_seconds: count(10, 7200, 'an installation that takes longer is broken'),
        callback_seconds: count(10, 1800, "from the installer's last call to that of the installed system"),
        installs: count(1, 3, 'installations begun in a row that none may end: the next boot goes to the disk'),
      })
      .prefault({}),
    power: z
      .strictObject({
        poll_seconds: z
          .number()
          .int()
          .min(0)
          .max(86_400)
          .default(60)
          .describe('each machine is looked at once in so long; `0`: only when somebody asks'),
        at_once: z.number().int().min(1).max(10_000).default(64).describe('controllers asked at once'),
        wave: count(1, 10, 'at most so many machines are turned on …'),
        // A rack has a breaker.
        wave_seconds: z.number().min(0).max(3600).default(1).describe('… within so many seconds'),
        drivers: z
          .array(siteDriver)
          .default([])
          .describe(
            'programs of the site that turn machines on and off; how they are called is in `src/power/drivers/site.ts`',
          ),
      })
      .prefault({}),
    syslog: z
      .strictObject({
        enabled: flag(true, 'keeps the lines of installers, machine by machine'),
        listen: listenOn(514, 5514).describe('for other users than root port 5514'),
        keep_lines: z.number().int().min(100).max(1_000_000).default(5000).describe('of each machine'),
      })
      .prefault({}),
    trace: z
      .strictObject({
        patience: z
          .number()
          .min(0.01)
          .max(100)
          .default(1)
          .describe(
            'how long each step of a boot is waited for before `orchestra trace` calls it missing; `2`: twice as long',
          ),
        packet_bytes: z
          .number()
          .int()
          .min(0)
          .max(16_777_216)
          .default(131_072)
          .describe('bytes of packets kept of each boot, for `orchestra trace NAME --pcap FILE`; `0`: none'),
      })
      .prefault({}),
    proxy: z
      .strictObject({
        enabled: flag(false, 'a cache of packages for installers'),
        listen: listen.prefault('0.0.0.0:8000').describe('where installers reach it'),
        mirrors: listOf(z.string().regex(/^(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$/, 'a host, or *. and a domain'))
          .default([
            'deb.debian.org',
            'security.debian.org',
            'archive.ubuntu.com',
            '*.archive.ubuntu.com',
            'security.ubuntu.com',
            'ports.ubuntu.com',
          ])
          .describe('the hosts that it fetches from, and no others'),
        cache_bytes: count(0, 20 * 1024 ** 3, 'what was not asked for the longest is dropped beyond that'),
        url: url.optional().describe('an existing proxy that machines are told of instead'),
      })
      .prefault({}),
    metadata: z
      .strictObject({ enabled: flag(true, "user data by one-time tokens, for installers and clouds' tools") })
      .prefault({}),
    webhooks: z
      .array(webhook)
      .default([])
      .describe('who is told of events by a signed POST; what is sent is in `src/services/webhooks.ts`'),
  })
}

export type Settings = z.infer<ReturnType<typeof settingsSchema>>

/** What the API answers, for its description: shapes only, which are held against real answers in the tests. */
import { z } from 'zod'
import { BOOT_STEPS } from '../model/event.ts'
import { ARCHITECTURES, FIRMWARES } from '../model/explanation.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemType } from '../model/items.ts'
import { JOB_KINDS, JOB_STATES } from '../model/job.ts'
import { STAGES } from '../model/standing.ts'
import { REACHED } from '../model/trace.ts'

/** Shapes that the description names once. */
export const named = z.registry<{ id: string }>()

export const json = z.json().register(named, { id: 'Json' })
const text = z.string()
const integer = z.number().int()
const time = integer.describe('Milliseconds since 1970.')
const list = z.array(text)
const object = z.record(text, json)
const inherited = z.literal(INHERIT)
const textOrInherited = text.describe(`A text, or ${INHERIT}.`)
const listOrInherited = z.union([inherited, list])
const objectOrInherited = z.union([inherited, object])

const item = {
  ...{ uid: text, name: text, revision: integer.describe('The entity tag.'), ctime: time, mtime: time, comment: text },
  ...{ owners: listOrInherited, mgmtClasses: listOrInherited, other: object },
}
const kernel = { kernelOptions: objectOrInherited, kernelOptionsPost: objectOrInherited, meta: objectOrInherited }
const resolver = { nameServers: listOrInherited, nameServersSearch: listOrInherited }
const loading = { bootLoaders: listOrInherited, filename: textOrInherited }

export const networkInterface = z.strictObject({
  ...{ macAddress: text, ipAddress: text, netmask: text, gateway: text, dnsName: text },
  ...{ static: z.boolean(), management: z.boolean(), mtu: text, other: object },
})

export const ITEMS = {
  distro: z.strictObject({
    ...{ ...item, kernel: text, initrd: text, arch: text, breed: text, osVersion: text },
    ...{
      kernelOptions: object,
      kernelOptionsPost: object,
      meta: object,
      bootLoaders: listOrInherited,
      checksums: z.record(text, text),
    },
  }),
  profile: z.strictObject({
    ...{ ...item, ...kernel, ...resolver, ...loading, distro: text, parent: text },
    ...{ autoinstall: textOrInherited, server: textOrInherited },
  }),
  system: z.strictObject({
    ...{
      ...item,
      ...kernel,
      ...resolver,
      ...loading,
      profile: text,
      image: text,
      netbootEnabled: z.boolean(),
      hostname: text,
    },
    ...{ gateway: text, status: text, autoinstall: textOrInherited, server: textOrInherited },
    interfaces: z.record(text, networkInterface),
    power: z.strictObject({
      ...{ type: text, address: text, user: text, id: text, options: text },
      pass: text.describe('Written, never read: ******** where there is one.'),
    }),
  }),
  mgmtclass: z.strictObject({ ...item, className: text, isDefinition: z.boolean(), params: object }),
  image: z.strictObject({
    ...item,
    file: text,
    arch: text,
    breed: text,
    osVersion: text,
    autoinstall: textOrInherited,
  }),
  repo: z.strictObject({ ...item, mirror: text, arch: text, breed: text }),
  package: z.strictObject({ ...item, action: text, installer: text, version: text }),
  file: z.strictObject({ ...item, path: text, action: text, isDirectory: z.boolean(), template: text }),
  menu: z.strictObject({ ...item, displayName: text, parent: text }),
} as const satisfies { readonly [Type in ItemType]: z.ZodType }
for (const [type, shape] of Object.entries(ITEMS)) named.add(shape, { id: type.replace(/^./, (c) => c.toUpperCase()) })

export const problem = z
  .object({
    ...{ type: text, title: text, status: integer, detail: text.describe('One sentence for people.') },
    code: text.describe('One word for programs.'),
    field: text.optional().describe('The field that is wrong, where there is one.'),
  })
  .register(named, { id: 'Problem' })

const action = z.enum(['on', 'off', 'reboot'])
const state = z.enum(['on', 'off', 'unknown'])
export const task = z
  .strictObject({
    ...{ id: text, system: text, action, because: text, started: time, ended: time.optional() },
    state: z.enum(['queued', 'running', 'complete', 'failed', 'cancelled']),
    by: text.optional(),
    job: text.optional().describe('The job that it is a part of.'),
  })
  .register(named, { id: 'Task' })

const reading = { state, at: time.nullable(), because: text }
export const powerReading = z.object(reading).register(named, { id: 'PowerReading' })
export const powerReadings = z.array(z.object({ system: text, ...reading }))
export const powerOrders = z.object({
  results: z.array(z.union([z.object({ system: text, task }), z.object({ system: text, because: text })])),
})
export const powerTest = z.looseObject({ ok: z.boolean(), because: text })

export const standing = z
  .strictObject({
    ...{ system: text, stage: z.enum(STAGES), since: time, evidence: z.object({ at: time, text }) },
    ...{ deadline: time.nullable(), next: text, overdue: z.boolean(), installs: integer, stopped: text.nullable() },
    ...{ broken: z.object({ at: time, because: text }).nullable(), custody: text, holder: text, netboot: z.boolean() },
    ...{ contradiction: text.nullable(), needsAttention: z.boolean() },
  })
  .register(named, { id: 'Standing' })

export const event = z
  .object({
    ...{ id: integer, at: time, name: text.describe('item.changed, boot.step, power.changed …') },
    payload: z.looseObject({ system: text.optional(), step: z.enum(BOOT_STEPS).optional(), because: text.optional() }),
  })
  .register(named, { id: 'Event' })

export const lease = z.strictObject({
  ...{ ip: text, mac: text, state: z.enum(['offered', 'leased', 'declined']), expires: time, hostname: text },
})
export const logLine = z.strictObject({ id: integer, at: time, severity: integer, app: text, message: text })
export const installStatus = z.strictObject({
  ...{ system: text, ip: text, started: time.nullable(), ended: time.nullable(), seen: time },
  state: z.enum(['installing', 'finished', 'stalled']),
})

const bootFields = {
  ...{ id: integer, mac: text.nullable(), uid: text.nullable(), system: text.nullable() },
  ...{ started: time, ended: time.nullable(), endedBy: z.enum(['machine', 'power']).nullable() },
  seen: time.describe('When the machine was seen last.'),
  ...{ reached: z.enum(REACHED), repeats: integer, dropped: integer, revision: integer },
  ...{ firmware: text.nullable(), profile: text.nullable(), bytes: integer },
  progress: z.number().min(0).max(1).nullable().describe('By the station that it reached; null: it is no boot.'),
  verdict: z.object({
    ...{ verdict: text, fault: z.boolean(), says: text, missing: text.nullable(), next: text.nullable() },
    evidence: z.object({ n: integer, at: time, kind: text, text }).nullable(),
  }),
}
export const bootSummary = z.strictObject(bootFields).register(named, { id: 'BootSummary' })
/** More is in its entries, by the kind of what was seen. */
export const boot = z
  .strictObject({ ...bootFields, entries: z.array(z.looseObject({ n: integer, at: time, kind: text, text })) })
  .register(named, { id: 'Boot' })

export const unknownMachine = z
  .strictObject({
    ...{ mac: text, ip: text.nullable(), vendor: text.nullable(), first: time, last: time },
    times: integer.describe('How many boots of it were seen.'),
    ...{ asked: text, bootId: integer.nullable(), verdict: text.nullable() },
  })
  .register(named, { id: 'UnknownMachine' })

const templateFacts = {
  path: text.describe('preseeds/default.seed'),
  kind: z.enum(['template', 'snippet', 'preseed', 'script', 'autoinstall']),
  origin: z.enum(['built-in', 'site', 'uploaded']),
  language: z.enum(['handlebars', 'cheetah', 'jinja', 'text']),
  bytes: integer,
  mtime: time.nullable(),
  usedBy: list,
}
export const templateEntry = z.strictObject(templateFacts).register(named, { id: 'TemplateEntry' })
export const template = z
  .strictObject({ ...templateFacts, text, builtIn: text.nullable(), revision: text.describe('The entity tag.') })
  .register(named, { id: 'Template' })
export const templateVersion = z
  .strictObject({ version: integer, at: time, by: text.nullable(), comment: text, text: text.nullable() })
  .register(named, { id: 'TemplateVersion' })
const problems = z.array(
  z.strictObject({ line: integer.nullable(), severity: z.enum(['error', 'warning']), message: text }),
)
export const templateProblems = z.strictObject({ problems })
export const templatePreview = z.strictObject({ text, problems })

const sources = z.array(
  z.strictObject({
    kind: z.enum(['distro', 'profile', 'system', 'setting', 'template', 'script', 'request', 'lease', 'computed']),
    ...{ name: text, field: text.nullable(), line: integer.nullable() },
  }),
)
const [firmware, arch] = [z.enum(FIRMWARES), z.enum(ARCHITECTURES)]
export const explanation = z
  .strictObject({
    machine: z.strictObject({ mac: text.nullable(), system: text.nullable(), known: z.boolean() }),
    whatIf: z.strictObject({
      ...{ firmware: firmware.nullable(), arch: arch.nullable() },
      ...{ netboot: z.boolean().nullable(), profile: text.nullable() },
    }),
    asks: z.strictObject({ firmware, arch, because: text }).describe('As what it is taken to ask.'),
    decision: z.strictObject({ boot: z.enum(['install', 'local', 'enlist', 'ignore']), because: text }),
    steps: z.array(
      z.strictObject({
        id: z.enum(['dhcp', 'loader', 'config', 'kernel', 'preseed', 'late-command', 'metadata']),
        ...{ title: text, outcome: z.enum(['ok', 'none', 'error']), because: text, url: text.nullable() },
        lines: z.array(z.strictObject({ text, from: sources })),
        options: z
          .array(z.strictObject({ code: integer, name: text, value: text, hex: text, from: sources }))
          .optional(),
      }),
    ),
  })
  .register(named, { id: 'Explanation' })
export const sentPreseed = z.strictObject({ text, at: time, boot: integer.nullable() })

const handed = z
  .object({
    ...{ uid: text, name: text, hostname: text, profile: text, arch: text.nullable(), mgmtClasses: list },
    revision: integer,
  })
  .register(named, { id: 'HandedMachine' })
export const acquired = z.object({
  ...{ system: handed, dryRun: z.boolean(), morePassedOver: integer },
  passedOver: z.array(z.object({ name: text, because: text })),
})
export const released = z.object({ system: handed, power: z.object({ task: text.nullable(), because: text }) })

export const imported = z.object({
  ...{ distro: ITEMS.distro, profile: ITEMS.profile, children: z.array(ITEMS.profile), files: z.record(text, text) },
  ...{ changed: z.boolean(), because: text },
})
export const names = z.record(text, list)
export const sentences = list
export const variables = z.record(text, json)
export const consoleKinds = z.array(
  z.object({ kind: z.enum(['serial', 'vnc']), available: z.boolean(), because: text }),
)
export const plainText = text

const result = z.object({ system: text, outcome: z.enum(JOB_STATES), because: text })
export const job = z
  .strictObject({
    ...{ id: text, kind: z.enum(JOB_KINDS), title: text.describe('For people.'), by: text.nullable() },
    ...{ started: time, ended: time.nullable(), state: z.enum(JOB_STATES), because: text.describe('One sentence.') },
    progress: z.object({ done: integer, total: integer }).nullable().describe('Machines, or bytes.'),
    results: z.array(result).optional().describe('How each machine came out; left out in lists.'),
  })
  .register(named, { id: 'Job' })
export const jobs = z.array(job)
export const begun = z.object({ job })
export const jobLines = z.array(z.strictObject({ n: integer, at: time, text }))
export const bulkOutlook = z.strictObject({
  ...{ action: text, eligible: list },
  not: z.array(z.strictObject({ system: text, because: text })),
})

const custody = z.enum(['available', 'acquired', 'both', 'none'])
export const machine = z
  .strictObject({
    ...{ uid: text, name: text, revision: integer, macs: list, ip: text, hostname: text, profile: text },
    ...{ arch: text.nullable(), netboot: z.boolean(), classes: list, custody, stage: z.enum(STAGES), since: time },
    ...{ broken: text.nullable(), power: state, powerAt: time.nullable(), powerType: text, canSee: z.boolean() },
    task: z.object({ id: text, action, state: text }).nullable().describe('What is done to its power now.'),
    boot: z
      .object({ id: integer, reached: text, started: time, ended: time.nullable(), verdict: text.nullable() })
      .nullable()
      .describe('Its last one.'),
    comment: text,
  })
  .register(named, { id: 'Machine' })
const count = z.record(text, integer)
export const summary = z.strictObject({
  ...{ systems: integer, stages: count, power: count, custody: count, unknownMachines: integer, foreignDhcp: integer },
})

export const folder = z.strictObject({
  path: text,
  entries: z.array(z.strictObject({ name: text, kind: z.enum(['file', 'folder']), bytes: integer, mtime: time })),
})

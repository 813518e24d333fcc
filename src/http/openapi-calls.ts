/** A sentence for each call of the API, and the shape of its answer where its route does not check that itself. A table. */
import { z } from 'zod'
import { ITEM_TYPES, PLURALS } from '../model/items.ts'
import * as shapes from './answer-shapes.ts'

export interface DescribedCall {
  readonly summary: string
  readonly tag: string
  /** By status; a route's own schema goes before it. */
  readonly answers?: Readonly<Record<number, z.ZodType>>
  /** Of the answer, where it is no JSON. */
  readonly type?: string
}

const nothing = z.undefined()

const items = ITEM_TYPES.flatMap((type): [string, DescribedCall][] => {
  const [plural, shape] = [PLURALS[type], shapes.ITEMS[type]]
  const one = `/api/${plural}/:name`
  const call = (key: string, summary: string, answers: Record<number, z.ZodType>): [string, DescribedCall] => [
    key,
    { summary, tag: plural, answers },
  ]
  return [
    call(`GET /api/${plural}`, `The ${plural}, all or a page of them`, { 200: z.array(shape) }),
    call(`POST /api/${plural}`, `Make a ${type}`, { 201: shape }),
    call(`GET ${one}`, `One ${type}`, { 200: shape }),
    call(`PATCH ${one}`, `Change a ${type}; what is left out stays`, { 200: shape }),
    call(`DELETE ${one}`, `Remove a ${type}`, { 204: nothing }),
    call(`POST ${one}/copy`, `Make a ${type} like this one`, { 201: shape }),
  ]
})

const others: readonly (readonly [
  key: string,
  tag: string,
  summary: string,
  answers?: DescribedCall['answers'],
  type?: string,
])[] = [
  ['POST /api/login', 'account', 'A token for a password'],
  ['POST /api/logout', 'account', 'End the token of this request', { 204: nothing }],
  ['GET /api/account', 'account', 'Who I am'],
  ['POST /api/account/password', 'account', 'Change my password; ends all my logins', { 204: nothing }],
  ['GET /api/users', 'users', 'The users'],
  ['POST /api/users', 'users', 'Let somebody in'],
  ['GET /api/users/:name', 'users', 'One user'],
  ['PATCH /api/users/:name', 'users', 'Change a role, or set a password, which ends all logins of the user'],
  ['DELETE /api/users/:name', 'users', 'Remove a user, with logins and tokens', { 204: nothing }],
  ['GET /api/tokens', 'tokens', 'My tokens for programs; for admins: those of all'],
  ['POST /api/tokens', 'tokens', 'Make a token for a program'],
  ['DELETE /api/tokens/:id', 'tokens', 'End a token at once', { 204: nothing }],
  ['GET /api/audit', 'audit', 'Who changed what, and which logins were refused; the newest first'],
  ['GET /api/systems/:name/power', 'power', 'Ask the machine for its power now', { 200: shapes.powerReading }],
  ['POST /api/systems/:name/power', 'power', 'Turn a machine on or off', { 202: z.object({ task: shapes.task }) }],
  ['POST /api/systems/:name/power/test', 'power', 'Would the controller obey?', { 200: shapes.powerTest }],
  ['POST /api/systems/:name/power/confirm', 'power', 'Say what was seen of a machine', { 200: shapes.powerReading }],
  ['POST /api/systems/:name/power/identify', 'power', 'Let the lamp blink', { 204: nothing }],
  ['GET /api/power', 'power', 'What was last seen of each machine', { 200: shapes.powerReadings }],
  ['POST /api/power', 'power', 'Turn many machines on or off', { 202: shapes.powerOrders }],
  [
    'DELETE /api/systems/:name/power',
    'power',
    'Cancel all that waits for a machine',
    { 200: z.object({ tasks: z.array(shapes.task) }) },
  ],
  ['GET /api/tasks/:id', 'power', 'How a task stands', { 200: shapes.task }],
  ['DELETE /api/tasks/:id', 'power', 'Cancel a task', { 200: shapes.task }],
  ['POST /api/acquire', 'machines', 'Take a free machine', { 200: shapes.acquired }],
  ['POST /api/systems/:name/release', 'machines', 'Give a machine back', { 200: shapes.released }],
  ['GET /api/standings', 'machines', 'How machines stand', { 200: z.array(shapes.standing) }],
  ['GET /api/systems/:name/standing', 'machines', 'How a machine stands', { 200: shapes.standing }],
  ['POST /api/systems/:name/repair', 'machines', 'Say that a machine was mended', { 200: shapes.standing }],
  ['GET /api/systems/:name/consoles', 'machines', 'Which consoles it has', { 200: shapes.consoleKinds }],
  [
    'GET /api/systems/:name/console/log',
    'machines',
    'What its serial console said last',
    { 200: shapes.plainText },
    'text/plain',
  ],
  [
    'GET /api/systems/:name/console/serial',
    'machines',
    'Its serial console: a WebSocket on which binary frames are bytes both ways',
    { 200: shapes.plainText },
  ],
  [
    'GET /api/systems/:name/console/vnc',
    'machines',
    'Its screen: a WebSocket that carries RFB',
    { 200: shapes.plainText },
  ],
  ['GET /api/systems/:name/log', 'machines', 'What it said while it was installed', { 200: z.array(shapes.logLine) }],
  [
    'GET /api/systems/:name/boots',
    'machines',
    'Its boots with their verdicts, the newest first',
    { 200: z.array(shapes.boot) },
  ],
  [
    'GET /api/machines/:mac/boots',
    'machines',
    'The same of a machine that is no system',
    { 200: z.array(shapes.bootSummary) },
  ],
  ['GET /api/boots', 'machines', 'The boots of all machines, the newest first', { 200: z.array(shapes.bootSummary) }],
  [
    'GET /api/boots/stream',
    'machines',
    'The boots that are live, and each that grows, as server-sent events',
    { 200: shapes.plainText },
    'text/event-stream',
  ],
  ['GET /api/boots/:id', 'machines', 'A boot with all that was seen of it', { 200: shapes.boot }],
  ['GET /api/explain/:machine', 'machines', 'What it would be told if it booted now', { 200: shapes.explanation }],
  [
    'GET /api/boots/:id/pcap',
    'machines',
    'The packets of a boot as a pcapng file',
    { 200: shapes.plainText },
    'application/octet-stream',
  ],
  [
    'GET /api/unknown-machines',
    'machines',
    'Machines that asked for something and are no system',
    { 200: z.array(shapes.unknownMachine) },
  ],
  [
    'POST /api/unknown-machines/:mac/enroll',
    'machines',
    'Make a system of an unknown machine',
    { 201: shapes.ITEMS.system },
  ],
  ['GET /api/status', 'machines', 'The installs of the last days', { 200: z.array(shapes.installStatus) }],
  [
    'GET /api/systems/:name/autoinstall',
    'installs',
    'The preseed of a system',
    { 200: shapes.plainText },
    'text/plain',
  ],
  [
    'GET /api/systems/:name/autoinstall/last',
    'installs',
    'What its installer was really sent the last time',
    { 200: shapes.sentPreseed },
  ],
  ['GET /api/systems/:name/variables', 'installs', 'The values that it is made of', { 200: shapes.variables }],
  [
    'GET /api/profiles/:name/autoinstall',
    'installs',
    'The preseed of a profile',
    { 200: shapes.plainText },
    'text/plain',
  ],
  ['GET /api/profiles/:name/variables', 'installs', 'The values that it is made of', { 200: shapes.variables }],
  [
    'POST /api/import',
    'installs',
    'Make a distro and a profile of a netboot tree',
    { 200: shapes.imported, 201: shapes.imported, 202: shapes.begun },
  ],
  ['GET /api/templates', 'templates', 'What machines are given texts from', { 200: z.array(shapes.templateEntry) }],
  ['GET /api/templates/*', 'templates', 'One template with its text', { 200: shapes.template }],
  ['PUT /api/templates/*', 'templates', "Save the site's own text", { 200: shapes.template }],
  ['DELETE /api/templates/*', 'templates', 'Go back to what is built in', { 204: nothing }],
  ['GET /api/template-versions/*', 'templates', 'What it said before', { 200: z.array(shapes.templateVersion) }],
  ['POST /api/template-lint', 'templates', 'What is wrong with a text', { 200: shapes.templateProblems }],
  ['POST /api/template-preview', 'templates', 'What a machine would be given', { 200: shapes.templatePreview }],
  ['GET /api/machines', 'machines', 'All machines, one row each; with an entity tag', { 200: z.array(shapes.machine) }],
  ['GET /api/summary', 'machines', 'How many machines there are of which kind', { 200: shapes.summary }],
  [
    'POST /api/bulk',
    'machines',
    'One action for many machines: who is to be had for it, or a job that does it',
    { 200: shapes.bulkOutlook, 202: shapes.begun },
  ],
  ['GET /api/jobs', 'jobs', 'Long tasks, the newest first', { 200: shapes.jobs }],
  ['GET /api/jobs/:id', 'jobs', 'How a job stands, and each of its machines', { 200: shapes.job }],
  ['DELETE /api/jobs/:id', 'jobs', 'Cancel a job', { 200: shapes.job }],
  ['GET /api/jobs/:id/output', 'jobs', 'What it says; with ?follow=1 as server-sent events', { 200: shapes.jobLines }],
  ['GET /api/store/*', 'store', 'What is in a folder, or the bytes of a file', { 200: shapes.folder }],
  ['PUT /api/store/*', 'store', 'Put the bytes of a file', { 201: nothing, 204: nothing }],
  ['POST /api/store/*', 'store', 'Make a folder, or move what is there', { 201: nothing, 204: nothing }],
  ['DELETE /api/store/*', 'store', 'Remove a file, or a folder with all that is in it', { 204: nothing }],
  ['GET /api/events', 'events', 'The journal as server-sent events', { 200: shapes.plainText }, 'text/event-stream'],
  ['GET /api/events.json', 'events', 'The journal as pages', { 200: z.array(shapes.event) }],
  ['GET /api/leases', 'network', 'Which address is whose', { 200: z.array(shapes.lease) }],
  ['GET /api/networks', 'network', 'Interfaces, subnets with the use of their pools, and other DHCP servers'],
  [
    'GET /api/networks/external/:server',
    'network',
    'Lines for the settings of another DHCP server, so that machines boot from here',
  ],
  ['POST /api/networks/probe', 'network', 'Ask on an interface which DHCP servers are there; takes four seconds'],
  ['GET /api/settings', 'server', 'All settings: value, origin and meaning of each'],
  ['PATCH /api/settings', 'server', 'Write settings into orchestra.yaml, for the next start'],
  ['POST /api/settings/check', 'server', 'Would these settings be good?'],
  ['POST /api/restart', 'server', 'Close all and serve again, with the settings as they are now'],
  ['GET /api/setup', 'server', 'How far the first steps are'],
  ['GET /api/names', 'server', 'The names of all objects', { 200: shapes.names }],
  ['GET /api/check', 'server', 'What would keep a machine from booting', { 200: shapes.sentences }],
  ['GET /api/version', 'server', 'Of the daemon'],
  ['GET /api/openapi.json', 'server', 'This description', { 200: z.looseObject({}) }],
  ['GET /metrics', 'server', 'For Prometheus', { 200: shapes.plainText }, 'text/plain'],
]

export const DESCRIBED: ReadonlyMap<string, DescribedCall> = new Map([
  ...items,
  ...others.map(([key, tag, summary, answers, type]): [string, DescribedCall] => [
    key,
    { tag, summary, ...(answers && { answers }), ...(type !== undefined && { type }) },
  ]),
])

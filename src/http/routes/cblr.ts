/**
 * GET /cblr/svc/op/…: Cobbler's calls over HTTP beside those of routes/install.ts, and what else machines and people find
 * below /cobbler. Each is a call of XML-RPC without a login, so it gives away no more than that does.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { stringify } from 'yaml'
import type { Clock } from '../../lib/clock.ts'
import { asIpv4, asMac, type Ipv4, type Mac } from '../../model/address.ts'
import { OrchestraError } from '../../model/errors.ts'
import { ITEM_TYPES, isItemType, PLURALS } from '../../model/items.ts'
import type { System } from '../../model/system.ts'
import type { BootFiles } from '../../services/boot-files.ts'
import type { Install } from '../../services/install.ts'
import type { AskXmlRpc } from '../../xmlrpc/dispatch.ts'
import { Fault } from '../../xmlrpc/fault.ts'
import { isArray, isStruct, Rows, toJson, type Value } from '../../xmlrpc/value.ts'
import { bearerToken } from '../auth.ts'

export interface CblrRoutesOptions {
  readonly ask: AskXmlRpc
  readonly install: Pick<Install, 'systemPreseed'>
  readonly bootFiles: BootFiles
  readonly clock: Clock
  readonly systemByMac: (mac: Mac) => System | undefined
  /** Who has this address: by a lease or of its own. */
  readonly systemAt: (ip: Ipv4) => System | undefined
}

interface Call {
  readonly options: CblrRoutesOptions
  /** Calls a method; the token, where the asker has sent one, goes last. */
  readonly ask: (method: string, ...args: Value[]) => Promise<Value>
  /** From the path: names and values in turn. */
  readonly param: (name: string) => string
  readonly query: (name: string) => string
  readonly request: FastifyRequest
  readonly peer: string
}

type Operation = (call: Call) => Promise<string>

/** One of the two, and the system counts before the profile. */
const about =
  (method: string) =>
  async ({ ask, param }: Call): Promise<string> =>
    String(await ask(method, param('profile'), param('system')))

/** The method for systems or the one for profiles. */
const either =
  (method: string, args: (call: Call) => readonly Value[]) =>
  async (call: Call): Promise<string> => {
    const type = call.param('system') === '' ? 'profile' : 'system'
    if (call.param(type) === '') return '# object not found'
    return String(await call.ask(`${method}_${type}`, call.param(type), ...args(call)))
  }

const OPERATIONS: Readonly<Record<string, Operation>> = {
  index: async () => 'no mode specified',
  gpxe: about('generate_gpxe'),
  ipxe: ({ ask, param, options }) => {
    const mac = asMac(param('mac'))
    const system = param('system') || (mac && options.systemByMac(mac)?.name) || ''
    return ask('generate_ipxe', param('profile'), param('image'), system).then(String)
  },
  bootcfg: about('generate_bootcfg'),
  script: ({ ask, param, query }) =>
    ask('generate_script', param('profile'), param('system'), query('script') || param('script')).then(String),
  template: either('get_template_file_for', ({ param }) => [placeOf(param('path'))]),
  yum: either('get_repo_config_for', () => []),
  findks: findPreseed,
  find_autoinstall: findPreseed,
  autodetect: async (call) => detect(call),
  list: listNames,
  events: recentEvents,
  puppet: externalNode,
  settings: async ({ ask }) => JSON.stringify(toJson(await ask('get_settings'))),
}

/** In a path `_` stands for a slash, and two for one. */
function placeOf(path: string): string {
  return path.replace(/__|_/g, (sign) => (sign === '__' ? '_' : '/'))
}

/** The name of the system that asks, or why there is none. */
function detect({ options, request, peer }: Call): string {
  const macs = Object.entries(request.headers).flatMap(([name, value]) => {
    // Anaconda's: `eth0 52:54:00:12:34:56`, one for each interface.
    if (!/^x-rhn-provisioning-mac-\d+$/.test(name) || typeof value !== 'string') return []
    return asMac(value.trim().split(/\s+/).at(-1) ?? '') ?? []
  })
  const byMac = new Set(macs.flatMap((mac) => options.systemByMac(mac)?.name ?? []))
  if (byMac.size > 1) return 'FAILED: multiple matches'
  const ip = asIpv4(peer)
  const name = [...byMac][0] ?? (ip && options.systemAt(ip)?.name)
  return name ?? `FAILED: no match (${macs.join(' ')},${peer})`
}

async function findPreseed(call: Call): Promise<string> {
  const name = detect(call)
  return name.startsWith('FAILED: ') ? name : await call.options.install.systemPreseed(name, call.peer)
}

async function listNames({ ask, param }: Call): Promise<string> {
  const what = param('what')
  const type = ITEM_TYPES.find((one) => PLURALS[one] === what) ?? (isItemType(what) ? what : undefined)
  if (type === undefined) return '?'
  const names = await ask('get_item_names', type)
  return isArray(names) ? names.map((name) => `${String(name)}\n`).join('') : ''
}

/** Seconds. */
const RECENT = 30

async function recentEvents({ ask, param, options }: Call): Promise<string> {
  const events = await ask('get_events', param('user'))
  const rows = isStruct(events) ? Object.entries(events) : []
  const told = rows.flatMap(([id, event]) => {
    const [at = null, title = null, state = null] = isArray(event) ? event : []
    return [[id, toJson(at), toJson(title), toJson(state)]]
  })
  const now = options.clock.now() / 1000
  return JSON.stringify(told.filter(([, at]) => now - Number(at) < RECENT))
}

/** Puppet's external node: YAML with classes, parameters and environment. */
async function externalNode({ ask, param }: Call): Promise<string> {
  const hostname = param('hostname')
  // A name and no pattern.
  const found = /^[A-Za-z0-9._-]+$/.test(hostname) ? await ask('find_system', { dns_name: hostname }, false) : []
  const name = isArray(found) ? found[0] : undefined
  const system = name === undefined ? null : await ask('get_system', name, false, true)
  if (system === null || !isStruct(system)) return stringify({ classes: {}, parameters: {}, environment: '' })
  const { mgmt_classes: words = [], mgmt_parameters: parameters = {}, status = '' } = system
  const classes = await Promise.all(
    (isArray(words) ? words : []).map(async (word) => {
      const one = await ask('get_mgmtclass', String(word), false, false)
      const { class_name: puppetName = '', params = {} } = one !== null && isStruct(one) ? one : {}
      const given = isStruct(params) && Object.keys(params).length > 0 ? toJson(params) : null
      return [String(puppetName || word), given] as const
    }),
  )
  return stringify({
    classes: Object.fromEntries(classes),
    parameters: isStruct(parameters) ? toJson(parameters) : {},
    environment: toJson(status),
  })
}

export const cblrRoutes: FastifyPluginAsync<CblrRoutesOptions> = async (app, options) => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    for (const url of [`/cblr/svc/op/${name}`, `/cblr/svc/op/${name}/*`]) {
      app.get(url, (request, reply) => answer(options, operation, request, reply))
    }
  }
  for (const url of ['/cobbler_web', '/cobbler_web/*']) app.get(url, async (_, reply) => reply.redirect('/'))
  // The same files under the names that they have on a Cobbler server; nothing else of the disk.
  for (const url of ['/cobbler/images/:distro/:file', '/images/:distro/:file']) {
    app.get<{ Params: { distro: string; file: string } }>(url, async (request, reply) => {
      const { distro, file } = request.params
      const peer = asIpv4(peerOf(request))
      const open = peer && (await options.bootFiles.open({ path: `images/${distro}/${file}`, peer, via: 'http' }))
      if (!open) return reply.code(404).type(TEXT).send('there is no such boot file\n')
      return reply.type('application/octet-stream').header('content-length', open.size).send(open.stream())
    })
  }
}

const TEXT = 'text/plain;charset=utf-8'
const MISSING = /^# (profile|system|image|object) not found/

async function answer(
  options: CblrRoutesOptions,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.type(TEXT).header('cache-control', 'no-store')
  const params = pairs(request.url)
  if (!params) return reply.code(400).send('# *** ERROR ***\n# this path cannot be decoded\n')
  const peer = peerOf(request)
  const token = bearerToken(request)
  const queries = request.query as Readonly<Record<string, unknown>>
  const call: Call = {
    options,
    request,
    peer,
    ask: async (method, ...args) => {
      const value = await options.ask(method, token ? [...args, token] : args, peer)
      return value instanceof Rows ? null : value
    },
    param: (name) => params.get(name) ?? '',
    query: (name) => (typeof queries[name] === 'string' ? queries[name] : ''),
  }
  try {
    const text = await operation(call)
    return reply.code(MISSING.test(text) ? 404 : text.includes('# *** ERROR ***') ? 500 : 200).send(text)
  } catch (error) {
    if (error instanceof OrchestraError) return reply.code(500).send(`# *** ERROR ***\n# ${error.message}\n`)
    if (!(error instanceof Fault)) throw error
    if (!error.message.includes('invalid token')) return reply.code(500).send(error.message)
    return reply.code(403).send('# this takes a token, or cobbler.anonymous_reads\n')
  }
}

function peerOf(request: FastifyRequest): string {
  return request.ip.replace(/^::ffff:/i, '')
}

/** `op/script/system/NAME` behind /cblr/svc/. Undefined for what cannot be decoded. */
function pairs(url: string): Map<string, string> | undefined {
  const words = (url.split('?', 1)[0] ?? '').replace(/^\/cblr\/svc\/+/, '').split('/')
  try {
    const decoded = words.map((word) => decodeURIComponent(word))
    const found = new Map<string, string>()
    for (let at = 0; at + 1 < decoded.length; at += 2) found.set(decoded[at] ?? '', decoded[at + 1] ?? '')
    return found
  } catch {
    return undefined
  }
}

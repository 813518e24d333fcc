/** `orchestra devenv`: a lab of virtual machines, made, looked at, used and taken down. Each verb may be said twice. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Backend, LabLogin, LabStatus } from './backend.ts'
import { profileOf } from './profiles.ts'
import { qemuBackend } from './qemu-backend.ts'
import { type LabNode, type LabSettings, readLabSettings, SETTINGS_FILE } from './settings.ts'
import { attachTerminal } from './terminal.ts'

const HELP = `orchestra devenv VERB

A lab on this machine: a network, a server and machines that boot from it, as settings.yaml has them.

  check                 what is needed for it, and what to do about what is missing
  up                    make the network, the server and the machines
  setup                 register the machines in Orchestra, over XML-RPC
  env                   a file for a shell to read, after which the command line is its administrator
  list                  what Orchestra has: distros, profiles, systems
  status                what there is and how it is (--json)
  power NODE on|off     pull the switch of a machine
  console NODE          its serial line in this terminal; Ctrl-] leaves
  vnc NODE              where its screen is
  reset [NODE]          off, with an empty disk; without a name all machines, and the server as \`up\` makes it
  storm                 light machines by the thousand against a server of their own (--nodes 1000 --seconds 10)
  down                  take all of it down
  build-image           an image of a server machine (build-image --help)

  --settings FILE       other settings than devenv/settings.yaml
  --backend NAME        qemu or libvirt, whatever the settings say
  --server URL --user NAME --password-file FILE
                        for setup and list: another Orchestra than the lab's own; the password may also come by
                        standard input
  --profile NAME        for setup: the profile of the machines; mini-x86_64 unless told
`

const [first, ...rest] = process.argv.slice(2)
/** It has options of its own. */
const isImage = first === 'build-image'

const { values, positionals } = parseArgs({
  args: isImage ? [] : process.argv.slice(2),
  allowPositionals: true,
  options: {
    settings: { type: 'string', default: SETTINGS_FILE },
    backend: { type: 'string' },
    server: { type: 'string' },
    user: { type: 'string', default: 'cobbler' },
    'password-file': { type: 'string' },
    profile: { type: 'string', default: profileOf('mini') },
    nodes: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (sentence: string) => void process.stdout.write(`${sentence}\n`)

async function main(): Promise<number> {
  if (isImage) return await (await import('./build-image.ts')).buildImage(rest, say)
  const [verb, ...args] = positionals
  if (values.help || verb === undefined) {
    say(HELP)
    return values.help ? 0 : 2
  }
  const settings = settingsOf()
  const backend = await backendOf(settings)
  const known = VERBS[verb]
  if (!known) throw new Error(`"${verb}" is none of ${Object.keys(VERBS).join(', ')}; --help tells what they do`)
  const code = await known({ settings, backend, args })
  return typeof code === 'number' ? code : 0
}

interface Given {
  readonly settings: LabSettings
  readonly backend: Backend
  readonly args: readonly string[]
}

const VERBS: Readonly<Record<string, (given: Given) => Promise<unknown>>> = {
  async check({ backend }) {
    const findings = await backend.check()
    for (const { what, isGood, because } of findings) say(`${isGood ? '✓' : '✗'} ${what}: ${because}`)
    return findings.every(({ isGood }) => isGood) ? 0 : 1
  },
  up: ({ backend }) => backend.up(say),
  down: ({ backend }) => backend.down(say),

  async setup({ settings, backend }) {
    const { setUp } = await import('./setup.ts')
    const login = await loginOf(backend)
    await setUp({
      ...{ login, nodes: settings.nodes, profile: values.profile, say },
      powerOf: async (node) => (node.power === 'own' ? await backend.powerOf(node) : node.power),
    })
  },

  async env({ backend }) {
    say(await backend.env())
  },

  async list({ backend }) {
    const { listAll } = await import('./setup.ts')
    await listAll(await loginOf(backend), say)
  },

  async status({ backend }) {
    const status = await backend.status()
    if (values.json) say(JSON.stringify(status, null, 2))
    else tell(status)
    return status.isUp ? 0 : 3
  },

  async power({ settings, backend, args: [name, to] }) {
    if (to !== 'on' && to !== 'off') throw new Error('orchestra devenv power NODE on|off')
    await backend.power(nodeOf(settings, name), to, say)
  },

  async console({ settings, backend, args: [name] }) {
    const node = nodeOf(settings, name)
    await attachTerminal(await backend.console(node), node.name)
  },

  async vnc({ settings, backend, args: [name] }) {
    for (const line of await backend.vnc(nodeOf(settings, name))) say(line)
  },

  async storm() {
    const { storm } = await import('./storm/verb.ts')
    return await storm(Number(values.nodes), Number(values.seconds), say)
  },

  async reset({ settings, backend, args: [name] }) {
    if (name !== undefined) return await backend.reset(nodeOf(settings, name), say)
    await backend.down(say)
    await backend.up(say)
  },
}

function settingsOf(): LabSettings {
  const settings = readLabSettings(values.settings)
  const { backend } = values
  if (backend === undefined) return settings
  if (backend !== 'qemu' && backend !== 'libvirt') throw new Error(`--backend is qemu or libvirt, not "${backend}"`)
  return { ...settings, backend }
}

async function backendOf(settings: LabSettings): Promise<Backend> {
  if (settings.backend === 'qemu') return qemuBackend(settings, values.settings)
  const { libvirtBackend } = await import('./libvirt/backend.ts')
  return libvirtBackend(settings, values.settings)
}

function nodeOf({ nodes }: LabSettings, name: string | undefined): LabNode {
  const node = nodes.find((one) => one.name === name)
  if (node) return node
  throw new Error(
    `${name === undefined ? 'name a machine' : `there is no machine "${name}"`}: ${nodes.map((one) => one.name).join(', ')}`,
  )
}

/** The lab's own server, unless another is named. */
async function loginOf(backend: Backend): Promise<LabLogin> {
  const { server, user, 'password-file': file } = values
  if (server === undefined) return await backend.login()
  const password = readFileSync(file ?? 0, 'utf8').trimEnd()
  return { url: server, user, password }
}

function tell({ isUp, url, folder, nodes }: LabStatus): void {
  say(
    isUp
      ? `The lab is up${url === undefined ? '' : `; Orchestra: ${url}`}${folder === undefined ? '' : `; files: ${folder}`}`
      : 'The lab is down.',
  )
  for (const { name, mac, ip, power } of nodes) say(`${name.padEnd(12)}${power.padEnd(8)}${ip.padEnd(17)}${mac}`)
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`orchestra devenv: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
})

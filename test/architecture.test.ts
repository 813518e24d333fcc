/** The drawing of src/ARCHITECTURE.md as tables. A rule fails with a sentence that names the file and what to do instead. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeOf, importsOf, ROOT, readFiles, type SourceFile } from './support/source.ts'

/** Who may import whom, by folder of src; each may import itself. Arrows only go down. */
const MAY_IMPORT: Record<string, readonly string[] | 'everyone'> = {
  lib: [],
  model: ['lib'],
  render: ['model', 'lib'],
  boot: ['render', 'model', 'lib'],
  store: ['model', 'lib'],
  power: ['model', 'lib'],
  services: ['boot', 'render', 'store', 'power', 'pcap', 'model', 'lib'],
  pcap: ['model', 'lib'],
  dhcp: ['boot', 'model', 'lib'],
  dhcp6: ['boot', 'model', 'lib'],
  ra: ['model', 'lib'],
  dns: ['model', 'lib'],
  tftp: ['lib'],
  webdav: ['lib'],
  syslog: ['model', 'lib'],
  proxy: ['lib'],
  xmlrpc: ['services', 'model', 'lib'],
  ui: ['model', 'lib'],
  http: ['services', 'xmlrpc', 'webdav', 'ui', 'model', 'lib'],
  cli: ['model', 'lib'],
  // Ties everything together, by functions; nobody but main.ts imports it.
  daemon: 'everyone',
}

/** Files directly in src; nobody imports main.ts. */
const ROOT_FILES: Record<string, readonly string[] | 'everyone'> = {
  'src/main.ts': 'everyone',
  'src/config.ts': ['model', 'lib'],
  'src/config-schema.ts': ['model', 'lib'],
  'src/config-values.ts': ['model', 'lib'],
  'src/config-subnet.ts': ['model', 'lib'],
  'src/config-table.ts': ['lib'],
  'src/config-check.ts': ['lib'],
  'src/config-edit.ts': ['lib'],
}

/** Each power over the outside world has one place. */
const ONLY_IN: readonly [RegExp, RegExp, string][] = [
  [
    /['"]node:(dgram|net|tls|http|https|http2)['"]/,
    /\/(server|socket)\.ts$|^src\/lib\/udp\.ts$/,
    'sockets live in server.ts, those of clients in socket.ts',
  ],
  [
    /['"]node:fs(\/promises)?['"]/,
    /^src\/(lib\/(files|folders|growing-file|rolling-file)|config|ui\/build)\.ts$/,
    'files are opened below a root, by lib/files.ts',
  ],
  [/['"]node:child_process['"]/, /^src\/lib\/exec\.ts$/, 'programs are run by lib/exec.ts, without a shell'],
  [/['"]@lydell\/node-pty['"]/, /^src\/lib\/terminal-program\.ts$/, 'terminals for programs are made in one place'],
  [/['"](better-sqlite3|pg|kysely)['"]/, /^src\/store\//, 'SQL lives in store/'],
  [/process\.env/, /^src\/(config|main)\.ts$/, 'the environment is read once, in config.ts'],
  [/process\.(exit|exitCode)\b/, /^src\/main\.ts$/, 'only main.ts ends the process'],
  [/Date\.now\(|new Date\(\)/, /^src\/(lib\/clock\.ts|ui\/)/, 'time is passed in, as a Clock (a browser has its own)'],
  [/Math\.random\(/, /^$/, 'random numbers come from node:crypto'],
  [
    /\bconsole\.(?!tsx?\b)/,
    /^src\/(main\.ts|cli\/)/,
    'the daemon speaks through its log; only the command line prints',
  ],
  [/['"](react|react-dom|@mantine)[/'"]/, /^src\/ui\//, 'what people see in the browser lives in ui/'],
  [/['"]fastify['"]/, /^src\/http\//, 'web routes live in http/'],
  [/['"]koffi['"]/, /^src\/lib\/libc\.ts$/, 'the system library is called in one place'],
  [/\bfrom ['"]handlebars['"]/, /^src\/render\//, 'templates are rendered by render/'],
  [/['"]commander['"]/, /^src\/(main\.ts|cli\/)/, 'the command line is parsed in cli/'],
]

/** Same facts, same answer: these files know no clock, no chance, no log and no world. */
const PURE =
  /^src\/(model|boot|render|pcap)\/|^src\/([^/]+|power\/[^/]+)\/(codec|decide|transfer)\.ts$|^src\/power\/ipmi\/session\.ts$/
const PURE_NODE_MODULES = new Set(['node:buffer', 'node:crypto'])
const PURE_LIB = new Set(['src/lib/bytes.ts', 'src/lib/json.ts'])
const IMPURE_WORDS =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bconsole\.|\bset(Timeout|Interval|Immediate)\(|\bfetch\(|\brandom(Bytes|UUID|Int|FillSync)\b/

/** Longer than a person reads in one go, for a reason. */
const LONG_FILES: Record<string, string> = {}
const MOST_LINES = 300

const TOP_LEVEL = ['src', 'templates', 'preseeds', 'devenv', 'test', 'README.md', 'LICENSE', 'package.json']
const TOP_LEVEL_TOOLS = ['package-lock.json', 'tsconfig.json', 'node_modules', 'coverage']

type Rule = (file: SourceFile) => string[]

const folderOf = (path: string): string => (/^src\/[^/]+$/.test(path) ? path : (path.split('/')[1] ?? ''))

const importDirections: Rule = (file) => {
  const from = folderOf(file.path)
  const allowed = ROOT_FILES[from] ?? MAY_IMPORT[from]
  if (allowed === undefined)
    return [`${file.path}: ${from} is in no table of test/architecture.test.ts; add it to the drawing first`]
  if (allowed === 'everyone') return []
  return importsOf(file).flatMap(({ from: word, target }) => {
    if (!word.startsWith('.')) return []
    if (!target.startsWith('src/')) return [`${file.path} imports ${target}, which is outside of src`]
    const to = folderOf(target)
    if (to === from || allowed.includes(to)) return []
    // The files at the root of src belong together, and config is handed to everyone else as a value.
    if (from.startsWith('src/') && to.startsWith('src/config')) return []
    return [`${file.path} imports ${target}, but ${from} may only import ${allowed.join(', ') || 'itself'}`]
  })
}

const capabilities: Rule = ({ path, text }) => {
  const code = codeOf(text)
  return ONLY_IN.flatMap(([sign, place, sentence]) => {
    const found = sign.exec(code)
    return found && !place.test(path) ? [`${path} has ${found[0]}: ${sentence}`] : []
  })
}

const purity: Rule = (file) => {
  if (!PURE.test(file.path)) return []
  const word = IMPURE_WORDS.exec(codeOf(file.text))
  const worldly = importsOf(file).filter(({ target, typeOnly }) =>
    target.startsWith('node:')
      ? !typeOnly && !PURE_NODE_MODULES.has(target)
      : target.startsWith('src/lib/') && !typeOnly && !PURE_LIB.has(target),
  )
  return [
    ...(word ? [`${file.path} is pure, but says ${word[0]}: pass the value in`] : []),
    ...worldly.map(({ target }) => `${file.path} is pure, but imports ${target}: pass in what it needs`),
  ]
}

const length: Rule = ({ path, text }) => {
  const lines = text.split('\n').length - 1
  if (lines <= MOST_LINES || path in LONG_FILES) return []
  return [`${path} has ${lines} lines: give a part of it a room of its own (or list it as a table, with the reason)`]
}

const opening: Rule = ({ path, text }) => {
  const comment =
    /^(?:#!.*\n)?\/\*\*?\s*([\s\S]*?)\*\//.exec(text)?.[1] ?? /^(?:#!.*\n)?\/\/ (.*)/.exec(text)?.[1] ?? ''
  return comment.replace(/[\s*]/g, '').length >= 15 ? [] : [`${path} does not begin with a sentence on what it is`]
}

const namedExports: Rule = ({ path, text }) =>
  /^export default\b|^export \{[^}]*\bas default\b/m.test(text) ? [`${path} has a default export: name it`] : []

const endings: Rule = (file) =>
  importsOf(file).flatMap(({ from }) =>
    from.startsWith('.') && !/\.(ts|tsx|json|css|svg)$/.test(from)
      ? [`${file.path} imports '${from}': write the file's ending, .ts`]
      : [],
  )

const casing: Rule = ({ path }) => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!/^[a-z0-9]+(-[a-z0-9]+)*\.((test|config)\.)?tsx?$/.test(name)) return [`${path}: file names are kebab-case`]
  if (/^(utils?|helpers?|common|types|managers?)\./.test(name))
    return [`${path}: "${name}" says nothing; name it after what it exports`]
  return []
}

/** No path of the machine on which it was written, whoever's that was. */
const PLACES = [`${ROOT}/`, ['..', 'shared'].join('/'), ['', 'Users', ''].join('/')]
const anywhere: Rule = ({ path, text }) =>
  PLACES.filter((place) => text.includes(place)).map((place) => `${path} names a place of one machine: ${place}`)

const SRC = readFiles('src', /\.tsx?$/)
const ALL = [...SRC, ...readFiles('test', /\.tsx?$/), ...readFiles('devenv', /\.tsx?$/)]
const TEXTS = [...readFiles('templates', /./), ...readFiles('preseeds', /./), ...readFiles('devenv', /./)]

const RULES: readonly [string, Rule, readonly SourceFile[]][] = [
  ['imports only go down', importDirections, SRC],
  ['each power over the outside world has one place', capabilities, SRC],
  ['pure files stay pure', purity, SRC],
  ['no file is too long to read', length, ALL],
  ['every file begins with a sentence on what it is', opening, ALL.filter(({ path }) => !path.endsWith('.test.ts'))],
  // Vite's configuration is one by contract.
  ['exports have names', namedExports, SRC.filter(({ path }) => path !== 'src/ui/vite.config.ts')],
  ['imports name the file with its ending', endings, ALL],
  ['file names are kebab-case and say something', casing, ALL],
  ['no file names a place of one machine', anywhere, [...ALL, ...TEXTS]],
]

describe('the house', () => {
  test.each(RULES)('%s', (_, rule, files) => {
    expect(files.flatMap(rule)).toEqual([])
  })

  test('has no other rooms at the top', () => {
    const known = new Set([...TOP_LEVEL, ...TOP_LEVEL_TOOLS])
    expect(readdirSync(ROOT).filter((name) => !name.startsWith('.') && !known.has(name))).toEqual([])
  })

  test('names no package registry but the public one', () => {
    const hosts = readFileSync(`${ROOT}/package-lock.json`, 'utf8').matchAll(/"resolved": "https?:\/\/([^/"]+)/g)
    expect([...new Set(Array.from(hosts, ([, host]) => host))].filter((host) => host !== 'registry.npmjs.org')).toEqual(
      [],
    )
  })

  test('keeps no reason for a long file that is short or gone', () => {
    const long = new Set(ALL.filter(({ text }) => text.split('\n').length - 1 > MOST_LINES).map(({ path }) => path))
    expect(Object.keys(LONG_FILES).filter((path) => !long.has(path))).toEqual([])
  })

  test('has read a house worth the name', () => {
    expect(SRC.length).toBeGreaterThan(30)
    expect(SRC.filter(({ path }) => PURE.test(path)).length).toBeGreaterThan(10)
  })
})

/** A rule that cannot fail guards nothing: for each, files that break it. */
const BREAKERS: readonly [string, Rule, string, string][] = [
  [
    'a codec that imports a service',
    importDirections,
    'src/tftp/codec.ts',
    "import { a } from '../services/auth.ts'\n",
  ],
  [
    'a protocol that knows another',
    importDirections,
    'src/dhcp/decide.ts',
    "import type { A } from '../tftp/codec.ts'\n",
  ],
  [
    'a model that re-exports the store',
    importDirections,
    'src/model/system.ts',
    "export { a } from '../store/db.ts'\n",
  ],
  [
    'imports over several lines',
    importDirections,
    'src/store/db.ts',
    "import {\n  a,\n  b,\n} from '../power/driver.ts'\n",
  ],
  ['an import at run time', importDirections, 'src/lib/exec.ts', "const a = await import('../model/system.ts')\n"],
  ['anyone who imports the daemon', importDirections, 'src/http/app.ts', "import { a } from '../daemon/serve.ts'\n"],
  ['anyone who imports main.ts', importDirections, 'src/cli/client.ts', "import { a } from '../main.ts'\n"],
  ['config.ts that knows a service', importDirections, 'src/config.ts', "import { a } from './services/auth.ts'\n"],
  [
    'an import from the tests',
    importDirections,
    'src/lib/exec.ts',
    "import { a } from '../../test/support/debian.ts'\n",
  ],
  ['a folder that nobody drew', importDirections, 'src/magic/wand.ts', ''],
  ['a socket in a service', capabilities, 'src/services/power.ts', "import { createSocket } from 'node:dgram'\n"],
  ['a file opened by a protocol', capabilities, 'src/tftp/server.ts', "import { open } from 'node:fs/promises'\n"],
  ['SQL in a service', capabilities, 'src/services/auth.ts', "import { sql } from 'kysely'\n"],
  ['the environment read in passing', capabilities, 'src/http/app.ts', "const a = process.env['A']\n"],
  ['the time asked in passing', capabilities, 'src/services/auth.ts', 'const now = Date.now()\n'],
  [
    'a program run by a driver',
    capabilities,
    'src/power/drivers/virsh.ts',
    "import { spawn } from 'node:child_process'\n",
  ],
  ['a print in the daemon', capabilities, 'src/http/app.ts', "  console.log('hello')\n"],
  ['a decision that asks the time', purity, 'src/boot/decide.ts', 'const now = Date.now()\n'],
  ['a codec that draws lots', purity, 'src/dhcp/codec.ts', 'const xid = Math.random()\n'],
  ['a codec with a socket', purity, 'src/dns/codec.ts', "import { createSocket } from 'node:dgram'\n"],
  ['a transfer with a timer of its own', purity, 'src/tftp/transfer.ts', 'setTimeout(again, 1000)\n'],
  [
    'a renderer that opens files',
    purity,
    'src/render/template.ts',
    "import { readTextBelow } from '../lib/files.ts'\n",
  ],
  ['a model that logs', purity, 'src/model/lease.ts', "import { createLog } from '../lib/log.ts'\n"],
  ['a file of 301 lines', length, 'src/a.ts', '\n'.repeat(301)],
  ['a file without a word', opening, 'src/a.ts', "import { b } from './b.ts'\n"],
  ['a file with an empty comment', opening, 'src/a.ts', '/** */\n'],
  ['a default export', namedExports, 'src/a.ts', 'export default 1\n'],
  ['an import without its ending', endings, 'src/a.ts', "import { b } from './b'\n"],
  ['a name in camelCase', casing, 'src/bootFile.ts', ''],
  ['a drawer for everything', casing, 'src/lib/utils.ts', ''],
  ['the folder of this checkout', anywhere, 'src/a.ts', `const here = '${ROOT}/src'\n`],
]

describe('the rules notice', () => {
  test.each(BREAKERS)('%s', (_, rule, path, text) => {
    expect(rule({ path, text })).toHaveLength(1)
  })

  test('nothing wrong with what is right', () => {
    const good: SourceFile = {
      path: 'src/boot/decide.ts',
      text: "/** What should this machine boot? Never Date.now(): time is passed in. */\nimport type { System } from '../model/system.ts'\nimport { createHash } from 'node:crypto'\n\nexport const a = 1 // not process.env\n",
    }
    for (const [, rule] of RULES) expect(rule(good)).toEqual([])
  })
})

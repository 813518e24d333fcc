/** The steps of an explanation: each the production code's own answer, with its lines and their sources. */
import { tracedBootConfig } from '../boot/boot-config.ts'
import { bootFile, configOf, type LoaderWish, loaderFacts } from '../boot/bootfile.ts'
import type { BootDecision } from '../boot/decide.ts'
import { answersUrl, kernelLine } from '../boot/kernel-line.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ExplainedLine, Explanation, Source, SourcesOf, Step, StepId } from '../model/explanation.ts'
import type { Firmware } from '../model/firmware.ts'
import { installerOf } from '../render/flavor.ts'
import { metadataUrlOf } from '../render/names.ts'
import type { TracedLine } from '../render/template-trace.ts'
import type { FoundBootFile, NoBootFile } from './boot-file-search.ts'
import type { ExplainOptions } from './explain.ts'
import { archOf } from './explain-asking.ts'
import { unique, uploadedSource } from './explain-sources.ts'

/** What is known of the boot that is explained. */
export interface Case {
  readonly mac: Mac | undefined
  readonly asks: Explanation['asks']
  /** Undefined: a kind of machine that there is no loader for. */
  readonly firmware: Firmware | undefined
  /** Another server gives it its address. */
  readonly isProxied: boolean
  /** An address of the network that it asks on. */
  readonly at: Ipv4 | undefined
  readonly decision: BootDecision
  /** Why nothing is fetched any more; undefined: it boots by network. */
  readonly stop: string | undefined
  readonly sourcesOf: SourcesOf
}

/** What is shown in place of a token, and something of a token's length, which counts for what fits on a kernel line. */
export const TOKEN = 'TOKEN'
const STAND_IN = 'TOKEN'.padEnd(43, '_')

const TITLES: Readonly<Record<Exclude<StepId, 'dhcp'>, string>> = {
  loader: 'Loader',
  config: 'Boot script',
  kernel: 'Kernel line',
  preseed: 'Preseed',
  'late-command': 'Late command',
  metadata: 'Metadata',
}

/** What a loader fetches next before it asks for its config. */
const BESIDE: Readonly<Record<string, string>> = {
  'pxelinux.0': 'ldlinux.c32',
  'shimx64.efi': 'grubx64.efi',
  'shimaa64.efi': 'grubaa64.efi',
  'shimia32.efi': 'grubia32.efi',
}

export function stepOf(
  id: Exclude<StepId, 'dhcp'>,
  outcome: Step['outcome'],
  because: string,
  url: string | null = null,
  lines: readonly ExplainedLine[] = [],
): Step {
  return { id, title: TITLES[id], outcome, because, url, lines }
}

/** A step that cannot be taken is told by the sentence that production has for it. */
export function attempt(id: Exclude<StepId, 'dhcp'>, url: string | null, make: () => Step): Step {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof OrchestraError)) throw error
    return stepOf(id, 'error', error.message, url)
  }
}

export async function loaderStep(of: Case, { urls, search }: ExplainOptions): Promise<Step> {
  const { mac, firmware, isProxied, decision, asks, stop } = of
  if (stop !== undefined) return stepOf('loader', 'none', stop)
  if (firmware === undefined || mac === undefined) return stepOf('loader', 'none', noLoader(of))
  const { http, tftp, loaders } = urls(of.at)
  const file = bootFile(decision, { mac, firmware, isProxied }, { http, loaders }) ?? ''
  const from = [...loaderFacts(wishOf(decision)), 'request.option 93'].flatMap(of.sourcesOf)
  if (firmware === 'ipxe') {
    return stepOf('loader', 'ok', 'iPXE is a loader: it is told its script at once', file, [{ text: file, from }])
  }
  const isUrl = file.includes('://')
  const url = isUrl ? file : tftp === undefined ? null : `${tftp}/${file}`
  if (url === null) return stepOf('loader', 'error', `${file} is fetched by TFTP, which is off (tftp.enabled)`)
  const name = file.slice(file.lastIndexOf('/') + 1)
  const names = [name, ...(BESIDE[name] === undefined ? [] : [BESIDE[name]])]
  const found = await Promise.all(names.map(async (one) => ({ one, ...(await sizeOf(search.loader(one))) })))
  const lines = found.flatMap(({ one, size, path }) =>
    size === undefined ? [] : [{ text: `${one} (${size} bytes): ${path}`, from }],
  )
  const lacking = found.find(({ size }) => size === undefined)
  if (lacking) return stepOf('loader', 'error', lacking.because, url, lines)
  const again = /^(undionly|snponly)/.test(name) ? '; then it asks DHCP again, as iPXE' : ''
  return stepOf('loader', 'ok', `the loader for ${asks.firmware} on ${asks.arch}${again}`, url, lines)
}

/** Nobody reads it here: how large it is, and where. */
async function sizeOf(
  asked: Promise<FoundBootFile | NoBootFile>,
): Promise<{ readonly size: number | undefined; readonly path: string; readonly because: string }> {
  const found = await asked
  if (!found.file) return { size: undefined, path: '', because: found.because }
  const { size, path } = found.file
  await found.file.close()
  return { size, path, because: '' }
}

function wishOf(decision: BootDecision): LoaderWish | undefined {
  return decision.boot === 'ignore' ? undefined : decision.blend
}

function noLoader({ mac, asks }: Case): string {
  return mac === undefined
    ? 'the system has no MAC address: no loader could ask for it'
    : `there is no loader for ${asks.firmware} on ${asks.arch}`
}

export function configStep(of: Case, { urls, template, domain, hasMetadata }: ExplainOptions): Step {
  const { mac, firmware, isProxied, decision, stop } = of
  if (stop !== undefined) return stepOf('config', 'none', stop)
  if (firmware === undefined || mac === undefined) return stepOf('config', 'none', noLoader(of))
  const { http, tftp, loaders } = urls(of.at)
  const { format, via, path } = configOf({ mac, firmware, isProxied }, loaders, wishOf(decision))
  const url = via === 'http' ? `${http}/boot/${path}` : tftp === undefined ? null : `${tftp}/${path}`
  return attempt('config', url, () => {
    const isTold = hasMetadata && decision.boot === 'install' && decision.blend.system !== undefined
    const context = { mac, domain, template, token: isTold ? STAND_IN : undefined }
    const lines = traced(tracedBootConfig(decision, format, context) ?? [], of.sourcesOf)
    return stepOf('config', 'ok', `${format} is told to ${decision.boot}`, url, lines.map(withoutToken))
  })
}

export async function kernelStep(of: Case, blend: Blend, options: ExplainOptions): Promise<Step> {
  const { urls, search, domain, hasMetadata } = options
  const { mac, firmware, isProxied, sourcesOf, asks } = of
  if (firmware === undefined || mac === undefined) return stepOf('kernel', 'none', noLoader(of))
  const { distro } = blend
  const { tftp, loaders } = urls(of.at)
  const { format } = configOf({ mac, firmware, isProxied }, loaders, blend)
  const base = format === 'pxelinux' ? tftp : `http://${blend.server}/boot`
  const files = [distro.kernel, distro.initrd].filter((path) => path !== '').map(lastPart)
  const url = base === undefined ? null : `${base}/images/${distro.name}/${files[0]}`
  const found = await Promise.all(files.map((name) => sizeOf(search.distroFile(distro.name, name))))
  return attempt('kernel', url, () => {
    const token = hasMetadata && blend.system ? STAND_IN : undefined
    const words = kernelLine(blend, mac, domain, token).map(({ word, facts }) => {
      const from = facts.flatMap(sourcesOf)
      return withoutToken({ text: word, from: from.length === 0 ? sourcesOf('computed.installer') : unique(from) })
    })
    const lines = found.flatMap(({ size, path }, index) => {
      const from = sourcesOf(index === 0 ? 'distro.kernel' : 'distro.initrd')
      return size === undefined ? [] : [{ text: `${index === 0 ? 'kernel' : 'initrd'}: ${path} (${size} bytes)`, from }]
    })
    const lacking = found.find(({ size }) => size === undefined)
    const isOther = archOf(distro.arch) !== asks.arch
    const other = isOther ? `; it is for ${distro.arch}, and the machine says ${asks.arch}` : ''
    const because = lacking?.because ?? `the kernel of distro ${distro.name}${other}`
    return stepOf('kernel', lacking ? 'error' : 'ok', because, url, [...lines, ...words])
  })
}

export function preseedSteps(of: Case, blend: Blend, { texts, hasMetadata }: ExplainOptions): [Step, Step] {
  const token = hasMetadata && blend.system ? TOKEN : undefined
  const installer = installerOf(blend)
  const byMetadata = installer === 'subiquity' && token !== undefined
  let late: Step = stepOf('late-command', 'none', 'there is no preseed')
  const url = urlOf(() => (byMetadata ? `${metadataUrlOf(blend, token)}/user-data` : answersUrl(blend)))
  const preseed = attempt('preseed', url, () => {
    const text = texts.of(blend, token)
    const parts = texts.traced(blend, token)
    const whole = [uploadedSource(blend)]
    const lines = parts ? traced(parts.lines, of.sourcesOf) : plainLines(text, whole)
    late = lateStep(text, parts && { lines: parts.late, shown: traced(parts.late, of.sourcesOf) }, whole)
    const because =
      installer === undefined
        ? `no installer of ${blend.distro.breed} is known to read ${blend.autoinstall}: the kernel line does not name it`
        : `${blend.autoinstall}, read by ${installer}`
    return stepOf('preseed', 'ok', because, url, lines)
  })
  return [preseed, late]
}

/** What has no address is not the fault of its text. */
function urlOf(make: () => string): string | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof OrchestraError) return null
    throw error
  }
}

interface LateScript {
  readonly lines: readonly TracedLine[]
  readonly shown: readonly ExplainedLine[]
}

/** @param script the late command before it was encoded; undefined: the preseed is the site's own. */
function lateStep(text: string, script: LateScript | undefined, from: readonly Source[]): Step {
  const word = script && Buffer.from(script.lines.map((line) => line.text).join('\n')).toString('base64')
  if (script && word !== undefined && text.includes(word)) {
    return stepOf('late-command', 'ok', 'preseeds/scripts/late.sh, carried as one word of base64', null, script.shown)
  }
  const [, command] = /^\s*(?:d-i|ubiquity)\s+preseed\/late_command\s+string\s+((?:.*\\\n)*.*)$/m.exec(text) ?? []
  if (command === undefined) return stepOf('late-command', 'none', 'the preseed has no late command')
  const [, encoded] = /echo\s+['"]?([A-Za-z0-9+/]{8,}={0,2})['"]?\s*\|\s*base64\s+(?:-d|--decode)/.exec(command) ?? []
  const decoded = encoded === undefined ? command : Buffer.from(encoded, 'base64').toString()
  const because = encoded === undefined ? 'as the preseed has it' : 'what the preseed has in base64'
  return stepOf('late-command', 'ok', because, null, plainLines(decoded, from))
}

/** The lines of a text of ours, each with its template and what is printed there. */
export function traced(lines: readonly TracedLine[], sourcesOf: SourcesOf): ExplainedLine[] {
  const found = lines.map(({ text, at }) => {
    const from = at.flatMap(({ path, line, names }): Source[] => {
      const kind = path.startsWith('preseeds/scripts/') ? 'script' : 'template'
      return [{ kind, name: path, field: null, line }, ...names.flatMap(sourcesOf)]
    })
    return { text, from: unique(from) }
  })
  return found.at(-1)?.text === '' ? found.slice(0, -1) : found
}

export function plainLines(text: string, from: readonly Source[]): ExplainedLine[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({ text: line, from }))
}

function withoutToken({ text, from }: ExplainedLine): ExplainedLine {
  return { text: text.replaceAll(STAND_IN, TOKEN), from }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * A decision, worded for PXELINUX, GRUB or iPXE through templates/<format>/<decision>.cfg. What was decided is decide.ts;
 * what stands on the kernel line is kernel-line.ts; here is only how each of the three wants it written.
 */
import type { Mac } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import { checkedServer } from '../render/names.ts'
import { type Data, type ReadText, renderTemplate, type Template } from '../render/template.ts'
import { type TracedLine, traceTemplate } from '../render/template-trace.ts'
import { pxeName } from './bootfile.ts'
import type { BootDecision } from './decide.ts'
import { kernelLine, refuse } from './kernel-line.ts'
import type { BootFormat } from './request-path.ts'

export interface BootConfigContext {
  /** Who asks. */
  readonly mac: Mac
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  /** The text of a template by its path below templates/. */
  readonly template: ReadText
  /** By which this boot reads its metadata; undefined: it has none. */
  readonly token?: string | undefined
}

/** Undefined when the decision is to say nothing. @throws OrchestraError item.invalid | template.invalid */
export function bootConfig(decision: BootDecision, format: BootFormat, context: BootConfigContext): string | undefined {
  const made = partsOf(decision, format, context)
  return made && renderTemplate(...made)
}

/** Its lines, with where each comes from. @throws the same */
export function tracedBootConfig(
  decision: BootDecision,
  format: BootFormat,
  context: BootConfigContext,
): TracedLine[] | undefined {
  const made = partsOf(decision, format, context)
  return made && traceTemplate(...made)
}

function partsOf(
  decision: BootDecision,
  format: BootFormat,
  context: BootConfigContext,
): [template: Template, data: Data] | undefined {
  if (decision.boot === 'ignore') return undefined
  const { template } = context
  const data = decision.boot === 'local' ? localData(decision) : bootData(decision.blend, format, context)
  const path = `${format}/${decision.boot}.cfg`
  const text = template(path)
  if (text === undefined) throw new OrchestraError('template.invalid', `there is no template templates/${path}`)
  return [{ path: `templates/${path}`, text, snippet: (name) => template(`snippets/${name}`) }, data]
}

/** A config that sends a loader to the one of its own MAC, for a machine whose address says nothing (behind a router). */
export const ASK_BY_MAC: Readonly<Record<BootFormat, string | undefined>> = {
  // PXELINUX has asked by MAC before it asks for `default`.
  pxelinux: undefined,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable
  grub: 'configfile /grub/grub.cfg-01-${net_default_mac}\n',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE's variable
  ipxe: '#!ipxe\nchain ipxe/01-${mac:hexhyp} || exit 1\n',
}

function localData({ system, because = 'netboot is off' }: BootDecision & { boot: 'local' }): Data {
  return { name: system.name, because }
}

function bootData(blend: Blend, format: BootFormat, { mac, domain, token }: BootConfigContext): Data {
  const server = checkedServer(blend.server)
  const folder = `images/${blend.distro.name}`
  const words = kernelLine(blend, mac, domain, token).map(({ word }) => word)
  return {
    name: blend.system?.name ?? blend.profile.name,
    profile: blend.profile.name,
    distro: blend.distro.name,
    mac,
    pxe_name: pxeName(mac),
    /** Host, or host:port. */
    server,
    host: server.replace(/:\d+$/, ''),
    kernel: `${folder}/${fileName(blend.distro.kernel, blend)}`,
    initrd: blend.distro.initrd === '' ? '' : `${folder}/${fileName(blend.distro.initrd, blend)}`,
    initrd_name: fileName(blend.distro.initrd, blend),
    options: QUOTED[format](words, blend),
  }
}

function fileName(path: string, blend: Blend): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!/^[\w.+~-]*$/.test(name)) throw refuse(blend, `the file name "${name}" cannot be written in a boot config`)
  return name
}

/** How each loader takes a word with blanks or signs in it, so that the kernel gets it as it was meant. */
const QUOTED: Readonly<Record<BootFormat, (words: readonly string[], blend: Blend) => string>> = {
  // The rest of the line, as it is.
  pxelinux: (words) => words.map(quotedForKernel).join(' '),

  // One argument each, in single quotes for GRUB's shell; GRUB then writes the double quotes for the kernel by itself,
  // and a backslash before each quote or backslash, which the kernel would take for a sign of its own.
  grub: (words, blend) =>
    words
      .map((word) => {
        if (/['\\]/.test(word)) throw refuse(blend, `GRUB cannot pass the kernel option ${word} on as it is`)
        return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word}'`
      })
      .join(' '),

  // No quotes are known; ${…} is replaced, and some words end the command.
  ipxe: (words, blend) =>
    words
      .map((word) => {
        const parts = quotedForKernel(word).split(' ')
        if (word.includes('${') || parts.some((part) => /^(#.*|;|&&|\|\|)$/.test(part))) {
          throw refuse(blend, `iPXE cannot pass the kernel option ${word} on as it is`)
        }
        return parts.join(' ')
      })
      .join(' '),
}

/** The kernel takes double quotes around a value. */
function quotedForKernel(word: string): string {
  const at = word.indexOf('=')
  return word.includes(' ') ? `${word.slice(0, at + 1)}"${word.slice(at + 1)}"` : word
}

/**
 * What a machine would be given if one template said something else: the functions that make the texts of real machines,
 * with this one text in the place of what is saved. Nothing is recorded and no token is given: a token shows as TOKEN.
 */
import { bootConfig } from '../boot/boot-config.ts'
import { type BootDecision, decideBoot } from '../boot/decide.ts'
import type { Mac } from '../model/address.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'
import { macsOf, type System } from '../model/system.ts'
import type { TellMissing } from '../render/expression/fault.ts'
import { flavorOf } from '../render/flavor.ts'
import type { Engine } from '../render/includes.ts'
import type { ReadText } from '../render/template.ts'
import type { Catalog } from './catalog.ts'
import type { CobblerFiles } from './cobbler-files.ts'
import { createCobblerTexts } from './cobbler-texts.ts'
import { autoinstallOf } from './preseed-texts.ts'
import { type BootTemplate, bootTemplateOf, SCRIPTS, type TemplatePlace } from './template-places.ts'

export interface TemplateRenderOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly files: Pick<CobblerFiles, 'read'>
  readonly template: ReadText
  readonly preseed: ReadText
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly stoppedBecause?: ((system: System) => string | undefined) | undefined
  readonly domain: string
  /** Whether boots are given tokens. */
  readonly hasMetadata: boolean
}

/** A text in the place of the file of that path. */
export interface TextInPlace {
  readonly place: TemplatePlace
  readonly text: string
  /** What reads it; `text`: nothing does. */
  readonly engine: Engine | 'text'
}

export interface Rendered {
  readonly text: string
  /** What is not as it would be; undefined: a machine would be given just this. */
  readonly unlike: string | undefined
}

export interface RenderInPlace {
  /** The text that this machine would be given, if the file is part of it; undefined: it is not. @throws as production does */
  asGiven(one: TextInPlace, blend: Blend, tell?: TellMissing): Rendered | undefined
  /** The file rendered for this machine, whether it would be given that or not. @throws as production does */
  forced(one: TextInPlace, blend: Blend, tell?: TellMissing): Rendered
}

const NO_MAC = '00:00:00:00:00:00' as Mac
/** The name of a template that is nothing but one snippet. */
const ALONE = '.alone'

export function createRenderInPlace(options: TemplateRenderOptions): RenderInPlace {
  const { domain, hasMetadata } = options

  /** The production functions, which read through us; `reads` is what they have read so far. */
  function production({ place, text }: TextInPlace, tell: TellMissing | undefined) {
    const reads = new Set<string>()
    /** What is in the place of files beside the one text. */
    const instead = new Map([[place.path, text]])
    const through =
      (root: string, read: ReadText): ReadText =>
      (below) => {
        const path = `${root}/${below}`
        reads.add(path)
        return instead.get(path) ?? read(below)
      }
    const template = through('templates', options.template)
    const preseed = through('preseeds', options.preseed)
    const files: Pick<CobblerFiles, 'read'> = {
      read: (kind, path) => through(`cobbler/${kind}`, (below) => options.files.read(kind, below))(path),
    }
    const texts = createCobblerTexts({ ...options, files, template, ...(tell && { undefinedName: tell }) })
    const tokenOf = ({ system }: Blend) => (hasMetadata && system ? 'TOKEN' : undefined)
    const installer = (blend: Blend, uploaded = texts.autoinstall) =>
      autoinstallOf(blend, { preseed, template, domain, uploaded, token: tokenOf(blend) })
    return { reads, instead, template, texts, tokenOf, installer }
  }

  type Production = ReturnType<typeof production>
  const notUploaded = () => undefined

  function asGiven(one: TextInPlace, blend: Blend, tell?: TellMissing): Rendered | undefined {
    const { place } = one
    const boot = bootTemplateOf(place)
    if (boot) return bootOf(production(one, tell), boot, blend)
    const word = SCRIPTS[place.path]
    const made = production(one, tell)
    try {
      const text = made.installer(blend)
      if (made.reads.has(place.path)) return word === undefined ? given(text) : given(scriptOf(made, word, blend))
    } catch (error) {
      // A fault of something else: this file has no part in it.
      if (made.reads.has(place.path)) throw error
    }
    return place.kind === 'snippet' ? inBootConfig(one, blend, tell) : undefined
  }

  function forced(one: TextInPlace, blend: Blend, tell?: TellMissing): Rendered {
    const { place, text, engine } = one
    const boot = bootTemplateOf(place)
    const made = production(one, tell)
    if (boot) return bootOf(made, boot, blend)
    if (engine === 'text') return { text, unlike: 'no machine is given this file: nothing of Orchestra reads it' }
    const word = SCRIPTS[place.path]
    const who = nameOf(blend)
    if (word !== undefined) {
      return { text: scriptOf(made, word, blend), unlike: `${who} is not given this script: its installer has its own` }
    }
    if (place.uploaded) {
      const { kind, name } = place.uploaded
      if (kind === 'scripts') return given(made.texts.render('scripts', name, blend) ?? '')
      const unlike = `${who} is not given this file; it is rendered as if it were`
      if (kind === 'templates') {
        return { text: made.texts.render('templates', name, { ...blend, autoinstall: name }) ?? '', unlike }
      }
      made.instead.set(`cobbler/templates/${ALONE}`, SNIPPET_ALONE[engine === 'jinja' ? 'jinja' : 'cheetah'](name))
      return {
        text: made.texts.render('templates', ALONE, blend) ?? '',
        unlike: `${who} has no template with this snippet`,
      }
    }
    if (place.kind === 'preseed') {
      const isHidden = options.files.read('templates', place.below) !== undefined
      const unlike = isHidden
        ? `cobbler/templates/${place.below} goes before this file: no machine is given it`
        : `${who} is not given this file; it is rendered as if it were`
      return { text: made.installer({ ...blend, autoinstall: place.below }, notUploaded), unlike }
    }
    const name = place.kind === 'snippet' ? place.below.replace(/^snippets\//, '') : place.below
    made.instead.set(`preseeds/${flavorOf(blend.autoinstall)}`, `{{> ${name}}}\n`)
    return { text: made.installer(blend, notUploaded), unlike: `${who} is not given this; it is rendered by itself` }
  }

  /** Decoded, from the word of base64 in which a preseed carries it. */
  function scriptOf({ instead, installer }: Production, word: string, blend: Blend): string {
    instead.set(`preseeds/${flavorOf(blend.autoinstall)}`, `{{${word}}}`)
    return Buffer.from(installer(blend, notUploaded), 'base64').toString('utf8')
  }

  function bootOf({ template, tokenOf }: Production, { format, decision }: BootTemplate, blend: Blend): Rendered {
    const { system } = blend
    const known =
      system && decideBoot({ system, blend, stopped: options.stoppedBecause?.(system) }, { enlist: undefined })
    const isDecided = known?.boot === decision
    const wanted = isDecided ? known : decisionOf(decision, blend)
    const mac = (system && macsOf(system)[0]) ?? NO_MAC
    const token = wanted.boot === 'install' ? tokenOf(blend) : undefined
    const text = bootConfig(wanted, format, { mac, domain, template, token }) ?? ''
    const unlike = known && !isDecided ? `${system?.name} is told to boot otherwise now: ${known.boot}` : undefined
    return { text, unlike }
  }

  function decisionOf(decision: BootTemplate['decision'], blend: Blend): BootDecision {
    if (decision === 'install') return { boot: 'install', blend }
    if (decision === 'enlist') {
      const alone = blend.system ? options.blendProfile(blend.profile) : blend
      if (!alone.ok) throw new OrchestraError('item.invalid', alone.because)
      return { boot: 'enlist', blend: alone }
    }
    if (blend.system) return { boot: 'local', system: blend.system }
    throw new OrchestraError('item.invalid', 'only a system boots from its disk: choose one', { field: 'system' })
  }

  /** Of a snippet that no installer reads: the first boot config that it is part of. */
  function inBootConfig(one: TextInPlace, blend: Blend, tell: TellMissing | undefined): Rendered | undefined {
    for (const boot of BOOT_TEMPLATES) {
      if (boot.decision === 'local' && !blend.system) continue
      const made = production(one, tell)
      try {
        const rendered = bootOf(made, boot, blend)
        if (made.reads.has(one.place.path)) return rendered
      } catch (error) {
        if (made.reads.has(one.place.path)) throw error
      }
    }
    return undefined
  }

  return { asGiven, forced }
}

const BOOT_TEMPLATES: readonly BootTemplate[] = (['install', 'local', 'enlist'] as const).flatMap((decision) =>
  (['grub', 'ipxe', 'pxelinux'] as const).map((format) => ({ format, decision })),
)

const SNIPPET_ALONE = {
  cheetah: (name: string) => `$SNIPPET('${name}')\n`,
  jinja: (name: string) => `#template=jinja2\n{% include '${name}' %}\n`,
} as const

const given = (text: string): Rendered => ({ text, unlike: undefined })

export function nameOf({ system, profile }: Blend): string {
  return system ? `system ${system.name}` : `profile ${profile.name}`
}

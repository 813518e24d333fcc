/**
 * The texts that machines fetch by Cobbler's calls beside their preseed: the iPXE script, scripts and template files of the
 * site, the repositories. What they are made of is known; who asks is not: none has a secret in it.
 */
import { bootConfig } from '../boot/boot-config.ts'
import { decideBoot } from '../boot/decide.ts'
import { isJsonObject } from '../lib/json.ts'
import type { Mac } from '../model/address.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'
import type { Repo } from '../model/repo.ts'
import { macsOf, type System } from '../model/system.ts'
import { renderCobblerTemplate } from '../render/cobbler-template.ts'
import type { TellMissing } from '../render/expression/fault.ts'
import type { Catalog } from './catalog.ts'
import type { CobblerFiles } from './cobbler-files.ts'
import { cobblerNames } from './cobbler-names.ts'

/** Whose text it is to be. */
export type Subject = { readonly type: 'system' | 'profile'; readonly name: string }

export interface CobblerTexts {
  /** What the machine would be told now. @throws OrchestraError item.missing | item.invalid | template.invalid */
  ipxe(subject: Subject): string
  /** The same for PXELINUX; empty when the machine would be told nothing. */
  pxelinux(subject: Subject): string
  /** Undefined when the site has no such script. @throws as above */
  script(subject: Subject, name: string): string | undefined
  /** One of the subject's template_files, by where it belongs on the machine; undefined when it has none there. */
  templateFile(subject: Subject, path: string): string | undefined
  /** The preseed or kickstart that the site has uploaded under this name; undefined when it has none. @throws template.invalid */
  autoinstall(blend: Blend): string | undefined
  /** An uploaded file for whoever it is; undefined when there is none of that name. @throws template.invalid */
  render(kind: 'templates' | 'scripts', path: string, blend: Blend): string | undefined
  /** The repositories of the profile for yum; empty when there are none. */
  yumConfig(subject: Subject): string
}

export interface CobblerTextsOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly files: Pick<CobblerFiles, 'read'>
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** Why a system is not installed though netboot is on. */
  readonly stoppedBecause?: ((system: System) => string | undefined) | undefined
  /** The text of a boot template by its path below templates/. */
  readonly template: (path: string) => string | undefined
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  /** Told of names that are not there, which stay as they are written. */
  readonly undefinedName?: TellMissing | undefined
}

const NO_MAC = '00:00:00:00:00:00' as Mac

export function createCobblerTexts(options: CobblerTextsOptions): CobblerTexts {
  const { catalog, files } = options

  function blendOf(subject: Subject): Blend {
    const blend = find(subject)
    if (!blend.ok) throw new OrchestraError('item.invalid', blend.because)
    return blend
  }

  function find({ type, name }: Subject): Blend | Unresolved {
    if (type === 'profile') {
      const profile = catalog.get('profile', name)
      if (profile) return options.blendProfile(profile)
    } else {
      const system = catalog.get('system', name)
      if (system) return options.blendSystem(system)
    }
    throw new OrchestraError('item.missing', `unknown ${type} name ${name}`)
  }

  function render(kind: 'templates' | 'scripts', path: string, blend: Blend): string | undefined {
    const text = files.read(kind, path)
    if (text === undefined) return undefined
    return renderCobblerTemplate(text, {
      file: `${kind}/${path}`,
      data: cobblerNames(blend, blend.server, { repo: (name) => catalog.get('repo', name) }),
      snippet: (name) => {
        const found = files.read('snippets', name)
        return found === undefined ? undefined : { file: `snippets/${name}`, text: found }
      },
      // As in Cobbler: the shell's own $names stay as they are written.
      undefinedName: options.undefinedName ?? (() => {}),
    })
  }

  function bootScript(subject: Subject, format: 'ipxe' | 'pxelinux'): string {
    const system = subject.type === 'system' ? catalog.get('system', subject.name) : undefined
    const mac = (system && macsOf(system)[0]) ?? NO_MAC
    const decision = system
      ? decideBoot(
          { system, blend: options.blendSystem(system), stopped: options.stoppedBecause?.(system) },
          { enlist: undefined },
        )
      : ({ boot: 'install', blend: blendOf(subject) } as const)
    if (decision.boot === 'ignore') throw new OrchestraError('item.invalid', decision.because)
    return bootConfig(decision, format, { mac, domain: options.domain, template: options.template }) ?? ''
  }

  return {
    ipxe: (subject) => bootScript(subject, 'ipxe'),

    pxelinux(subject) {
      try {
        return bootScript(subject, 'pxelinux')
      } catch (error) {
        if (error instanceof OrchestraError) return ''
        throw error
      }
    },

    render,

    script: (subject, name) => render('scripts', name, blendOf(subject)),

    autoinstall: (blend) => render('templates', belowTemplates(blend.autoinstall), blend),

    templateFile(subject, path) {
      const blend = blendOf(subject)
      const source = templateFiles(blend).find(([, place]) => place === path)?.[0]
      return source === undefined ? undefined : render('templates', belowTemplates(source), blend)
    },

    yumConfig(subject) {
      const repos = blendOf(subject).profile.other['repos']
      const names = Array.isArray(repos) ? repos.map(String) : []
      return names.map((name) => stanza(catalog.get('repo', name))).join('')
    },
  }
}

/** Source and place of each, the nearest to the machine first. */
function templateFiles({ system, profile, distro }: Blend): readonly (readonly [string, string])[] {
  return [system, profile, distro].flatMap((item) => {
    const given = item?.other['template_files']
    return isJsonObject(given) ? Object.entries(given).map(([source, place]) => [source, String(place)] as const) : []
  })
}

/** Cobbler's clients write where a template lies on a Cobbler server. */
export function belowTemplates(path: string): string {
  return path.replace(/^\/var\/lib\/cobbler\/(kickstarts|autoinstall_templates|templates)\/+/, '')
}

/** Straight from the mirror: nothing is copied to this server. What is not for yum is left out. */
function stanza(repo: Repo | undefined): string {
  if (!repo || repo.breed === 'apt' || !/^(https?|ftp):\/\/\S+$/.test(repo.mirror)) return ''
  const { yumopts, priority, mirror_type: kind } = repo.other
  const url = kind === 'metalink' || kind === 'mirrorlist' ? kind : 'baseurl'
  const more = isJsonObject(yumopts) ? Object.entries(yumopts) : []
  const lines: [string, unknown][] = [
    ['name', repo.name],
    [url, repo.mirror],
    ['enabled', 1],
    ['priority', typeof priority === 'number' ? priority : 99],
    ...(more.some(([key]) => key === 'gpgcheck') ? [] : [['gpgcheck', 0] as [string, unknown]]),
    ...more,
  ]
  return `[${repo.name}]\n${lines.map(([key, value]) => `${oneLine(key)}=${oneLine(value)}\n`).join('')}\n`
}

function oneLine(value: unknown): string {
  return String(value ?? '').replace(/[\x00-\x1f\x7f]+/g, ' ')
}

/** The files that machines are given texts from: where each kind lies, and what its path says about it. */
import { isPlainPath } from '../lib/files.ts'
import { OrchestraError } from '../model/errors.ts'
import type { FileKind } from './cobbler-files.ts'

export type TemplateKind = 'template' | 'snippet' | 'preseed' | 'script' | 'autoinstall'

/** `cobbler`: uploaded ones, in Cobbler's languages. */
export type TemplateRoot = 'templates' | 'preseeds' | 'cobbler'

export interface TemplatePlace {
  /** `preseeds/scripts/late.sh` */
  readonly path: string
  readonly root: TemplateRoot
  /** Below the root: `scripts/late.sh`. */
  readonly below: string
  readonly kind: TemplateKind
  /** Of an uploaded one: its folder, and its path below that. */
  readonly uploaded: { readonly kind: FileKind; readonly name: string } | undefined
}

const UPLOADED: Readonly<Record<FileKind, TemplateKind>> = {
  templates: 'autoinstall',
  snippets: 'snippet',
  scripts: 'script',
}
export const UPLOADED_KINDS = Object.keys(UPLOADED) as FileKind[]

const LONGEST = 255

/** Undefined for what is no path of a template. Nothing of the kind leads out of the folders of templates. */
export function placeOf(path: string): TemplatePlace | undefined {
  if (!isPlainPath(path) || path.length > LONGEST || /[\x00-\x1f\x7f]/.test(path)) return undefined
  const [root = '', folder = '', ...rest] = path.split('/')
  if (folder === '') return undefined
  const below = [folder, ...rest].join('/')
  switch (root) {
    case 'templates':
      return { path, root, below, kind: folder === 'snippets' ? 'snippet' : 'template', uploaded: undefined }
    case 'preseeds':
      return { path, root, below, kind: folder === 'scripts' ? 'script' : 'preseed', uploaded: undefined }
    case 'cobbler': {
      const kind = UPLOADED_KINDS.find((one) => one === folder)
      if (kind === undefined || rest.length === 0) return undefined
      return { path, root, below, kind: UPLOADED[kind], uploaded: { kind, name: rest.join('/') } }
    }
    default:
      return undefined
  }
}

/** @throws OrchestraError item.invalid */
export function checkedPlace(path: string): TemplatePlace {
  const place = placeOf(path)
  if (place) return place
  throw new OrchestraError(
    'item.invalid',
    `"${path.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, '?')}" is no path of a template: one is below templates/, preseeds/, cobbler/templates/, cobbler/snippets/ or cobbler/scripts/`,
    { field: 'path' },
  )
}

/** What boot-config.ts reads. */
const BOOT = /^templates\/(pxelinux|grub|ipxe)\/(install|local|enlist)\.cfg$/

export interface BootTemplate {
  readonly format: 'pxelinux' | 'grub' | 'ipxe'
  readonly decision: 'install' | 'local' | 'enlist'
}

/** Undefined: no boot decision is worded by this file. */
export function bootTemplateOf({ path }: TemplatePlace): BootTemplate | undefined {
  const [, format, decision] = BOOT.exec(path) ?? []
  if (format === undefined || decision === undefined) return undefined
  return { format, decision } as BootTemplate
}

/** The scripts that every preseed carries, and the name by which it does. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  'preseeds/scripts/late.sh': 'late_script',
  'preseeds/scripts/early.sh': 'early_script',
}

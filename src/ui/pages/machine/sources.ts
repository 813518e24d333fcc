/** Where a value comes from, in a word, and the page on which it is changed. */
import type { Source } from '../../../model/explanation.ts'

export function sourceWords({ kind, name, field, line }: Source): string {
  if (kind === 'template' || kind === 'script') return line === null ? name : `${name}:${line}`
  if (kind === 'computed') return name === '' ? 'computed' : `computed: ${name}`
  const of = [kind, name].filter((word) => word !== '').join(' ')
  return field === null || field === '' ? of : `${of} · ${field}`
}

/** Below /ui; undefined: there is nothing to go to. */
export function sourceLink({ kind, name, line }: Source): string | undefined {
  const place = encodeURIComponent(name)
  switch (kind) {
    case 'distro':
      return `/distros/${place}`
    case 'profile':
      return `/profiles/${place}`
    case 'system':
      return `/machines/${place}`
    case 'setting':
      return `/settings?find=${place}`
    case 'template':
    case 'script':
      return `/templates/${name.split('/').map(encodeURIComponent).join('/')}${line === null ? '' : `?line=${line}`}`
    default:
      return undefined
  }
}

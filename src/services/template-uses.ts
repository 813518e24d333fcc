/** Who uses which template: profiles, systems and images by the name of their preseed, boot decisions, and other templates. */
import { isJsonObject } from '../lib/json.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { INHERIT } from '../model/item.ts'
import type { Profile } from '../model/profile.ts'
import { flavorOf } from '../render/flavor.ts'
import { cobblerEngine, type Engine, type Include, includesIn } from '../render/includes.ts'
import type { Catalog } from './catalog.ts'
import { belowTemplates } from './cobbler-texts.ts'
import { bootTemplateOf, placeOf, SCRIPTS, type TemplatePlace } from './template-places.ts'
import type { TemplateShelf } from './template-shelf.ts'

/** `text`: no engine of ours reads it. */
export type TemplateLanguage = Engine | 'text'

export interface TemplateUses {
  languageOf(path: string): TemplateLanguage
  /** `profile trixie`, `system node1`, `boot install (grub)`, `preseeds/juju.seed`; a bounded number of them. */
  usersOf(path: string): readonly string[]
}

export interface TemplateUsesOptions {
  readonly catalog: Pick<Catalog, 'list'>
  readonly shelf: TemplateShelf
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
}

const MOST_USERS = 100

/** What includes what, parsed once for each text; bounded, in case somebody edits a template all day. */
const parsed = new Map<string, readonly Include[]>()
const MOST_PARSED = 2_000

/** As it is now: ask again after a change. */
export function templateUses({ catalog, shelf, blendProfile }: TemplateUsesOptions): TemplateUses {
  const paths = shelf.paths()
  const texts = new Map(
    paths.flatMap((path) => {
      const place = placeOf(path)
      return place ? [[path, { place, text: shelf.text(place) ?? '' }] as const] : []
    }),
  )
  const users = new Map<string, Set<string>>()
  const use = (path: string, user: string) => void users.set(path, (users.get(path) ?? new Set()).add(user))
  const languages = new Map<string, TemplateLanguage>()

  for (const [path, { place }] of texts) {
    const boot = bootTemplateOf(place)
    if (boot) use(path, `boot ${boot.decision} (${boot.format})`)
    if (path in SCRIPTS) use(path, 'every preseed')
  }
  addItems()
  // What is rendered by itself first: it says in which language its snippets are read.
  for (const { place, text } of texts.values()) if (!isUploadedSnippet(place)) follow(place, ownLanguage(place, text))
  for (const { place, text } of texts.values()) if (isUploadedSnippet(place)) follow(place, ownLanguage(place, text))

  function addItems(): void {
    const preseedOf = (autoinstall: string) => {
      const uploaded = `cobbler/templates/${belowTemplates(autoinstall)}`
      return texts.has(uploaded) ? uploaded : `preseeds/${flavorOf(autoinstall)}`
    }
    for (const profile of catalog.list('profile')) {
      const blend = blendProfile(profile)
      const name = blend.ok ? blend.autoinstall : profile.autoinstall
      if (name !== INHERIT && name !== '') use(preseedOf(name), `profile ${profile.name}`)
    }
    for (const type of ['system', 'image'] as const) {
      for (const { name, autoinstall } of catalog.list(type)) {
        if (autoinstall !== INHERIT && autoinstall !== '') use(preseedOf(autoinstall), `${type} ${name}`)
      }
    }
    for (const type of ['distro', 'profile', 'system'] as const) {
      for (const { name, other } of catalog.list(type)) {
        const files = other['template_files']
        if (!isJsonObject(files)) continue
        for (const source of Object.keys(files)) use(`cobbler/templates/${belowTemplates(source)}`, `${type} ${name}`)
      }
    }
  }

  function follow(place: TemplatePlace, language: TemplateLanguage): void {
    if (languages.has(place.path)) return
    languages.set(place.path, language)
    if (language === 'text') return
    for (const { name } of includesOf(language, place.path, texts.get(place.path)?.text ?? '')) {
      for (const path of snippetPaths(place, name)) {
        use(path, place.path)
        const snippet = texts.get(path)?.place
        if (snippet) follow(snippet, language)
      }
    }
  }

  /** Where a snippet of that name may lie, as production looks for it. */
  function snippetPaths({ root }: TemplatePlace, name: string): string[] {
    if (root === 'templates') return [`templates/snippets/${name}`]
    if (root === 'preseeds') {
      const shared = `templates/snippets/${name}`
      return [texts.has(shared) ? shared : `preseeds/${name}`]
    }
    const own = paths.filter((path) => OWN_SNIPPET.exec(path)?.[1] === name)
    return [`cobbler/snippets/${name}`, ...own]
  }

  return {
    languageOf(path) {
      const place = placeOf(path)
      return languages.get(path) ?? (place ? ownLanguage(place, '') : 'text')
    },
    usersOf(path) {
      const all = [...(users.get(path) ?? [])]
      const more = all.length - MOST_USERS
      return more > 0 ? [...all.slice(0, MOST_USERS), `and ${more} more`] : all
    },
  }
}

/** The one of a system, profile or distro goes before everybody's. */
const OWN_SNIPPET = /^cobbler\/snippets\/per_(?:system|profile|distro)\/(.+)\/[^/]+$/

const isUploadedSnippet = ({ uploaded }: TemplatePlace) => uploaded?.kind === 'snippets'

/** By what the file says of itself. */
export function ownLanguage(place: TemplatePlace, text: string): TemplateLanguage {
  const { path, root, uploaded, kind } = place
  if (root === 'templates') return kind === 'snippet' || bootTemplateOf(place) ? 'handlebars' : 'text'
  if (root === 'preseeds') return 'handlebars'
  return uploaded?.kind === 'snippets' && /\.(j2|jinja2?)$/.test(path) ? 'jinja' : cobblerEngine(text)
}

/** None of a text that is no template. */
function includesOf(engine: Engine, path: string, text: string): readonly Include[] {
  const key = `${engine}\0${path}\0${text}`
  const known = parsed.get(key)
  if (known) return known
  let found: readonly Include[] = []
  try {
    found = includesIn(engine, path, text)
  } catch {
    // What is wrong with it is the linter's to say.
  }
  if (parsed.size >= MOST_PARSED) parsed.clear()
  parsed.set(key, found)
  return found
}

/** The nouns and their verbs, for help and completion: light enough to be read at every start. */
import type { ItemType } from '../model/items.ts'

/** In the order in which Cobbler lists them. */
export const NOUNS = {
  distro: 'kernels and initial ramdisks',
  profile: 'what a kind of machine gets',
  system: 'machines, and their power',
  repo: 'package repositories',
  image: 'single files to boot',
  mgmtclass: 'management classes: words to find machines by',
  package: 'packages, for configuration management',
  file: 'files, for configuration management',
  menu: 'headings of boot menus',
} as const satisfies { readonly [Type in ItemType]: string }

export const NOUN_NAMES = Object.keys(NOUNS) as ItemType[]

export function isNoun(word: string | undefined): word is ItemType {
  return word !== undefined && Object.hasOwn(NOUNS, word)
}

/** The model's own table of them would bring the model along. */
export function pluralOf(type: ItemType): string {
  return type === 'mgmtclass' ? 'mgmtclasses' : `${type}s`
}

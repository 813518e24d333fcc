/**
 * The kinds of a field's value: how what a client sends becomes what is stored, and when a stored value meets what a find
 * asks for. Cobbler is loose here on purpose, and so are we: scripts of fifteen years lean on it.
 */

import { globMatcher } from '../lib/glob.ts'
import type { Json } from '../lib/json.ts'
import { isJsonObject } from '../lib/json.ts'
import { asIpv4, asMac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import { checkName, checkUid, INHERIT } from '../model/item.ts'
import { parseList, parseOptions } from '../model/options.ts'
import { Double, isArray, isBytes, isStruct, toJson, type Value } from './value.ts'

export interface Kind {
  /** @throws OrchestraError item.invalid for a value that cannot be meant */
  readonly parse: (value: Value, field: string) => Json
  /** A criterion of find, read once for all objects. */
  readonly matcher: (wanted: string) => (stored: Json) => boolean
  /** What "inherit" means to a field that has nobody to inherit from. */
  readonly none: Json
}

export const text: Kind = { parse: parseText, matcher: textMatcher, none: '' }
export const name: Kind = {
  parse: (value, field) => checked(parseText(value, field), checkName),
  matcher: textMatcher,
  none: '',
}
export const uid: Kind = {
  parse: (value, field) => checked(parseText(value, field), checkUid),
  matcher: textMatcher,
  none: '',
}
export const mac: Kind = { parse: parseMac, matcher: textMatcher, none: '' }
export const ipv4: Kind = { parse: parseAddress, matcher: textMatcher, none: '' }
export const number: Kind = { parse: parseNumber, matcher: textMatcher, none: 0 }
export const flag: Kind = { parse: isYes, matcher: flagMatcher, none: false }
export const list: Kind = { parse: toList, matcher: listMatcher, none: [] }
export const options: Kind = { parse: toOptions, matcher: optionsMatcher, none: {} }

function invalid(field: string, sentence: string): OrchestraError {
  return new OrchestraError('item.invalid', sentence, { field })
}

/** Nothing at all is `~` on the way out, so it is nothing on the way in too. */
function parseText(value: Value, field: string): string {
  if (value === null || value === '~') return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (value instanceof Double) return String(value.value)
  if (isBytes(value)) return Buffer.from(value).toString('utf8')
  throw invalid(field, `${field} must be a string`)
}

/** Cobbler takes an empty name and refuses it when the object is saved. */
function checked(word: string, check: (word: string) => void): string {
  if (word !== '') check(word)
  return word
}

function parseMac(value: Value, field: string): string {
  const word = parseText(value, field).trim()
  if (word === '') return ''
  const address = asMac(word)
  if (!address) throw invalid(field, `Invalid mac address format (${word})`)
  return address
}

function parseAddress(value: Value, field: string): string {
  const word = parseText(value, field).trim()
  if (word !== '' && !asIpv4(word)) throw invalid(field, `Invalid IPv4 address format (${word})`)
  return word
}

function parseNumber(value: Value, field: string): Json {
  const word = typeof value === 'boolean' ? Number(value) : parseText(value, field).trim()
  if (word === '') return ''
  if (!Number.isFinite(Number(word))) throw invalid(field, `${field} must be a number: ${word}`)
  return Number(word)
}

/** Cobbler's truth: these words in any case, and any number but 0. All else is false, without a fault. */
export function isYes(value: Value): boolean {
  if (typeof value === 'string') return /^\s*(true|1|on|yes|y)\s*$/i.test(value)
  if (value instanceof Double) return value.value !== 0
  return value === true || (typeof value === 'number' && value !== 0)
}

/** Lists come as lists, or as words parted by blanks. */
export function toList(value: Value, field: string): readonly string[] {
  if (value === null) return []
  if (isArray(value)) return value.map((one) => parseText(one, field))
  return parseList(typeof value === 'string' ? value : parseText(value, field))
}

/** Options come as a struct, or as text that is split as a shell splits it. A bare word's null comes back as `~`. */
export function toOptions(value: Value, field: string): { readonly [key: string]: Json } {
  if (value === null) return {}
  if (isStruct(value)) {
    const entries = Object.entries(value).map(([key, one]): [string, Json] => [key, one === '~' ? null : toJson(one)])
    return Object.fromEntries(entries)
  }
  if (typeof value === 'string') return parseOptions(value)
  if (isBytes(value)) return parseOptions(Buffer.from(value).toString('utf8'))
  throw invalid(field, `invalid ${field}: it must be a struct or a string like "a=1 b"`)
}

/** Every matcher takes a stored `<<inherit>>` for the word that it is. */
function textMatcher(wanted: string): (stored: Json) => boolean {
  const isMatch = globMatcher(wanted)
  return (stored) => (wanted === '' ? isNothing(stored) : isMatch(stored === null ? '~' : String(stored)))
}

function flagMatcher(wanted: string): (stored: Json) => boolean {
  const yes = isYes(wanted)
  return (stored) => (stored === INHERIT ? wanted === INHERIT : stored === yes)
}

/** All of the words must be members. */
function listMatcher(wanted: string): (stored: Json) => boolean {
  const words = parseList(wanted)
  return (stored) => {
    if (!Array.isArray(stored)) return stored === wanted
    return words.length === 0 ? stored.length === 0 : words.every((word) => stored.includes(word))
  }
}

/** All of the `k=v` must be there. */
function optionsMatcher(wanted: string): (stored: Json) => boolean {
  const pairs = Object.entries(parseOptions(wanted))
  return (stored) => {
    if (!isJsonObject(stored)) return stored === wanted
    if (pairs.length === 0) return Object.keys(stored).length === 0
    return pairs.every(([key, value]) => Object.hasOwn(stored, key) && isSame(stored[key] ?? null, value))
  }
}

function isSame(stored: Json, wanted: Json): boolean {
  if (Array.isArray(stored) && Array.isArray(wanted))
    return stored.length === wanted.length && stored.every((one, index) => isSame(one, wanted[index] ?? null))
  return stored === null || wanted === null ? stored === wanted : String(stored) === String(wanted)
}

function isNothing(stored: Json): boolean {
  return stored === null || stored === '' || (Array.isArray(stored) && stored.length === 0)
}

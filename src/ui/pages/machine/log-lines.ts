/** Which lines of a log are shown, and how their time is told. */
import type { LogLine } from '../../../model/log-line.ts'

/** By the word of the address: the least severe that is shown (RFC 5424, 6.2.1). */
export const LEVELS = [
  { value: 'debug', label: 'everything', most: 7 },
  { value: 'info', label: 'info and worse', most: 6 },
  { value: 'notice', label: 'notices and worse', most: 5 },
  { value: 'warning', label: 'warnings and worse', most: 4 },
  { value: 'error', label: 'errors only', most: 3 },
] as const

export interface LineFilter {
  readonly level: string
  /** Part of the program or of the message, in any case of its letters. */
  readonly text: string
}

export function linesShown(lines: readonly LogLine[], { level, text }: LineFilter): readonly LogLine[] {
  const most = LEVELS.find(({ value }) => value === level)?.most ?? 7
  const wanted = text.toLowerCase()
  if (most === 7 && wanted === '') return lines
  return lines.filter(
    ({ severity, app, message }) => severity <= most && `${app}: ${message}`.toLowerCase().includes(wanted),
  )
}

/** More are not kept in the page: the oldest go first. */
const MOST_LINES = 20_000

/** New lines behind those that are there; what came twice is there once. */
export function withLines(before: readonly LogLine[], news: readonly LogLine[]): readonly LogLine[] {
  const last = before.at(-1)?.id ?? 0
  const fresh = news.filter(({ id }) => id > last)
  return fresh.length === 0 ? before : [...before, ...fresh].slice(-MOST_LINES)
}

/** `+3.20 s` after the line before, or since the first. @param at milliseconds since 1970 */
export function timeSince(at: number, first: number): string {
  const seconds = Math.max(0, at - first) / 1000
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  return `+${minutes}:${rest.toFixed(1).padStart(4, '0')}`
}

export function toneOf({ severity }: LogLine): 'bad' | 'warn' | 'plain' | 'quiet' {
  if (severity <= 3) return 'bad'
  if (severity === 4) return 'warn'
  return severity === 7 ? 'quiet' : 'plain'
}

const WORDS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug']

export const levelWord = ({ severity }: LogLine): string => WORDS[severity] ?? `${severity}`

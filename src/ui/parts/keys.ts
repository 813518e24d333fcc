/** The keys of the console: components say which they listen to while they are there, and the help lists just those. */
import { useEffect, useState, useSyncExternalStore } from 'react'

export interface Binding {
  /** One key (`/`, `j`, `?`), or two one after the other (`g m`). */
  readonly keys: string
  /** What it does, in a few words: `next machine`. */
  readonly does: string
  readonly run: (event: KeyboardEvent) => void
}

/** So long a first key waits for its second. */
const PATIENCE = 1_200

let bindings: readonly Binding[] = []
const watchers = new Set<() => void>()
let first: { readonly key: string; readonly at: number } | undefined

function change(next: readonly Binding[]): void {
  bindings = next
  for (const watcher of watchers) watcher()
}

/** Of a person who writes, or is asked something, no key is taken. Who has ticked a box does not write. */
const WRITES =
  'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], .takes-keys'

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.closest(WRITES) !== null
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
  const both = first && event.timeStamp - first.at < PATIENCE ? `${first.key} ${event.key}` : event.key
  first = undefined
  const found = bindings.findLast(({ keys }) => keys === both)
  if (found) {
    event.preventDefault()
    found.run(event)
  } else if (bindings.some(({ keys }) => keys.startsWith(`${event.key} `))) {
    first = { key: event.key, at: event.timeStamp }
  }
}

/** The functions may change at every render; the keys and their words should not. */
export function useKeys(wanted: readonly Binding[]): void {
  const [latest] = useState({ wanted })
  latest.wanted = wanted
  const words = wanted.map(({ keys, does }) => `${keys}\0${does}`).join('\n')
  useEffect(() => {
    const mine =
      words === ''
        ? []
        : words.split('\n').map((word): Binding => {
            const [keys = '', does = ''] = word.split('\0')
            return { keys, does, run: (event) => latest.wanted.find((one) => one.keys === keys)?.run(event) }
          })
    if (bindings.length === 0 && mine.length > 0) document.addEventListener('keydown', onKey)
    change([...bindings, ...mine])
    return () => {
      change(bindings.filter((binding) => !mine.includes(binding)))
      if (bindings.length === 0) document.removeEventListener('keydown', onKey)
    }
  }, [words, latest])
}

export function useBindings(): readonly Binding[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => bindings,
  )
}

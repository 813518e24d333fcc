/** How long ago something was, counting on by itself; the whole time, here and in UTC, when one looks closer. */
import { useSyncExternalStore } from 'react'

const ticks = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for all that counts on the page. */
function subscribe(tick: () => void): () => void {
  ticks.add(tick)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of ticks) one()
  }, 1_000)
  return () => {
    ticks.delete(tick)
    if (ticks.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds since 1970, renewed every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** `3 s`, `12 min`, `5 h`, `2 d`. @param milliseconds that have passed */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

interface AgoProps {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly suffix?: string
  /** Beside something that counts more. */
  readonly isDim?: boolean
}

/** Drawn again only when its words change. */
export function Ago({ at, suffix = ' ago', isDim = false }: AgoProps) {
  // Of two that stand side by side, the one that was drawn later must not be ahead of the clock.
  const span = useSyncExternalStore(subscribe, () => spanOf(Math.max(now, at) - at))
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={`${WHOLE.format(at)} (${iso})`} className={isDim ? 'dim' : undefined}>
      {span + suffix}
    </time>
  )
}

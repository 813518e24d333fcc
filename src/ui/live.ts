/** What happens in Orchestra, as it happens: one event stream for the whole page, and whether it is connected. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { EventMap, EventName, RecordedEvent } from '../model/event.ts'

type Listener<Name extends EventName> = (payload: EventMap[Name], event: RecordedEvent<Name>) => void
export type Connection = 'connecting' | 'live' | 'lost'

const listeners = new Map<EventName, Set<Listener<EventName>>>()
const watchers = new Set<() => void>()
let connection: Connection = 'connecting'
let source: EventSource | undefined
/** The browser names the last event itself when it comes back; a stream of ours that was closed is named by this. */
let last = ''

function become(next: Connection): void {
  if (connection === next) return
  connection = next
  for (const watcher of watchers) watcher()
}

/** Once somebody is logged in. */
export function startLive(): () => void {
  const stream = new EventSource(last === '' ? '/api/events' : `/api/events?since=${last}`)
  source = stream
  stream.onopen = () => become('live')
  stream.onerror = () => {
    become('lost')
    // A server that answers with an error is not asked again by the browser itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => source === stream && startLive(), 2_000)
  }
  for (const name of listeners.keys()) listen(stream, name)
  return () => {
    stream.close()
    if (source === stream) source = undefined
  }
}

function listen(stream: EventSource, name: EventName): void {
  stream.addEventListener(name, (message: MessageEvent<string>) => {
    last = message.lastEventId
    const event = JSON.parse(message.data) as RecordedEvent
    for (const listener of listeners.get(name) ?? []) listener(event.payload, event)
  })
}

/** For what is no component. Answers how to stop. */
export function listenTo<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
  const known = listeners.get(name)
  const all = known ?? new Set<Listener<EventName>>()
  if (!known) {
    listeners.set(name, all)
    if (source) listen(source, name)
  }
  all.add(listener as unknown as Listener<EventName>)
  return () => all.delete(listener as unknown as Listener<EventName>)
}

/** Calls for each event of these names while the component is there. The listener may change at every render. */
export function useEvents<Name extends EventName>(names: readonly Name[], listener: Listener<Name>): void {
  const [latest] = useState({ listener })
  latest.listener = listener
  const key = names.join()
  useEffect(() => {
    const stops = key
      .split(',')
      .map((name) => listenTo(name as Name, (payload, event) => latest.listener(payload, event)))
    return () => {
      for (const stop of stops) stop()
    }
  }, [key, latest])
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => connection,
  )
}

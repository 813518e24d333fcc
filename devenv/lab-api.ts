/** The lab as a client of its daemon: the REST API and the event stream, over the lab's gateway socket. */
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Json } from '../src/lib/json.ts'
import type { RecordedEvent } from '../src/model/event.ts'
import { LAB_USER } from './nodes.ts'

export interface LabApi {
  /** Of the lab's administrator. */
  readonly token: string
  /** @throws Error with the daemon's own sentence */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown>
  readonly events: EventLog
  close(): Promise<void>
}

/** Every event since the lab's daemon was first started, over its restarts. */
export interface EventLog {
  /** So far, oldest first. */
  readonly all: readonly RecordedEvent[]
  /** Every event from now on; answers how to stop. */
  on(listener: (event: RecordedEvent) => void): () => void
}

/** @param place the unix socket that leads to the daemon, or its URL */
export async function openLabApi(place: string, password: string): Promise<LabApi> {
  const isUrl = place.startsWith('http')
  // What a socket leads to has any name.
  const url = isUrl ? place : 'http://orchestra'
  const dispatcher = new Agent({ bodyTimeout: 0, ...(!isUrl && { connect: { socketPath: place } }) })
  const send = async (
    token: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    given?: object,
  ) => {
    const { statusCode, body } = await request(`${url}${path}`, {
      method,
      dispatcher,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(given && { body: JSON.stringify(given) }),
    })
    const text = await body.text()
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 1000)}`)
    return text === '' ? undefined : (JSON.parse(text) as Json)
  }

  const answer = (await send('', 'POST', '/api/login', { user: LAB_USER, password })) as { token: string }
  const { token } = answer
  const stopping = new AbortController()
  const all: RecordedEvent[] = []
  const listeners = new Set<(event: RecordedEvent) => void>()
  const take = (event: RecordedEvent) => {
    all.push(event)
    for (const listener of [...listeners]) listener(event)
  }
  const ended = followEvents(url, dispatcher, token, take, stopping.signal)
  return {
    token,
    call: (method, path, body) => send(token, method, path, body),
    events: {
      all,
      on(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    async close() {
      stopping.abort()
      await ended
      await dispatcher.destroy()
    },
  }
}

/** Reads the stream for ever; a daemon that went away is asked again, for what came after the last event seen. */
async function followEvents(
  url: string,
  dispatcher: Agent,
  token: string,
  take: (event: RecordedEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = 0
  while (!signal.aborted) {
    try {
      const { statusCode, body } = await request(`${url}/api/events?since=${last}`, {
        dispatcher,
        signal,
        headers: { authorization: `Bearer ${token}` },
      })
      if (statusCode !== 200) throw new Error(`the event stream answered ${statusCode}: ${await body.text()}`)
      for await (const event of framesOf(body)) {
        last = event.id
        take(event)
      }
    } catch {
      // The daemon is down, or the lab is.
    }
    await wait(250, undefined, { signal }).catch(() => {})
  }
}

/** The `data:` lines of a stream of server-sent events. */
async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordedEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as RecordedEvent
    }
  }
}

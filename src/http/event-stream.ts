/** Events as the text of a stream: history first, then what comes in, nothing twice. It knows no HTTP. */
import type { RecordedEvent } from '../model/event.ts'

type Item = RecordedEvent | 'heartbeat'

/** What waits to be sent to one client. */
export interface Mailbox {
  put(item: Item): void
  /** The next item when it is there; undefined once closed. */
  take(): Promise<Item | undefined>
  close(): void
}

/** A client that reads this slowly is let go; it comes back with its Last-Event-ID. */
const LONGEST = 10_000

export function mailbox(longest = LONGEST): Mailbox {
  const waiting: Item[] = []
  let closed = false
  let wake = () => {}
  return {
    put(item) {
      if (waiting.length >= longest) closed = true
      if (!closed) waiting.push(item)
      wake()
    },
    async take() {
      while (!closed && waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return closed ? undefined : waiting.shift()
    },
    close() {
      closed = true
      wake()
    },
  }
}

export async function* eventFrames(
  history: Iterable<RecordedEvent> | AsyncIterable<RecordedEvent>,
  box: Mailbox,
  isWanted: (event: RecordedEvent) => boolean,
): AsyncGenerator<string> {
  // Headers leave with the first byte: the client knows that it is connected before anything happens.
  yield ': connected\n\n'
  let last = 0
  for await (const event of history) {
    last = event.id
    if (isWanted(event)) yield frame(event)
  }
  for (let item = await box.take(); item !== undefined; item = await box.take()) {
    if (item === 'heartbeat') yield ': still here\n\n'
    else if (item.id > last && isWanted(item)) yield frame(item)
  }
}

/** JSON has no line breaks of its own, so one data line is enough. */
function frame(event: RecordedEvent): string {
  return `id: ${event.id}\nevent: ${event.name}\ndata: ${JSON.stringify(event)}\n\n`
}

/** Events as the text of a stream: history first, then what comes in, nothing twice. It knows no HTTP. */

/** An event of the journal, or a line of a log. */
interface Numbered {
  /** Rises by the order in which they came. */
  readonly id: number
  readonly name?: string
}

/** What waits to be sent to one client. */
export interface Mailbox<Event extends Numbered> {
  put(item: Event | 'heartbeat'): void
  /** Nothing comes any more: it is closed when what waits is taken. */
  end(): void
  /** The next item when it is there; undefined once closed. */
  take(): Promise<Event | 'heartbeat' | undefined>
  close(): void
}

/** A client that reads this slowly is let go; it comes back with its Last-Event-ID. */
const LONGEST = 10_000

export function mailbox<Event extends Numbered>(longest = LONGEST): Mailbox<Event> {
  const waiting: (Event | 'heartbeat')[] = []
  let closed = false
  let isEnded = false
  let wake = () => {}
  return {
    put(item) {
      if (waiting.length >= longest) closed = true
      if (!closed) waiting.push(item)
      wake()
    },
    async take() {
      while (!closed && !isEnded && waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return closed ? undefined : waiting.shift()
    },
    end() {
      isEnded = true
      wake()
    },
    close() {
      closed = true
      wake()
    },
  }
}

export async function* eventFrames<Event extends Numbered>(
  history: Iterable<Event> | AsyncIterable<Event>,
  box: Mailbox<Event>,
  isWanted: (event: Event) => boolean,
  dataOf: (event: Event) => unknown = (event) => event,
): AsyncGenerator<string> {
  // Headers leave with the first byte: the client knows that it is connected before anything happens.
  yield ': connected\n\n'
  let last = 0
  for await (const event of history) {
    last = event.id
    if (isWanted(event)) yield frame(event, dataOf(event))
  }
  for (let item = await box.take(); item !== undefined; item = await box.take()) {
    if (item === 'heartbeat') yield ': still here\n\n'
    else if (item.id > last && isWanted(item)) yield frame(item, dataOf(item))
  }
}

/** JSON has no line breaks of its own, so one data line is enough. */
function frame(event: Numbered, data: unknown): string {
  const name = event.name === undefined ? '' : `event: ${event.name}\n`
  return `id: ${event.id}\n${name}data: ${JSON.stringify(data)}\n\n`
}

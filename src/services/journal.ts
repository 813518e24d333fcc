/** The journal: every event, kept in the store within bounds, and streamed from any point on. */
import type { EventMap, EventName, RecordedEvent } from '../model/event.ts'

export interface Journal {
  record<Name extends EventName>(name: Name, payload: EventMap[Name]): void
  /** Events with a greater id, oldest first, at most `limit`. */
  since(id: number, limit: number): Promise<RecordedEvent[]>
  /** Every event from now on; answers how to stop. */
  follow(listener: (event: RecordedEvent) => void): () => void
}

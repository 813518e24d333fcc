/** What happened last, the newest first, as it happens. */
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { RecordedEvent } from '../../../model/event.ts'
import { get } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { Ago } from '../../parts/ago.tsx'
import { FEED_EVENTS, wordsOfEvent } from './event-words.ts'

const SHOWN = 14

export function Feed() {
  const past = useQuery({
    queryKey: ['events', 'last'],
    queryFn: ({ signal }) => get<RecordedEvent[]>('/api/events.json?last=60', signal),
    staleTime: 0,
  })
  const [news, setNews] = useState<readonly RecordedEvent[]>([])
  useEvents(FEED_EVENTS, (_payload, event) => setNews((before) => [event, ...before].slice(0, SHOWN)))
  const all = new Map([...news, ...(past.data ?? []).toReversed()].map((event) => [event.id, event]))
  const lines = [...all.values()]
    .sort((one, other) => other.id - one.id)
    .flatMap((event) => {
      const words = wordsOfEvent(event)
      return words ? [{ id: event.id, at: event.at, ...words }] : []
    })
    .slice(0, SHOWN)
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {past.isPending ? '…' : 'Nothing has happened yet.'}
      </Text>
    )
  }
  return (
    <ul className="feed">
      {lines.map(({ id, at, system, text }) => (
        <li key={id}>
          <span className="dim nowrap">
            <Ago at={at} suffix="" />
          </span>
          <span className="anywhere">
            {system !== undefined && (
              <>
                <Link className="machine-name" to={`/machines/${encodeURIComponent(system)}`}>
                  {system}
                </Link>{' '}
              </>
            )}
            {text}
          </span>
        </li>
      ))}
    </ul>
  )
}

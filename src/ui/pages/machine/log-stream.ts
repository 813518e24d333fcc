/** The lines of a machine's log as they come: the last ones first, then each when it is said. */
import { useEffect, useState } from 'react'
import type { LogLine } from '../../../model/log-line.ts'
import { api } from '../../api.ts'
import { withLines } from './log-lines.ts'

/** Of the past. */
const BEFORE = 5_000
/** What comes within this is shown together: an installer says hundreds of lines a second. */
const MOMENT = 100

export interface LogStream {
  readonly lines: readonly LogLine[]
  readonly isConnected: boolean
}

export function useLogStream(name: string): LogStream {
  const [lines, setLines] = useState<readonly LogLine[]>([])
  const [isConnected, setConnected] = useState(false)
  useEffect(() => {
    const stream = new EventSource(`${api`/api/systems/${name}/log`}?follow=1&limit=${BEFORE}`)
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    stream.onopen = () => setConnected(true)
    stream.onerror = () => setConnected(false)
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      waiting.push(JSON.parse(data) as LogLine)
      timer ??= setTimeout(() => {
        timer = undefined
        const news = waiting
        waiting = []
        setLines((before) => withLines(before, news))
      }, MOMENT)
    }
    return () => {
      clearTimeout(timer)
      stream.close()
    }
  }, [name])
  return { lines, isConnected }
}

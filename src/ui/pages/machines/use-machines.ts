/** All machines, for a page that shows them: kept as they are while it is there. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { MACHINES, refreshMachine, showMachines } from './fleet-rows.ts'

/** What changes with time alone (a verdict, the age of a reading) is looked at again for the rows in sight. */
const LOOK_AGAIN = 20_000

export function useMachines() {
  const { data, error, refetch } = useQuery(MACHINES)
  const seen = useRef<readonly string[]>([])
  useEffect(() => showMachines(), [])
  useEffect(() => {
    const look = setInterval(() => {
      if (document.visibilityState === 'visible') for (const name of seen.current) refreshMachine(name)
    }, LOOK_AGAIN)
    return () => clearInterval(look)
  }, [])
  return { rows: data, error, refetch, seen }
}

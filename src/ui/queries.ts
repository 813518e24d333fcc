/** What the console knows of the server, for all pages. */
import { QueryClient } from '@tanstack/react-query'
import { Refusal } from './api.ts'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What was refused is refused again; what was not reached may be there in a moment.
      retry: (count, error) => !(error instanceof Refusal) && count < 2,
    },
  },
})

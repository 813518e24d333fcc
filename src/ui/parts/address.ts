/** What the address says behind its question mark: filters, choices and views, so that a link or a reload shows the same. */
import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** Undefined and an empty text take a word away. */
export type AddressChange = Readonly<Record<string, string | undefined>>

/** Answers what it says, and how to change some of it. Going back does not step through each change. */
export function useAddress(): readonly [URLSearchParams, (change: AddressChange) => void] {
  const [search, setSearch] = useSearchParams()
  const change = useCallback(
    (words: AddressChange) => {
      // As the window has it: what was changed a moment ago may not have been drawn yet.
      setSearch(changed(new URLSearchParams(location.search), words), { replace: true })
    },
    [setSearch],
  )
  return [search, change]
}

function changed(search: URLSearchParams, words: AddressChange): URLSearchParams {
  for (const [name, value] of Object.entries(words)) {
    if (value === undefined || value === '') search.delete(name)
    else search.set(name, value)
  }
  return search
}

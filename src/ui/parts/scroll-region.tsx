/** What is wider than a phone scrolls in here, by keyboard too; the page itself never does. */
import type { ReactNode } from 'react'

export function ScrollRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
    <section className="scroll-region" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}

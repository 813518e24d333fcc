/** A part of a page under its own heading, and rows of facts in it. */
import { Box, Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Copy } from '../../parts/equivalent.tsx'

interface PartProps {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Part({ title, actions, children }: PartProps) {
  return (
    <Box component="section" className="part" aria-label={title}>
      <Group justify="space-between" gap="xs" mb="xs" className="part-head">
        <Title order={2} size="h5">
          {title}
        </Title>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  )
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

interface FactProps {
  readonly label: string
  /** Of an address or an id: it can be copied. */
  readonly copy?: string | undefined
  readonly children: ReactNode
}

/** Nothing in it: a dash. */
export function Fact({ label, copy, children }: FactProps) {
  const isNothing = children === '' || children === undefined || children === null
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {isNothing ? (
          <Text component="span" c="dimmed" size="sm">
            —
          </Text>
        ) : (
          children
        )}
        {copy && <Copy text={copy} label={`Copy ${copy}`} />}
      </dd>
    </>
  )
}

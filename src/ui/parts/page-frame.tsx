/** What every page begins with: its title, in the window too, and what can be done there. */
import { Box, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

export interface PageFrameProps {
  readonly title: string
  /** Beside the title. */
  readonly mark?: ReactNode
  /** Below the title: what this page is for. */
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function PageFrame({ title, mark, lead, actions, children }: PageFrameProps) {
  return (
    <Stack gap="md">
      <title>{`${title} · Orchestra`}</title>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box>
          <Group gap="sm">
            <Title order={1} size="h3">
              {title}
            </Title>
            {mark}
          </Group>
          {lead && (
            <Text c="dimmed" size="sm">
              {lead}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}

/** Where nothing is yet: what would be here, and how it comes to be. */
import { Box, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box className="empty">
      <Stack align="center" gap={6}>
        <Text fw={600}>{title}</Text>
        {children && (
          <Text c="dimmed" size="sm" ta="center" maw={560}>
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Box>
  )
}

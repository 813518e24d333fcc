/** What went wrong, in one sentence, and a way on. */
import { Alert, Button, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'

export interface ProblemProps {
  readonly sentence: string
  readonly title?: string
  readonly retry?: () => void
}

export function Problem({ sentence, title, retry }: ProblemProps) {
  return (
    <Alert role="alert" color="red" variant="light" title={title} icon={<IconAlertTriangle aria-hidden />}>
      <Group justify="space-between" gap="sm">
        {sentence}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  )
}

/** What the linter has found, line by line. */
import { Stack, Text } from '@mantine/core'
import { Pill } from '../../parts/pill.tsx'
import type { TemplateProblem } from './templates.ts'

export function Problems({ problems }: { problems: readonly TemplateProblem[] }) {
  if (problems.length === 0) {
    return (
      <Text size="sm" role="status">
        Nothing is wrong with it: every name is there, and every profile that uses it renders.
      </Text>
    )
  }
  return (
    <Stack gap={6} component="ul" className="problems">
      {problems.map(({ line, severity, message }) => (
        <li key={`${line} ${message}`}>
          <Pill tone={severity === 'error' ? 'bad' : 'warn'}>{severity}</Pill>{' '}
          <Text size="sm" component="span">
            {line !== null && `line ${line}: `}
            {message}
          </Text>
        </li>
      ))}
    </Stack>
  )
}

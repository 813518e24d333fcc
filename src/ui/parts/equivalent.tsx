/** What a click does, as one would type it: the command line, and the call of the API. */
import { ActionIcon, Box, Code, CopyButton, Group, Stack, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

export interface EquivalentProps {
  /** `orchestra power on node01` */
  readonly cli: string
  /** `POST /api/systems/node01/power {"action":"on"}` */
  readonly api: string
}

export function Equivalent({ cli, api }: EquivalentProps) {
  return (
    <Stack gap={4} className="equivalent" aria-label="The same by command line and API">
      <Line label="CLI" text={cli} />
      <Line label="API" text={api} />
    </Stack>
  )
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="xs" c="dimmed" w={28}>
        {label}
      </Text>
      <Box flex={1} miw={0}>
        <Code block p={4} tabIndex={0} aria-label={`${label} line`}>
          {text}
        </Code>
      </Box>
      <Copy text={text} label={`Copy the ${label} line`} />
    </Group>
  )
}

export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

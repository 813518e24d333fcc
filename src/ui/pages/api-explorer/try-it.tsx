/** One call of the API: its parameters, its body, the command that sends the same, and what the server answered. */
import { Button, Code, Group, JsonInput, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Copy } from '../../parts/equivalent.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { type Operation, type Parameter, pathWith } from './operation.ts'

interface Answered {
  readonly status: number
  readonly milliseconds: number
  readonly headers: readonly string[]
  readonly text: string
}

/** What is longer is for another program. */
const MOST = 200_000
const SHOWN = ['content-type', 'etag', 'link', 'location', 'x-total-count']

export function TryIt({ operation }: { operation: Operation }) {
  const { method, parameters, example } = operation
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [body, setBody] = useState(example)
  const path = pathWith(operation, values)
  const isStream = values['follow'] === 'true' || operation.path === '/api/events'
  const send = useMutation({ mutationFn: () => sent(method, path ?? '', body) })
  return (
    <Stack>
      <div>
        <Title order={2} size="h4" className="mono">
          {method} {operation.path}
        </Title>
        <Text>{operation.summary}</Text>
        <Text size="sm" c="dimmed">
          {operation.needs}
        </Text>
      </div>
      {parameters.map((parameter) => (
        <Field
          key={`${parameter.in} ${parameter.name}`}
          parameter={parameter}
          value={values[parameter.name] ?? ''}
          onChange={(value) => setValues((before) => ({ ...before, [parameter.name]: value }))}
        />
      ))}
      {body !== undefined && (
        <JsonInput
          label="Body"
          autosize
          minRows={3}
          maxRows={18}
          formatOnBlur
          validationError="This is no JSON yet."
          classNames={{ input: 'mono' }}
          value={body}
          onChange={setBody}
        />
      )}
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block flex={1} tabIndex={0} aria-label="The same with curl" className="wrap">
          {curlOf(method, path ?? operation.path, body)}
        </Code>
        <Copy text={curlOf(method, path ?? operation.path, body)} label="Copy the curl line" />
      </Group>
      <Group>
        <Button
          onClick={() => send.mutate()}
          loading={send.isPending}
          disabled={path === undefined || isStream}
          color={method === 'DELETE' ? 'red' : 'indigo'}
        >
          Send
        </Button>
        {isStream && (
          <Text size="sm" c="dimmed">
            An answer without an end is for curl -N.
          </Text>
        )}
      </Group>
      {send.error && <Problem sentence={send.error.message} />}
      {send.data && <Answer {...send.data} />}
    </Stack>
  )
}

function Field({
  parameter: { name, in: where, required, description, schema },
  value,
  onChange,
}: {
  parameter: Parameter
  value: string
  onChange: (value: string) => void
}) {
  const shared = {
    label: `${name} (${where})`,
    description,
    required: required === true,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  }
  const choices = schema?.enum ?? (schema?.type === 'boolean' ? ['true', 'false'] : undefined)
  return choices ? (
    <NativeSelect {...shared} data={[{ value: '', label: 'unset' }, ...choices.map(String)]} />
  ) : (
    <TextInput {...shared} autoComplete="off" />
  )
}

function Answer({ status, milliseconds, headers, text }: Answered) {
  return (
    <section aria-label="Answer">
      <Group gap="sm" pb={6}>
        <Pill tone={status < 300 ? 'good' : status < 500 ? 'warn' : 'bad'}>{String(status)}</Pill>
        <Text size="sm" c="dimmed">
          {milliseconds} ms, {text.length} characters
        </Text>
      </Group>
      <Code block tabIndex={0} aria-label="Headers and body of the answer" className="answer">
        {[...headers, '', text.slice(0, MOST)].join('\n')}
      </Code>
    </section>
  )
}

async function sent(method: string, path: string, body: string | undefined): Promise<Answered> {
  const began = performance.now()
  const response = await fetch(path, {
    method,
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    milliseconds: Math.round(performance.now() - began),
    headers: SHOWN.flatMap((name) => (response.headers.has(name) ? [`${name}: ${response.headers.get(name)}`] : [])),
    text: isJson && text !== '' ? JSON.stringify(JSON.parse(text), undefined, 2) : text,
  }
}

function curlOf(method: string, path: string, body: string | undefined): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const words = [
    'curl -sS',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    '-H "Authorization: Bearer $TOKEN"',
    ...(body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quoted(body.replace(/\s*\n\s*/g, ''))}`]),
    quoted(`${location.origin}${path}`),
  ]
  return words.join(' ')
}

/** A text for people to read: with the numbers of its lines, what is looked for marked in it, to be copied and downloaded. */
import { Button, Group, Text, TextInput } from '@mantine/core'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { Copy } from '../../parts/equivalent.tsx'
import { useKeys } from '../../parts/keys.ts'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { visible } from '../../parts/visible.ts'
import { hitsOf, piecesOf } from './found.ts'

interface CodeViewProps {
  readonly label: string
  readonly text: string
  /** Under what name it is downloaded. */
  readonly file: string
}

export function CodeView({ label, text, file }: CodeViewProps) {
  const [wanted, setWanted] = useState('')
  const [at, setAt] = useState(0)
  const table = useRef<HTMLTableElement>(null)
  const find = useRef<HTMLInputElement>(null)
  useKeys([{ keys: '/', does: 'find in the text', run: () => find.current?.focus() }])
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n').map(visible), [text])
  const hits = useMemo(() => hitsOf(lines, wanted.trim()), [lines, wanted])
  const here = hits[at]
  const step = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || hits.length === 0) return
    event.preventDefault()
    const next = (at + (event.shiftKey ? hits.length - 1 : 1)) % hits.length
    setAt(next)
    table.current?.rows[hits[next] ?? 0]?.scrollIntoView({ block: 'center' })
  }
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={6}>
        <Group gap="xs">
          <TextInput
            ref={find}
            size="xs"
            aria-label={`Find in ${label}`}
            placeholder="Find (Enter: next)"
            leftSection={<IconSearch size={14} aria-hidden />}
            value={wanted}
            onChange={(event) => {
              setWanted(event.currentTarget.value)
              setAt(0)
            }}
            onKeyDown={step}
          />
          <Text size="xs" c="dimmed" role="status">
            {wanted.trim() === ''
              ? `${lines.length} lines`
              : hits.length === 0
                ? 'not found'
                : `${at + 1} of ${hits.length} lines`}
          </Text>
        </Group>
        <Group gap="xs">
          <Copy text={text} label={`Copy ${label}`} />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={() => saveText(file, text)}
          >
            Download
          </Button>
        </Group>
      </Group>
      <div className="code-view">
        <ScrollRegion label={label}>
          <table className="lines" ref={table}>
            <tbody>
              {lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
                <tr key={index} data-chosen={index === here || undefined}>
                  <td className="line-number">{index + 1}</td>
                  <td className="line-text">
                    <Marked line={line} wanted={wanted.trim()} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </div>
    </div>
  )
}

/** A line with what is looked for marked. */
export function Marked({ line, wanted }: { line: string; wanted: string }) {
  if (wanted === '') return line
  return piecesOf(line, wanted).map(({ text, isHit }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
    isHit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
  )
}

/** Hands a text to the browser as a file. */
export function saveText(file: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = file
  link.click()
  URL.revokeObjectURL(url)
}

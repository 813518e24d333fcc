/** A state in one word, told by its shape and its word as well as by its color. */
import { Tooltip } from '@mantine/core'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm'

export function Pill({ tone, children, title }: { tone: Tone; children: string; title?: string | undefined }) {
  const pill = <span className={`pill pill-${tone}`}>{children}</span>
  return title === undefined ? (
    pill
  ) : (
    <Tooltip label={title} multiline maw={360}>
      {pill}
    </Tooltip>
  )
}

const STAGE_TONES: Readonly<Record<string, Tone>> = {
  unmanaged: 'calm',
  available: 'good',
  acquired: 'calm',
  booting: 'busy',
  installing: 'busy',
  installed: 'busy',
  ready: 'good',
  broken: 'bad',
}

/** Where a machine stands (model/standing.ts). */
export function StagePill({ stage, title }: { stage: string; title?: string | undefined }) {
  return (
    <Pill tone={STAGE_TONES[stage] ?? 'calm'} title={title}>
      {stage}
    </Pill>
  )
}

/** Why does it boot what it boots: the whole chain as it would be now, with what-ifs, each line beside where it comes from. */

import { Button, Group, Loader, NativeSelect, Stack, Text } from '@mantine/core'
import type { Explanation } from '../../../model/explanation.ts'
import { sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useExplanation, WHAT_IFS, whatIfQuery } from './explain-data.ts'
import { ExplainStep } from './explain-step.tsx'
import { useNames } from './machine-data.ts'
import type { TabProps } from './tabs.ts'

export function ExplainTab({ name }: TabProps) {
  const [search] = useAddress()
  const whatIfs = whatIfQuery(search)
  const explanation = useExplanation(name, whatIfs)
  const { data, error, isFetching } = explanation
  return (
    <Stack gap="md">
      <WhatIfs isBusy={isFetching} />
      {error && <Problem sentence={sentenceOf(error)} retry={() => void explanation.refetch()} />}
      {data && !error && (
        <>
          <Decision explanation={data} isWhatIf={whatIfs !== ''} />
          {data.steps.map((step, index) => (
            <ExplainStep key={step.id} step={step} number={index + 1} />
          ))}
          <Equivalent
            cli={['orchestra explain', name, ...optionsOf(whatIfs)].join(' ')}
            api={`GET /api/explain/${encodeURIComponent(name)}${whatIfs === '' ? '' : `?${whatIfs}`}`}
          />
        </>
      )}
      {!data && !error && <Loader aria-label="Loading" />}
    </Stack>
  )
}

function optionsOf(whatIfs: string): string[] {
  return [...new URLSearchParams(whatIfs)].map(([name, value]) => `--${name} ${value}`)
}

function WhatIfs({ isBusy }: { isBusy: boolean }) {
  const [search, setAddress] = useAddress()
  const profiles = useNames('profile')
  const clear = () => setAddress({ firmware: undefined, arch: undefined, netboot: undefined, profile: undefined })
  const wanted = search.get('profile') ?? ''
  const select = (name: string, label: string, words: readonly string[]) => (
    <NativeSelect
      key={name}
      label={label}
      size="xs"
      data={[{ value: '', label: 'as it is' }, ...words]}
      value={search.get(name) ?? ''}
      onChange={(event) => setAddress({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label="What if">
      {WHAT_IFS.map(({ name, label, words }) => select(name, label, words))}
      {select('profile', 'Profile', wanted === '' || profiles.includes(wanted) ? profiles : [wanted, ...profiles])}
      <Button size="xs" variant="default" onClick={clear} disabled={whatIfQuery(search) === ''}>
        As it is
      </Button>
      {isBusy && <Loader size="xs" aria-label="Asking" />}
    </Group>
  )
}

const BOOT_TONES: Readonly<Record<Explanation['decision']['boot'], Tone>> = {
  install: 'busy',
  local: 'good',
  enlist: 'warn',
  ignore: 'calm',
}
const BOOT_WORDS: Readonly<Record<Explanation['decision']['boot'], string>> = {
  install: 'It would be installed',
  local: 'It would boot from its disk',
  enlist: 'It would enlist itself',
  ignore: 'It would get no answer',
}

const STEP_TONES: Readonly<Record<string, Tone>> = { ok: 'good', none: 'calm', error: 'bad' }

function Decision({ explanation, isWhatIf }: { explanation: Explanation; isWhatIf: boolean }) {
  const { decision, asks, steps } = explanation
  return (
    <section className="part decision" aria-label="Decision">
      <Group gap="xs">
        <Text fw={650} size="lg">
          {BOOT_WORDS[decision.boot]}
        </Text>
        <Pill tone={BOOT_TONES[decision.boot]}>{decision.boot}</Pill>
        {isWhatIf && <Pill tone="warn">what if</Pill>}
      </Group>
      <Text size="sm">Because {decision.because}.</Text>
      <Text size="sm" c="dimmed">
        It is taken to ask as {asks.firmware} on {asks.arch}: {asks.because}.
      </Text>
      <ol className="chain" aria-label="The chain">
        {steps.map(({ id, title, outcome }) => (
          <li key={id}>
            <a href={`#step-${id}`} className="chain-step">
              {title} <Pill tone={STEP_TONES[outcome] ?? 'calm'}>{outcome}</Pill>
            </a>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** How many machines stand where, each a way to just those machines. */
import { Link } from 'react-router'
import type { Summary } from '../../../model/machine-row.ts'
import { STAGES, type Stage } from '../../../model/standing.ts'

const TONES: Readonly<Record<Stage, string>> = {
  ...{ unmanaged: 'calm', available: 'good', acquired: 'calm', booting: 'busy', installing: 'busy' },
  ...{ installed: 'busy', ready: 'good', broken: 'bad' },
}

export function Counts({ summary }: { summary: Summary }) {
  const { systems, stages, power } = summary
  return (
    <nav className="counts" aria-label="Machines by state">
      <Count to="" count={systems} label="machines" tone="all" />
      {STAGES.map((stage) => (
        <Count key={stage} to={`stage:${stage}`} count={stages[stage]} label={stage} tone={TONES[stage]} />
      ))}
      {(['on', 'off', 'unknown'] as const).map((state) => (
        <Count
          key={state}
          to={`power:${state}`}
          count={power[state]}
          label={state === 'unknown' ? 'not seen' : `power ${state}`}
          tone="calm"
        />
      ))}
    </nav>
  )
}

function Count({ to, count, label, tone }: { to: string; count: number; label: string; tone: string }) {
  const query = to === '' ? '' : `?q=${encodeURIComponent(to)}`
  return (
    <Link to={`/machines${query}`} className={`count count-${count === 0 ? 'none' : tone}`}>
      <b>{count}</b>
      <span>{label}</span>
    </Link>
  )
}

/** How a storm goes, for people: bars that are drawn again while it does, and a table when it is over. */
import { PHASES } from './boot.ts'
import type { StormLook } from './storm.ts'

const WORDS = {
  dhcp: 'address by DHCP',
  loader: 'loader by TFTP',
  script: 'boot script',
  kernel: "kernel's first MB",
} as const
const WIDTH = 40

/** Lines, one for each phase, and what failed. */
export function pictureOf({ nodes, elapsed, started, phases, failed, reasons }: StormLook): string[] {
  const bar = (count: number) => {
    const full = Math.round((count / nodes) * WIDTH)
    return `${'█'.repeat(full)}${'·'.repeat(WIDTH - full)}`
  }
  const row = (word: string, count: number, times = '') =>
    `${word.padEnd(18)}${bar(count)} ${`${count}`.padStart(6)}  ${times}`
  return [
    `${(elapsed / 1000).toFixed(1)} s, ${nodes} machines`,
    row('turned on', started),
    ...PHASES.map((phase) => {
      const { count, p50, p99 } = phases[phase]
      return row(
        WORDS[phase],
        count,
        count === 0 ? '' : `half within ${seconds(p50)}, 99 of 100 within ${seconds(p99)}`,
      )
    }),
    ...Object.entries(reasons).map(([because, count]) => `${`${count}`.padStart(6)} failed: ${because}`),
    ...(failed === 0 && phases.kernel.count === nodes ? ['all of them boot'] : []),
  ]
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`

/** The way of a machine, shown in the terminal as it goes: a line for each step, and a moving sign while the next is awaited. */
import { stripVTControlCharacters } from 'node:util'
import type { BootStep } from '../src/model/event.ts'

export interface Progress {
  /** A step was reached. The same step again is only a new sentence. */
  reached(step: BootStep, because: string): void
  done(sentence: string): void
  failed(sentence: string): void
}

export interface Screen {
  write(text: string): void
  readonly isTty: boolean
  readonly columns: number
  /** Milliseconds. */
  now(): number
  /** Calls again and again; answers how to stop. */
  every(milliseconds: number, call: () => void): () => void
}

const NAMES: Readonly<Record<BootStep, string>> = {
  power: 'power',
  address: 'DHCP',
  loader: 'boot file',
  config: 'boot config',
  kernel: 'kernel',
  preseed: 'preseed',
  installing: 'installing',
  installed: 'installed',
  'first-boot': 'first boot',
  ready: 'ready',
  failed: 'failed',
}

/** What is awaited after a step. */
const AWAITED: Readonly<Partial<Record<BootStep, string>>> = {
  power: 'the firmware to ask for an address',
  address: 'the boot file',
  loader: 'the boot config',
  config: 'the kernel',
  kernel: 'the preseed',
  preseed: 'the installer',
  installing: 'the installation',
  installed: 'the first boot from the disk',
  'first-boot': 'the installed system',
}

const SIGNS = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const TICK = 120

export function showProgress(screen: Screen, verbose = false): Progress {
  const begun = screen.now()
  const seen = new Set<BootStep>()
  let last: BootStep | undefined
  let detail = ''
  let turn = 0
  const seconds = () => ((screen.now() - begun) / 1000).toFixed(1).padStart(6)

  const draw = () => {
    if (!screen.isTty) return
    const sign = SIGNS[turn++ % SIGNS.length]
    const awaited = last === undefined ? 'power' : AWAITED[last]
    screen.write(`\r\x1b[K${oneLine(` ${sign} ${seconds()} s  waiting for ${awaited}${detail}`, screen.columns)}`)
  }
  const line = (sign: string, step: BootStep, because: string) => {
    const text = ` ${sign} ${seconds()} s  ${NAMES[step].padEnd(11)}  ${because}`
    screen.write(screen.isTty ? `\r\x1b[K${oneLine(text, screen.columns)}\n` : `${text}\n`)
  }
  const stop = screen.isTty ? screen.every(TICK, draw) : () => {}

  return {
    reached(step, because) {
      if (step === 'failed') return
      const again = seen.has(step)
      if (!again || verbose) line(again ? '·' : '✓', step, because)
      if (!again) last = step
      detail = step === 'installing' ? `: ${because}` : ''
      seen.add(step)
      draw()
    },
    done(sentence) {
      stop()
      screen.write(`${screen.isTty ? '\r\x1b[K' : ''}${sentence}\n`)
    },
    failed(sentence) {
      stop()
      screen.write(`${screen.isTty ? '\r\x1b[K' : ''} ✗ ${seconds()} s  ${sentence}\n`)
    },
  }
}

/** One line of the terminal, or the next drawing would not overwrite all of it. */
function oneLine(text: string, columns: number): string {
  const plain = stripVTControlCharacters(text)
  return plain.length < columns ? plain : `${plain.slice(0, Math.max(columns - 2, 1))}…`
}

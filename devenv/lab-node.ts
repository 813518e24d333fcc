/**
 * One machine of the lab as its operator sees it: power through Orchestra, the steps of its boot from Orchestra's events, and,
 * to check what those say, its serial console and its disk.
 */
import { existsSync, mkdtempSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import type { BootStep, EventMap, RecordedEvent } from '../src/model/event.ts'
import type { PowerAction, PowerTask } from '../src/model/power.ts'
import type { LabApi } from './lab-api.ts'
import { diskOf, serialOf } from './machines.ts'
import type { LabNode } from './settings.ts'

/** A point in the life of a machine: what is waited for must come after it. */
export interface Moment {
  readonly eventId: number
  readonly serialLength: number
}

export interface NodeHandle {
  readonly name: string
  readonly disk: string
  readonly serialPath: string
  now(): Moment
  /** Through Orchestra; answers when its task has ended well. */
  power(action: PowerAction): Promise<void>
  /** Answers the event with which a step was reached. Rejects, with the evidence, when the machine fails before that. */
  until(step: BootStep, since: Moment, seconds?: number): Promise<RecordedEvent<'boot.step'>>
  /** Answers when the serial console has said this. */
  says(text: string, since: Moment, seconds?: number): Promise<void>
  /** What the console said, without escape sequences. */
  serial(since?: Moment): string
  /** A file on the root file system of its disk. The machine should have synced it. @throws Error when there is none */
  readBytes(path: string): Promise<Buffer>
  readFile(path: string): Promise<string>
}

export interface NodeNeeds {
  readonly api: LabApi
  readonly folder: string
  /** Where its root file system begins on its disk: bytes. */
  readonly rootOffset: number
  /** Called with a machine whose QEMU ended by itself, and its words; answers how to stop. */
  readonly stopping: AbortSignal
  readonly onEnded: (listener: (words: string) => void) => () => void
}

/** A machine that did not get where it should; the message holds what was last seen of it. */
export class LabFailure extends Error {
  override readonly name = 'LabFailure'
}

const FATAL = /Kernel panic - not syncing[^\n]*\n|orchestra(-mini)?: FAILED[^\n]*\n/
const SECONDS = 180

export function nodeHandle(node: LabNode, { api, folder, rootOffset, stopping, onEnded }: NodeNeeds): NodeHandle {
  const { name } = node
  const serialPath = serialOf(node, folder)
  const serial = (since?: Moment) => plainText(readFileSync(serialPath).subarray(since?.serialLength ?? 0))
  const evidence = (because: string, since: Moment) =>
    new LabFailure(`${name}: ${because}\n${evidenceOf(name, api, serial(since), folder)}`)

  /** Waits until `look` answers something; looks again whenever an event comes or the console speaks. */
  function wait<Found>(look: () => Found | undefined, what: string, since: Moment, seconds: number): Promise<Found> {
    return new Promise((done, failed) => {
      const stops: (() => void)[] = []
      const settle = (how: () => void) => {
        for (const stop of stops.splice(0)) stop()
        how()
      }
      const fail = (because: string) => settle(() => failed(evidence(because, since)))
      const again = () => {
        const found = look()
        if (found !== undefined) return settle(() => done(found))
        const fatal = FATAL.exec(serial(since)) ?? failedStep(name, api, since)
        if (fatal) fail(fatal[0].trim())
      }
      const timer = setTimeout(() => fail(`${what} was not reached within ${seconds} s`), seconds * 1000)
      const watcher = watch(serialPath, again)
      const stopped = () => fail('the lab has ended')
      stopping.addEventListener('abort', stopped)
      stops.push(
        () => clearTimeout(timer),
        () => watcher.close(),
        () => stopping.removeEventListener('abort', stopped),
        api.events.on(again),
        onEnded(fail),
      )
      if (stopping.aborted) stopped()
      else again()
    })
  }

  async function readBytes(path: string): Promise<Buffer> {
    const copy = join(mkdtempSync(join(folder, 'file-')), 'copy')
    // debugfs ends well whatever happens.
    const disk = `${diskOf(node, folder)}?offset=${rootOffset}`
    await exec('debugfs', ['-R', `dump ${path} ${copy}`, disk])
    if (!existsSync(copy)) throw new Error(`${name} has no ${path} on its disk`)
    return readFileSync(copy)
  }

  return {
    name,
    disk: diskOf(node, folder),
    serialPath,
    serial,
    now: () => ({ eventId: api.events.all.at(-1)?.id ?? 0, serialLength: readFileSync(serialPath).length }),

    async power(action) {
      const answer = (await api.call('POST', `/api/systems/${name}/power`, { action })) as { task: PowerTask }
      const task = await taskEnd(answer.task.id, api)
      if (task.state !== 'complete') throw new LabFailure(`${name}: power ${action}: ${task.because}`)
    },

    until: (step, since, seconds = SECONDS) =>
      wait(() => stepsOf(name, api, since).find(({ payload }) => payload.step === step), `"${step}"`, since, seconds),

    async says(text, since, seconds = SECONDS) {
      await wait(() => serial(since).includes(text) || undefined, `"${text}" on the console`, since, seconds)
    },

    readBytes,
    readFile: async (path) => (await readBytes(path)).toString(),
  }
}

function isStep(event: RecordedEvent): event is RecordedEvent<'boot.step'> {
  return event.name === 'boot.step'
}

export function stepsOf(name: string, api: LabApi, since?: Moment): RecordedEvent<'boot.step'>[] {
  const later = api.events.all.filter(({ id }) => id > (since?.eventId ?? 0))
  return later.filter(isStep).filter(({ payload }) => payload.system === name)
}

function failedStep(name: string, api: LabApi, since: Moment): [string] | undefined {
  const found = stepsOf(name, api, since).find(({ payload }) => payload.step === 'failed')
  return found && [found.payload.because]
}

/** A task tells of its end by an event; the event says only that something changed. */
async function taskEnd(id: string, api: LabApi): Promise<PowerTask> {
  while (true) {
    const next = Promise.withResolvers<void>()
    const stop = api.events.on(({ name, payload }) => {
      if (name === 'power.changed' && (payload as EventMap['power.changed']).task === id) next.resolve()
    })
    try {
      const task = (await api.call('GET', `/api/tasks/${id}`)) as PowerTask
      if (task.state !== 'running') return task
      await next.promise
    } finally {
      stop()
    }
  }
}

/** ANSI sequences, and the carriage returns of firmware, are no text. */
export function plainText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\x1b(\[[0-9;=?]*[A-Za-z]|[c7-9])/g, '')
    .replaceAll('\r', '')
}

/** What somebody needs who was not looking: the last step, the last words of the console and the daemon's complaints. */
function evidenceOf(name: string, api: LabApi, serial: string, folder: string): string {
  const last = stepsOf(name, api).at(-1)
  const lines = serial.split('\n').filter((line) => line.trim() !== '')
  return [
    `last step: ${last ? `${last.payload.step}: ${last.payload.because}` : 'none'}`,
    'last lines of the console:',
    ...lines.slice(-30).map((line) => `  ${line}`),
    'last warnings of the daemon:',
    ...warningsIn(`${folder}/daemon.log`)
      .slice(-10)
      .map((line) => `  ${line}`),
  ].join('\n')
}

/** The daemon's warnings and faults, one line each. What is no JSON was said before or beside its log. */
export function warningsIn(path: string): string[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  return lines.flatMap((line) => {
    if (!line.startsWith('{')) return line === '' || line.startsWith('(node:') ? [] : [line]
    const { level, time: _, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
    if (Number(level) < WARN) return []
    const cause = typeof err === 'object' && err !== null && 'stack' in err ? ` ${String(err.stack)}` : ''
    return [`${String(msg)} ${JSON.stringify(rest)}${cause}`]
  })
}

/** pino's number. */
const WARN = 40

/**
 * The serial console of a libvirt domain: `virsh console`, which speaks to nothing but a terminal, and so gets one. What it
 * says about itself is taken away; what the domain says goes through as it is.
 */
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import type { OpenTerminal, TerminalProgram } from '../lib/terminal-program.ts'
import type { PowerError } from './driver.ts'

/** The character by which a person would leave virsh. Nobody types it by chance, and it is not passed on. */
const ESCAPE = 0x1e
export const ESCAPE_OPTION = ['--escape', '^^']

/** The last line that virsh writes before it is a console (tools/virsh-console.c). */
const READY = /Escape character is [^\n]*\n/
/** It says much less. */
const LONGEST_GREETING = 8192

export interface VirshConsole {
  readonly openTerminal: OpenTerminal
  readonly args: readonly string[]
  readonly signal: AbortSignal
  /** What went wrong, from what virsh wrote. */
  readonly failure: (said: string) => PowerError
}

/** @throws PowerError when virsh ends before it is a console */
export async function openVirshConsole({ openTerminal, args, signal, failure }: VirshConsole): Promise<Duplex> {
  const program = openTerminal('virsh', args, signal)
  const first = await greeted(program, failure)
  let last = ''

  const stream = new Duplex({
    read: () => program.resume(),
    write(bytes: Buffer, _, done) {
      const typed = bytes.filter((byte) => byte !== ESCAPE)
      if (typed.length === 0) done()
      else program.write(typed, done)
    },
    destroy(error, done) {
      program.destroy()
      done(error)
    },
  })
  if (first.length > 0) stream.push(first)
  program.on('data', (bytes: Buffer) => {
    last = (last + bytes.toString('latin1')).slice(-1000)
    if (!stream.push(bytes)) program.pause()
  })
  program.once('error', (error) => stream.destroy(error))
  program.once('end', async () => {
    const code = await program.exited
    if (code === 0 || !last.includes('error: ')) stream.push(null)
    else stream.destroy(failure(last))
  })
  program.once('close', () => {
    if (signal.aborted) stream.destroy()
  })
  return stream
}

/** Answers what the domain has said already. */
async function greeted(program: TerminalProgram, failure: VirshConsole['failure']): Promise<Buffer> {
  let said = Buffer.alloc(0)
  const hear = (bytes: Buffer) => {
    said = Buffer.concat([said, bytes])
    const text = said.toString('latin1')
    const ready = READY.exec(text)
    if (ready) program.emit('ready', ready.index + ready[0].length)
    else if (said.length > LONGEST_GREETING) program.destroy()
  }
  program.on('data', hear)
  const ended = once(program, 'close').then(() => undefined)
  const [end] = (await Promise.race([once(program, 'ready'), ended])) ?? []
  program.pause()
  program.off('data', hear)
  if (typeof end === 'number') return said.subarray(end)
  throw failure(said.toString('latin1'))
}

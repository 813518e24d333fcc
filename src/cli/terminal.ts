/** The terminal that a person sits at, or the pipes in its place: secrets in, text out. */
import { basename, dirname, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { openRegular, writeBelow } from '../lib/files.ts'
import { CliError, type Io, type Keyboard } from './io.ts'

/** The Io of this process. @param end ends it */
export function terminalIo(
  options: Pick<Io, 'clock' | 'version' | 'env' | 'findLocal'>,
  end: (exitCode: number) => never,
): Io {
  // `orchestra list | head` ends quietly, as programs do.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') end(0)
    throw error
  })
  return { ...options, stdout: process.stdout, stderr: process.stderr, readSecret, readFile, writeFile, openKeyboard }
}

async function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '')
  stderr.write(prompt)
  stdin.setRawMode(true).setEncoding('utf8')
  try {
    return await typedLine(stdin)
  } finally {
    stdin.setRawMode(false).pause()
    stderr.write('\n')
  }
}

/** What is typed until Enter, unseen; backspace works, Ctrl-C and Ctrl-D give up. */
async function typedLine(stdin: AsyncIterable<string>): Promise<string> {
  let line = ''
  for await (const typed of stdin) {
    for (const char of typed) {
      if (char === '\r' || char === '\n') return line
      if (char === '\x03' || char === '\x04') throw new CliError('given up', 130)
      line = char === '\x7f' || char === '\b' ? line.slice(0, -1) : line + char
    }
  }
  return line
}

function openKeyboard(): Keyboard {
  const { stdin } = process
  if (stdin.isTTY) stdin.setRawMode(true)
  return {
    onKeys: (listener) => void stdin.on('data', listener),
    close() {
      if (stdin.isTTY) stdin.setRawMode(false)
      stdin.destroy()
    },
  }
}

async function readFile(path: string): Promise<string> {
  const file = await openRegular(path)
  if (!file) throw new CliError(`there is no file ${path}`)
  return await text(file.stream())
}

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const full = resolve(path)
  await writeBelow(dirname(full), basename(full), bytes, 0o600).catch((error: Error) => {
    throw new CliError(`${path} cannot be written: ${error.message}`)
  })
}

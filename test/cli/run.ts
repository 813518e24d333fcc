/** The command line against the real application on a loopback port: what it wrote, and how it ended. */
import type { Io, Keyboard } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/main.ts'
import type { Role } from '../../src/services/auth.ts'
import { listen, type TestApp } from '../http/test-app.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  /** Whose token is found on this machine. */
  readonly role?: Role
  readonly secret?: string
  readonly keyboard?: Keyboard
  readonly files?: Readonly<Record<string, string>>
  /** Filled with the files that it writes. */
  readonly written?: Map<string, Uint8Array>
  readonly env?: Io['env']
  readonly findLocal?: Io['findLocal']
  /** As it was called; `orchestra` unless said. */
  readonly name?: string
}

/** Answers `orchestra`, split as a shell does for words without quotes; an array is taken as it is. */
export async function testCli(it: TestApp) {
  const url = await listen(it.app)
  const orchestra = async (line: string | readonly string[], options: RunOptions = {}): Promise<Ran> => {
    const { role = 'admin', secret = '', files = {}, env = {} } = options
    let [out, err] = ['', '']
    const io: Io = {
      stdout: { write: (text) => (out += typeof text === 'string' ? text : Buffer.from(text).toString()) },
      stderr: { write: (text) => (err += text) },
      readSecret: async () => secret,
      openKeyboard: () => options.keyboard ?? { onKeys: () => {}, close: () => {} },
      async readFile(path) {
        const text = files[path]
        if (text === undefined) throw new Error('no such file')
        return text
      },
      async writeFile(path, bytes) {
        options.written?.set(path, bytes)
      },
      clock: it.clock,
      version: '1.2.3',
      env,
      findLocal: options.findLocal ?? (async () => ({ url, token: await it.tokenOf(role) })),
    }
    const code = await runCli(typeof line === 'string' ? line.split(' ') : line, io, {
      name: options.name ?? 'orchestra',
    })
    return { code, out, err }
  }
  return { url, orchestra }
}

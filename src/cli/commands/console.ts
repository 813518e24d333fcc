/** `orchestra console NAME`: the serial console of a machine in this terminal, or with --log what it said before. */
import type { Command } from 'commander'
import { isJsonObject } from '../../lib/json.ts'
import { terminalFilter } from '../../lib/terminal-filter.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { watchEscapes } from '../escapes.ts'
import { CliError, type Io, tell } from '../io.ts'

interface Given {
  readonly read?: true
  readonly log?: true
}

/** As many as the daemon gives. */
const LONGEST_LOG = 1024 * 1024

export function buildConsole(command: Command, { io, client }: Context): void {
  command
    .argument('<name>', 'the system')
    .option('--read', 'look on, and type nothing')
    .option('--log', 'what it said before, and no more')
    .action(async (name: string, { read: isReading, log: isLog }: Given) => {
      const path = apiPath('systems', name, 'console')
      if (isLog) {
        const text = await (await client()).text(`${path}/log?bytes=${LONGEST_LOG}`)
        io.stdout.write(terminalFilter('record')(Buffer.from(text)))
        return
      }
      await stay(io, await client(), `${path}/serial?mode=${isReading ? 'read' : 'write'}`)
    })
}

/** Until the person leaves, or the daemon ends it. */
async function stay(io: Io, client: Client, path: string): Promise<void> {
  const socket = await client.socket(path)
  const show = terminalFilter('live')
  const escapes = watchEscapes()
  const keyboard = io.openKeyboard()
  let hasLeft = false
  let last = ''
  tell(io, 'leave with Ctrl-] or, at the beginning of a line, ~. (~B sends a break)')

  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return io.stdout.write(show(data))
    const because = sentenceIn(data.toString())
    if (because !== undefined && because !== last) tell(io, `[${because}]`)
    last = because ?? last
  })
  keyboard.onKeys((keys) => {
    for (const { keys: plain, act } of escapes(keys)) {
      if (plain.length > 0) socket.send(plain, { binary: true })
      if (act === 'break') socket.send(JSON.stringify({ type: 'break' }))
      if (act === 'leave') {
        hasLeft = true
        socket.close()
        return
      }
    }
  })
  const reason = await new Promise<string>((done) => socket.once('close', (_code, said) => done(said.toString())))
  keyboard.close()
  if (!hasLeft) throw new CliError(reason || 'the connection to the daemon was lost')
}

function sentenceIn(text: string): string | undefined {
  try {
    const said: unknown = JSON.parse(text)
    return isJsonObject(said) && typeof said['because'] === 'string' ? said['because'] : undefined
  } catch {
    return undefined
  }
}

/** The boot files at the end of raw connections: what is written is what a test says, and what comes is read to the last byte. */
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { type HostileSite, hostileSite } from '../support/hostile.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

export interface BootDoor {
  readonly site: HostileSite
  readonly port: number
  /** Of the log, since the start. */
  readonly lines: readonly string[]
  /** Writes in pieces, and answers all that comes until the server hangs up. */
  exchange(pieces: readonly Buffer[]): Promise<Buffer>
}

/** For the tests of one file; it is there when they run. */
export function bootDoor(): BootDoor {
  const lines: string[] = []
  let site: HostileSite
  let app: TestApp
  let port: number
  beforeAll(async () => {
    site = hostileSite()
    const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
    app = await testApp({ bootFiles: site.bootFiles, log })
    port = Number(new URL(await listen(app.app)).port)
  })
  afterAll(async () => {
    await app.close()
    site.remove()
  })
  return {
    get site() {
      return site
    },
    get port() {
      return port
    },
    lines,
    async exchange(pieces) {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {}) // a reset is an end too
      const all = buffer(socket).catch(() => Buffer.alloc(0))
      for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve))
      return all
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** All answers of a connection in their order; what is left over is an answer of its own, of status 0. */
export function readAnswers(bytes: Buffer, methods: readonly string[]): Answer[] {
  const answers: Answer[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...fields] = rest.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n')
    if (end < 0 || !first.startsWith('HTTP/1.1 ')) return [...answers, { status: 0, headers: new Map(), body: rest }]
    const headers = new Map(
      fields.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: /, '')]),
    )
    const status = Number(first.split(' ')[1])
    const hasBody = methods[answers.length] !== 'HEAD' && status !== 304
    const from = end + 4
    const to = from + (hasBody ? Number(headers.get('content-length') ?? 0) : 0)
    answers.push({ status, headers, body: rest.subarray(from, to) })
    rest = rest.subarray(to)
  }
  return answers
}

/** At some places of it, whatever the numbers; no piece is empty. */
export function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.map((one) => one % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((piece) => piece.length > 0)
}

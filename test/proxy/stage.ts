/** A mirror and a proxy before it, new for each test, on the loopback. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { type ProxyServer, startProxy } from '../../src/proxy/server.ts'
import { fixedClock, silentLog } from '../support/store.ts'
import { type Answer, ask, type Mirror, startMirror } from './mirror.ts'

export const MB = 1024 * 1024
export const DEB = '/debian/pool/main/h/hello_1_all.deb'
export const INDEX = '/debian/dists/x/InRelease'

export interface ProxyOptions {
  /** Unless said: the mirror by address and by name with its port, and that name without. */
  readonly mirrors?: readonly string[]
  readonly cacheBytes?: number
  readonly port?: number
}

export interface Stage {
  mirror: Mirror
  proxy: ProxyServer
  clock: ReturnType<typeof fixedClock>
  restart(options?: ProxyOptions): Promise<void>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** What the mirror was asked. */
  lines(): string[]
  /** What is on its way, on disk. */
  drafts(): string[]
  /** Every client may have his file before it has its place. */
  allKept(): Promise<void>
  /** A file of this length that comes when the test says so. */
  slowFile(path: string, length: number): Promise<ServerResponse>
}

/** Its parts are there while a test runs. */
export function proxyStage(): Stage {
  let root = ''
  const parts: Partial<Pick<Stage, 'mirror' | 'proxy' | 'clock'>> = {}
  const part = <Name extends keyof typeof parts>(name: Name): Stage[Name] => {
    const found = parts[name]
    if (!found) throw new Error(`there is no ${name} before a test`)
    return found as Stage[Name]
  }
  const start = ({ mirrors, cacheBytes = 50 * MB, port = 0 }: ProxyOptions = {}) =>
    startProxy({
      listen: { address: '127.0.0.1', port },
      root,
      cacheBytes,
      mirrors: mirrors ?? [`127.0.0.1:${stage.mirror.port}`, `localhost:${stage.mirror.port}`, 'localhost'],
      ownAddresses: ['127.0.0.1', '10.255.255.1'],
      clock: stage.clock,
      log: silentLog,
    })

  const stage: Stage = {
    get mirror() {
      return part('mirror')
    },
    set mirror(mirror) {
      parts.mirror = mirror
    },
    get proxy() {
      return part('proxy')
    },
    set proxy(proxy) {
      parts.proxy = proxy
    },
    get clock() {
      return part('clock')
    },
    set clock(clock) {
      parts.clock = clock
    },
    async restart(options) {
      await stage.proxy.close()
      stage.proxy = await start(options)
    },
    get: (path, headers = {}) => ask(stage.proxy, stage.mirror.url(path), { headers }),
    lines: () => stage.mirror.asked.map(({ line }) => line),
    drafts: () => (existsSync(join(root, 'drafts')) ? readdirSync(join(root, 'drafts')) : []),
    async allKept() {
      while (stage.drafts().length > 0) await new Promise((next) => setImmediate(next))
    },
    slowFile(path, length) {
      const began = Promise.withResolvers<ServerResponse>()
      stage.mirror.files.set(path, (_request, reply) => {
        reply.writeHead(200, { 'content-length': length })
        reply.flushHeaders()
        began.resolve(reply)
      })
      return began.promise
    },
  }

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'orchestra-proxy-'))
    stage.clock = fixedClock(Date.now())
    stage.mirror = await startMirror()
    stage.proxy = await start()
  })
  afterEach(async () => {
    await stage.proxy.close()
    await stage.mirror.close()
    rmSync(root, { recursive: true, force: true })
  })
  return stage
}

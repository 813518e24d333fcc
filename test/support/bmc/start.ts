/** BMCs of the tests with a socket of their own each, a relay that loses packets, and Debian's ipmi_sim beside them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { encodePing } from '../../../src/power/ipmi/codec.ts'
import { type Bmc, type BmcOptions, createBmc } from './bmc.ts'

export interface Listening {
  readonly port: number
  /** As in `power_address`. */
  readonly address: string
  close(): Promise<void>
}

export async function startBmc(options: BmcOptions = {}, host = '127.0.0.1'): Promise<Bmc & Listening> {
  const bmc = createBmc(options)
  const socket = await listen(host)
  socket.on('message', (bytes, { address, port }) =>
    bmc.receive(bytes, `${address}#${port}`, (answer) => socket.send(answer, port, address)),
  )
  const { port } = socket.address()
  bmc.serial.port = port
  return Object.assign(bmc, {
    port,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    async close() {
      bmc.stop()
      await shut(socket)
    },
  })
}

export interface Relay extends Listening {
  /** Packets that came by, and those that did not get on. */
  readonly passed: () => number
  readonly lost: () => number
  /** False: everything gets through. */
  isLossy: boolean
}

/** Passes packets on to a port and back, except about one in `every`, by a chance that is the same for the same seed. */
export async function startRelay(to: number, every: number, seed: number): Promise<Relay> {
  const front = await listen('127.0.0.1')
  const backs = new Map<number, Socket>()
  let [passed, lost] = [0, 0]
  let chance = seed >>> 0 || 1
  const drops = (): boolean => {
    // xorshift32
    chance ^= chance << 13
    chance ^= chance >>> 17
    chance ^= chance << 5
    const dropped = relay.isLossy && (chance >>> 0) % every === 0
    if (dropped) lost++
    else passed++
    return dropped
  }
  front.on('message', (bytes, { port }) => {
    let back = backs.get(port)
    if (!back) {
      back = createSocket('udp4')
      backs.set(port, back)
      back.on('message', (answer) => drops() || front.send(answer, port, '127.0.0.1'))
    }
    if (!drops()) back.send(bytes, to, '127.0.0.1')
  })
  const { port } = front.address()
  const relay: Relay = {
    port,
    address: `127.0.0.1:${port}`,
    isLossy: true,
    passed: () => passed,
    lost: () => lost,
    async close() {
      await Promise.all([front, ...backs.values()].map(shut))
    },
  }
  return relay
}

export interface Simulator extends Listening {
  /** What its chassis was told: `set power 1`. */
  orders(): string[]
}

/**
 * Debian's openipmi: a BMC that somebody else wrote. User "admin", password "secret".
 * @param serial the TCP port that is its machine's serial port
 */
export async function startSimulator(serial?: number): Promise<Simulator> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-ipmi-'))
  const port = await freePort()
  const orders = join(folder, 'orders')
  writeFileSync(orders, '')
  writeFileSync(join(folder, 'power'), '0')
  writeFileSync(join(folder, 'chassis'), chassisScript(folder), { mode: 0o700 })
  writeFileSync(join(folder, 'sim.emu'), EMULATOR)
  writeFileSync(join(folder, 'lan.conf'), lanConfig(folder, port, serial))
  const options = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', join(folder, 'state'), '-n']
  const child = spawn('ipmi_sim', options, { stdio: ['ignore', 'ignore', 'ignore'], cwd: folder })
  await answers(port, child)
  return {
    port,
    address: `127.0.0.1:${port}`,
    orders: () =>
      readFileSync(orders, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('set')),
    async close() {
      child.kill('SIGKILL')
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const EMULATOR = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
`

function lanConfig(folder: string, port: number, serial: number | undefined): string {
  const levels = ['callback', 'user', 'operator', 'admin'].map(
    (level) => `  allowed_auths_${level} none md2 md5 straight`,
  )
  return `name "bmc"
set_working_mc 0x20
startlan 1
  addr 127.0.0.1 ${port}
  priv_limit admin
${levels.join('\n')}
  guid a123456789abcdefa123456789abcdef
endlan
chassis_control "${folder}/chassis 0x20"
${serial === undefined ? '' : `sol "tcp:127.0.0.1:${serial}" 115200`}
user 1 true "" "test" user 10 none md2 md5 straight
user 2 true "admin" "secret" admin 10 none md2 md5 straight
`
}

/** Called with the BMC's number, \`get\` or \`set\`, and names with values. */
function chassisScript(folder: string): string {
  return `#!/bin/sh
shift
echo "$@" >> ${folder}/orders
if [ "$1" = get ]; then
  case $2 in power) echo "power:$(cat ${folder}/power)" ;; *) echo "$2:none" ;; esac
elif [ "$2" = power ]; then echo "$3" > ${folder}/power
elif [ "$2" = shutdown ]; then echo 0 > ${folder}/power
fi
`
}

/** Asks until something answers a ping. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  const socket = createSocket('udp4')
  try {
    for (let tries = 0; tries < 100; tries++) {
      if (child.exitCode !== null) throw new Error(`ipmi_sim ended with ${child.exitCode}`)
      socket.send(encodePing(tries), port, '127.0.0.1')
      const heard = await Promise.race([once(socket, 'message').then(() => true), rest(100, false)])
      if (heard) return
    }
    throw new Error('ipmi_sim does not answer')
  } finally {
    socket.close()
  }
}

async function freePort(): Promise<number> {
  const socket = await listen('127.0.0.1')
  const { port } = socket.address()
  await shut(socket)
  return port
}

async function listen(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

function shut(socket: Socket): Promise<void> {
  return new Promise((done) => socket.close(() => done()))
}

/**
 * A line with a delay: the kernel's netem where there is one; else two TAP devices with a program between them that holds each
 * frame back for as long.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { exec } from '../../src/lib/exec.ts'
import { CLIENT, DEVICE, FAR_DEVICE, SERVER, type World } from './wire-world.ts'

/** @param milliseconds there and back */
export async function withDelay(world: World, milliseconds: number, act: () => Promise<void>): Promise<void> {
  const { server } = world.names
  const netem = (verb: string) =>
    exec('ip', ['netns', 'exec', server, 'tc', 'qdisc', verb, 'dev', DEVICE, 'root', ...NETEM(verb, milliseconds)])
  const hasNetem = await netem('add').then(
    () => true,
    () => false,
  )
  if (!hasNetem) return await withLine(world, milliseconds, act)
  try {
    await act()
  } finally {
    await netem('del')
  }
}

const NETEM = (verb: string, milliseconds: number) => (verb === 'add' ? ['netem', 'delay', `${milliseconds}ms`] : [])

async function withLine({ names }: World, milliseconds: number, act: () => Promise<void>): Promise<void> {
  const line = spawn('python3', ['-c', LINE, names.server, names.client, `${milliseconds / 2000}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(createInterface({ input: line.stdout }), 'line')
    const move = async (name: string, from: string, to: string, address: string) => {
      await exec('ip', ['-n', name, 'address', 'del', `${address}/14`, 'dev', from])
      await exec('ip', ['-n', name, 'address', 'add', `${address}/14`, 'dev', to])
      await exec('ip', ['-n', name, 'link', 'set', to, 'up'])
    }
    await move(names.server, DEVICE, 'slow0', SERVER)
    await move(names.client, FAR_DEVICE, 'slow0', CLIENT)
    try {
      await act()
    } finally {
      await move(names.server, 'slow0', DEVICE, SERVER)
      await move(names.client, 'slow0', FAR_DEVICE, CLIENT)
    }
  } finally {
    const ended = once(line, 'close')
    line.kill('SIGKILL')
    await ended
  }
}

/** A TAP `slow0` in each of two namespaces; what comes out of one goes into the other, later. */
const LINE = `
import collections, ctypes, fcntl, os, select, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def tap(name):
    if libc.setns(os.open('/run/netns/' + name, os.O_RDONLY), 0) != 0: raise OSError(ctypes.get_errno())
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, 0x400454ca, struct.pack('16sH22x', b'slow0', 0x0002 | 0x1000))
    return fd
ends = [tap(sys.argv[1]), tap(sys.argv[2])]
wait = float(sys.argv[3])
held = collections.deque()
print('ready', flush=True)
while True:
    left = max(0, held[0][0] - time.monotonic()) if held else None
    for fd in select.select(ends, [], [], left)[0]:
        try:
            while True: held.append((time.monotonic() + wait, ends[1 - ends.index(fd)], os.read(fd, 65536)))
        except BlockingIOError: pass
    while held and held[0][0] <= time.monotonic():
        _, to, frame = held.popleft()
        try: os.write(to, frame)
        except OSError: pass
`

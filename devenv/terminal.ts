/** A machine's serial line in this terminal, until Ctrl-] or the end of either side. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'

/** Ctrl-], as telnet and virsh have it. */
const LEAVE = 0x1d

export async function attachTerminal(line: Duplex, name: string): Promise<void> {
  const { stdin, stdout, stderr } = process
  stderr.write(`The serial console of ${name}; Ctrl-] leaves.\r\n`)
  if (stdin.isTTY) stdin.setRawMode(true)
  const ended = once(line, 'close')
  line.on('error', () => {})
  line.pipe(stdout, { end: false })
  stdin.on('data', (keys: Buffer) => {
    const leaves = keys.indexOf(LEAVE)
    if (leaves !== 0) line.write(leaves < 0 ? keys : keys.subarray(0, leaves))
    if (leaves >= 0) line.destroy()
  })
  // Without a terminal what was to be typed ends, and the machine has the last word.
  await ended
  if (stdin.isTTY) stdin.setRawMode(false)
  stdin.destroy()
  stderr.write('\r\n')
}

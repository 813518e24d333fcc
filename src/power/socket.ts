/** A connection to what a driver was told of: a serial port or a screen that listens on TCP or on a unix socket. */
import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** Ends with the signal. @throws what the system says */
export async function connectTo(where: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = connect({ ...where, signal } as NetConnectOpts)
  await once(socket, 'connect')
  // From here on whoever reads hears of it: an error that nobody listens to would end the process.
  socket.on('error', () => {})
  socket.setNoDelay(true)
  return socket
}

/** DHCP packets as a firmware broadcasts them, made and sent by hand: for what no client does when it is told to. */

/** A DHCP packet of a UEFI firmware, as hex. @param options its type and what goes with it */
export function packetOf(mac: string, options: string): string {
  const header = `0101060012345678${'0000'}8000${'00000000'.repeat(4)}${mac.replaceAll(':', '')}${'00'.repeat(10)}`
  return `${header}${'00'.repeat(192)}63825363${options}5d0200073c09${Buffer.from('PXEClient').toString('hex')}ff`
}

export function option(code: number, ip: string): string {
  return `${code.toString(16)}04${Buffer.from(ip.split('.').map(Number)).toString('hex')}`
}

/** A program that sends the packets of its arguments to everybody, from no port in particular. */
export const BROADCAST = `
const socket = require('node:dgram').createSocket('udp4')
socket.bind(0, async () => {
  socket.setBroadcast(true)
  for (const packet of process.argv.slice(1)) {
    await new Promise((sent, failed) =>
      socket.send(Buffer.from(packet, 'hex'), 67, '10.77.0.255', (error) => (error ? failed(error) : sent())))
  }
  socket.close()
})`

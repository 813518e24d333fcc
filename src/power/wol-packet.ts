/** The magic packet (AMD 20213, "Magic Packet Technology", 1995): six bytes of ones, then the MAC sixteen times. */
import type { Mac } from '../model/address.ts'

/** @param secureOn six bytes as a MAC is written: what some network cards want behind it */
export function magicPacket(mac: Mac, secureOn?: Mac): Uint8Array {
  const address = bytesOf(mac)
  const behind = secureOn === undefined ? [] : bytesOf(secureOn)
  return Uint8Array.from([
    ...Array.from({ length: 6 }, () => 0xff),
    ...Array.from({ length: 16 }, () => address).flat(),
    ...behind,
  ])
}

function bytesOf(mac: Mac): number[] {
  return mac.split(':').map((part) => Number.parseInt(part, 16))
}

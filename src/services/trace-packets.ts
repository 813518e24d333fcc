/** The packets of boots in the store: written behind with the traces that they belong to, within a bound for all of them. */
import type { Packet } from '../model/packet.ts'
import type { BootAttempt } from '../model/trace.ts'
import {
  allPacketBytes,
  findPackets,
  forgetOldPackets,
  type KeptPackets,
  packetTotals,
  savePackets,
} from '../store/boot-packets.ts'
import type { Db, Tx } from '../store/db.ts'
import { type CaptureBounds, captureShelf } from './trace-capture.ts'

export interface TracePackets {
  /** Never waits. */
  keep(attempt: BootAttempt, packets: readonly Packet[]): void
  /** What is told of packets is what the trace says when they are written. */
  grown(attempt: BootAttempt): void
  isWaiting(): boolean
  /** Packets follow their boot. */
  write(tx: Tx): Promise<void>
  find(boot: number): Promise<KeptPackets>
}

export interface PacketBounds extends CaptureBounds {
  /** Bytes that are kept of all boots. */
  readonly kept: number
}

/** So many boots in one transaction. */
const MOST_AT_ONCE = 200

/** @param isStored whether that boot is in the store, by its id */
export async function openPackets(
  db: Db,
  bounds: PacketBounds,
  isStored: (boot: number) => boolean,
): Promise<TracePackets> {
  const shelf = captureShelf(bounds)
  let all = await allPacketBytes(db)
  return {
    keep: shelf.keep,
    grown: shelf.grown,
    isWaiting: () => shelf.waiting(1, isStored).length > 0,
    find: (boot) => findPackets(db, boot),

    async write(tx) {
      const ready = shelf.waiting(MOST_AT_ONCE, isStored)
      if (ready.length === 0) return
      const rows = shelf.take(ready, await packetTotals(tx, ready))
      await savePackets(tx, rows)
      all += rows.reduce((sum, { bytes }) => sum + bytes, 0)
      if (all <= bounds.kept) return
      await forgetOldPackets(tx, bounds.kept * 0.9)
      all = await allPacketBytes(tx)
    },
  }
}

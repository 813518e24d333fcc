/**
 * What differs from machine to machine, in one table: by who made it, which model it is, and what its service root says.
 * Every row names where the fact comes from; what all may do wrong is handled for all in patch.ts, boot-once.ts and actions.ts.
 */
import type { JsonObject } from '../../lib/json.ts'
import { type ComputerSystem, objectIn, textIn } from './resources.ts'

export interface Quirks {
  /** How a PATCH says what it changes: by the ETag that was read, or not at all. */
  readonly ifMatch: 'etag' | 'never'
  /** Whether an order for the next boot tells the firmware's mode: only where it is asked for, or always. */
  readonly mode: 'asked' | 'always' | 'never'
  /** A media slot that is "NotConnected" is empty, whatever else it says. */
  readonly notConnectedIsEmpty: boolean
}

interface Row {
  readonly vendor: RegExp
  readonly model?: RegExp
  readonly quirks: Partial<Quirks>
}

const USUAL: Quirks = { ifMatch: 'etag', mode: 'asked', notConnectedIsEmpty: false }

/** The first row that fits is taken; the vendor is sought in Manufacturer, and in Vendor, Product and Oem of the root. */
const TABLE: readonly Row[] = [
  // Falls back to its default mode when the mode is not told (DMTF/Redfishtool pull request 106); says "Inserted" of slots
  // whose medium was ejected (ansible-collections/community.general pull request 7470).
  { vendor: /super\s*micro/i, quirks: { mode: 'always', notConnectedIsEmpty: true } },
  // BootSourceOverrideMode is not writable, and the whole order fails with it (ansible-collections/community.general issue
  // 3509, bmc-toolbox/bmclib pull request 318).
  { vendor: /\bHPE?\b|hewlett/i, quirks: { mode: 'never' } },
  // 13th generation: the same (ansible-collections/community.general issue 5091).
  { vendor: /\bdell\b/i, model: /\b(C|FC|M|R|T)\d3\d/i, quirks: { mode: 'never' } },
  // Denies an If-Match that is right (bmc-toolbox/bmclib pull request 353, and its providers/openbmc).
  { vendor: /openbmc/i, quirks: { ifMatch: 'never' } },
]

export function quirksOf(
  { manufacturer, model }: Pick<ComputerSystem, 'manufacturer' | 'model'>,
  root: JsonObject,
): Quirks {
  const words = [manufacturer, textIn(root, 'Vendor'), textIn(root, 'Product'), ...Object.keys(objectIn(root, 'Oem'))]
  const row = TABLE.find((one) => words.some((word) => one.vendor.test(word)) && (one.model?.test(model) ?? true))
  return { ...USUAL, ...row?.quirks }
}

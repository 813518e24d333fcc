/** Rows of machines for tests of the table. */
import { parseMac } from '../../src/model/address.ts'
import type { MachineRow } from '../../src/model/machine-row.ts'

/** Free and off, and what `more` says. */
export function row(name: string, more: Partial<Omit<MachineRow, 'ip'>> & { ip?: string } = {}): MachineRow {
  return {
    ...{ uid: `uid-${name}`, name, revision: 1, macs: [parseMac('52:54:00:00:00:01')], ip: '', hostname: '' },
    ...{ profile: 'p', arch: 'x86_64', netboot: false, classes: [], custody: 'none', stage: 'available', since: 0 },
    ...{
      broken: null,
      power: 'unknown',
      powerAt: null,
      powerType: '',
      canSee: false,
      task: null,
      boot: null,
      comment: '',
    },
    ...more,
  } as MachineRow
}

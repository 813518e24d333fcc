/** Thousands of systems straight into a database, all in one transaction, before a daemon is started on it. */
import { join } from 'node:path'
import { newUid } from '../../src/lib/secret.ts'
import { openVault } from '../../src/lib/vault.ts'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { emptyItem, type ItemOf, type ItemType } from '../../src/model/items.ts'
import { emptyInterface } from '../../src/model/system.ts'
import { openDb } from '../../src/store/db.ts'
import { insertItem } from '../../src/store/items.ts'

/**
 * A distro `d`, a profile `p` and `node000000` … in classes `available` and `rack0` … `rack399`.
 * @param data the data directory
 * @param powerType of all of them
 */
export async function furnishFleet(data: string, count: number, powerType?: string): Promise<void> {
  const [db, vault] = [await openDb(join(data, 'orchestra.db')), await openVault(data)]
  const saved = <Type extends ItemType>(type: Type, more: Partial<ItemOf[Type]>) => ({
    ...emptyItem(type, newUid()),
    ...{ revision: 1, ctime: 1_700_000_000_000, mtime: 1_700_000_000_000 },
    ...more,
  })
  const { power } = emptyItem('system', '')
  await db.transaction().execute(async (tx) => {
    const distro = saved('distro', { name: 'd', kernel: '/srv/linux', initrd: '/srv/initrd.gz' })
    await insertItem(tx, 'distro', distro, vault)
    await insertItem(tx, 'profile', saved('profile', { name: 'p', distro: 'd' }), vault)
    for (let i = 0; i < count; i++) {
      const name = `node${String(i).padStart(6, '0')}`
      const byte = (shift: number) => (i >> shift) & 255
      const hex = (shift: number) => byte(shift).toString(16).padStart(2, '0')
      const eth0 = {
        ...emptyInterface(),
        macAddress: parseMac(`52:54:00:${hex(16)}:${hex(8)}:${hex(0)}`),
        ipAddress: parseIpv4(`10.${byte(16)}.${byte(8)}.${byte(0)}`),
      }
      const system = saved('system', {
        ...{ name, hostname: name, profile: 'p', interfaces: { eth0 } },
        mgmtClasses: ['available', `rack${i % 400}`],
        power: {
          ...power,
          ...(powerType !== undefined && { type: powerType }),
          address: `10.1.${Math.floor(i / 250) % 250}.${i % 250}`,
        },
      })
      await insertItem(tx, 'system', system, vault)
    }
  })
  await db.destroy()
}

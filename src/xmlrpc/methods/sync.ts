/** sync and sync_dhcp: what is saved is served at once, so there is nothing left to do. */
import type { Method } from '../method.ts'

const sync: Method = { name: 'sync', auth: 'write', params: ['token'], required: 1, call: () => true }
const syncDhcp: Method = { ...sync, name: 'sync_dhcp' }

export const syncMethods: readonly Method[] = [sync, syncDhcp]

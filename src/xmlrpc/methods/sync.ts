/** sync and its relatives: what is saved is served at once, so there is nothing left to do. */
import { cobblerFault } from '../fault.ts'
import type { Method } from '../method.ts'

const sync: Method = { name: 'sync', auth: 'write', params: ['token'], required: 1, call: () => true }
const syncDhcp: Method = { ...sync, name: 'sync_dhcp' }

/** Cobbler's was for other processes that had changed its files; it asks for no token, and does nothing any more. */
const update: Method = { ...sync, name: 'update', auth: 'none', required: 0 }

/** Takes the repositories of the host for those of the machines: on a Debian host there is nothing to take. */
const autoAddRepos: Method = {
  ...sync,
  name: 'auto_add_repos',
  call: () => {
    throw cobblerFault('Orchestra takes no repositories from this host; add each with its mirror')
  },
}

export const syncMethods: readonly Method[] = [sync, syncDhcp, update, autoAddRepos]

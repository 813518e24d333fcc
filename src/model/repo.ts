/** Repo: a package repository that profiles name. Machines are sent to its mirror; nothing is copied to this server. */
import { OrchestraError } from './errors.ts'
import type { Item } from './item.ts'

export interface Repo extends Item {
  /** URL. */
  readonly mirror: string
  readonly arch: string
  /** yum, apt, rsync … */
  readonly breed: string
}

/** @throws OrchestraError item.invalid */
export function checkRepo(repo: Repo): void {
  if (repo.mirror === '') {
    throw new OrchestraError('item.invalid', `Error with repo ${repo.name} - mirror is required`, { field: 'mirror' })
  }
}

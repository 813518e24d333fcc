/** Package: a resource of a management class, handed on to configuration management. */
import type { Item } from './item.ts'

export interface Package extends Item {
  /** create, remove … */
  readonly action: string
  /** yum, apt … */
  readonly installer: string
  readonly version: string
}

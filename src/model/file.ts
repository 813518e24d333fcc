/** A file (or folder) of a management class, handed on to configuration management; not a file of this server. */
import type { Item } from './item.ts'

export interface ManagedFile extends Item {
  /** Where it is to be on the machine. */
  readonly path: string
  /** create, remove … */
  readonly action: string
  readonly isDirectory: boolean
  /** Name of the template with its content. */
  readonly template: string
}

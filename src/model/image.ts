/** Image: one file that a machine boots or is made of, without a distro. Kept for Cobbler's clients; installing goes by profiles. */
import type { Inheritable, Item } from './item.ts'

export interface Image extends Item {
  /** Path or URL. */
  readonly file: string
  readonly arch: string
  readonly breed: string
  readonly osVersion: string
  readonly autoinstall: Inheritable<string>
}

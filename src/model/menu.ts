/** Menu: a heading under which a boot menu shows profiles, and other menus. */
import type { Item } from './item.ts'

export interface Menu extends Item {
  readonly displayName: string
  /** Name of the menu that it is in; empty: at the top. */
  readonly parent: string
}

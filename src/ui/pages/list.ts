/** The pages of the console: where each is, what it is called, the key that leads to it (after `g`), and who may see it. */
import { IconActivity, type IconProps } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Role } from '../session.tsx'

export interface Page {
  /** Below /ui, as the router takes it. */
  readonly path: string
  /** Also in the navigation, under its group; undefined: reached from other pages only. */
  readonly title: string
  readonly group?: 'Fleet' | 'Provisioning' | 'Site' | 'Administration'
  readonly icon?: ComponentType<IconProps>
  /** `g` and then this key. */
  readonly key?: string
  readonly role: Role
  /** The page itself, fetched when it is opened for the first time. */
  readonly load: () => Promise<ComponentType>
}

export const PAGES: readonly Page[] = [
  {
    path: '/',
    title: 'Overview',
    group: 'Fleet',
    icon: IconActivity,
    key: 'o',
    role: 'viewer',
    load: async () => (await import('./overview.tsx')).OverviewPage,
  },
]

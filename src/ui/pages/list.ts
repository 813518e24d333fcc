/** The pages of the console: where each is, what it is called, the key that leads to it (after `g`), and who may see it. */
import {
  IconActivity,
  IconApi,
  IconHistory,
  type IconProps,
  IconRocket,
  IconServer,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Role } from '../session.tsx'
import { beginMachines } from './machines/fleet-rows.ts'

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
    load: async () => (await import('./overview/overview-page.tsx')).OverviewPage,
  },
  {
    path: '/boots',
    title: 'Live boots',
    group: 'Fleet',
    icon: IconRocket,
    key: 'b',
    role: 'viewer',
    load: async () => (await import('./boots-page.tsx')).BootsPage,
  },
  {
    path: '/machines',
    title: 'Machines',
    group: 'Fleet',
    icon: IconServer,
    key: 'm',
    role: 'viewer',
    load: async () => {
      // The rows are on their way while the page is.
      void beginMachines()
      return (await import('./machines/machines-page.tsx')).MachinesPage
    },
  },
  {
    path: '/people',
    title: 'Users and tokens',
    group: 'Administration',
    icon: IconUsers,
    key: 'u',
    role: 'viewer',
    load: async () => (await import('./people/people-page.tsx')).PeoplePage,
  },
  {
    path: '/audit',
    title: 'Audit',
    group: 'Administration',
    icon: IconHistory,
    key: 'a',
    role: 'admin',
    load: async () => (await import('./audit.tsx')).AuditPage,
  },
  {
    path: '/api',
    title: 'API',
    group: 'Administration',
    icon: IconApi,
    key: 'i',
    role: 'viewer',
    load: async () => (await import('./api-explorer/explorer-page.tsx')).ExplorerPage,
  },
]

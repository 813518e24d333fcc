/** The pages of the console: where each is, what it is called, the key that leads to it (after `g`), and who may see it. */
import {
  IconActivity,
  IconApi,
  IconDisc,
  IconFileCode,
  IconFolder,
  IconHistory,
  IconId,
  IconListCheck,
  IconMap,
  IconNetwork,
  type IconProps,
  IconRocket,
  IconServer,
  IconSettings,
  IconTags,
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
    path: '/machines/:name',
    title: 'Machine',
    role: 'viewer',
    load: async () => (await import('./machine/machine-page.tsx')).MachinePage,
  },
  {
    path: '/explain/:mac',
    title: 'Unknown machine',
    role: 'viewer',
    load: async () => (await import('./machine/explain-page.tsx')).ExplainPage,
  },
  {
    path: '/jobs',
    title: 'Jobs',
    group: 'Fleet',
    icon: IconListCheck,
    key: 'j',
    role: 'viewer',
    load: async () => (await import('./jobs/jobs-page.tsx')).JobsPage,
  },
  {
    path: '/profiles',
    title: 'Profiles',
    group: 'Provisioning',
    icon: IconId,
    key: 'f',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).ProfilesPage,
  },
  {
    path: '/profiles/:name',
    title: 'Profile',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).ProfilePage,
  },
  {
    path: '/distros',
    title: 'Distros',
    group: 'Provisioning',
    icon: IconDisc,
    key: 'd',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).DistrosPage,
  },
  {
    path: '/distros/:name',
    title: 'Distro',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).DistroPage,
  },
  {
    path: '/templates',
    title: 'Templates',
    group: 'Provisioning',
    icon: IconFileCode,
    key: 't',
    role: 'viewer',
    load: async () => (await import('./templates/templates-page.tsx')).TemplatesPage,
  },
  {
    path: '/templates/*',
    title: 'Template',
    role: 'viewer',
    load: async () => (await import('./templates/template-page.tsx')).TemplatePage,
  },
  {
    path: '/mgmtclasses',
    title: 'Classes',
    group: 'Provisioning',
    icon: IconTags,
    key: 'c',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).ClassesPage,
  },
  {
    path: '/mgmtclasses/:name',
    title: 'Management class',
    role: 'viewer',
    load: async () => (await import('./provisioning/pages.tsx')).ClassPage,
  },
  {
    path: '/networks',
    title: 'Networks',
    group: 'Site',
    icon: IconNetwork,
    key: 'n',
    role: 'viewer',
    load: async () => (await import('./networks/networks-page.tsx')).NetworksPage,
  },
  {
    path: '/store',
    title: 'Store',
    group: 'Site',
    icon: IconFolder,
    key: 'w',
    role: 'viewer',
    load: async () => (await import('./store.tsx')).StorePage,
  },
  {
    path: '/setup',
    title: 'First steps',
    group: 'Site',
    icon: IconMap,
    key: 'x',
    role: 'viewer',
    load: async () => (await import('./setup/setup-page.tsx')).SetupPage,
  },
  {
    path: '/settings',
    title: 'Settings',
    group: 'Administration',
    icon: IconSettings,
    key: 's',
    role: 'admin',
    load: async () => (await import('./settings/settings-page.tsx')).SettingsPage,
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

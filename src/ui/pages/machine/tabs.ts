/** The tabs of a machine's page: what each is called, the key that opens it, and its part, fetched when it is first opened. */
import {
  IconBinaryTree,
  IconFileText,
  IconHistory,
  IconInfoCircle,
  IconListDetails,
  type IconProps,
  IconTerminal2,
  IconTimeline,
} from '@tabler/icons-react'
import { type ComponentType, lazy } from 'react'

export interface TabProps {
  /** System name. */
  readonly name: string
}

interface Tab {
  readonly value: string
  readonly title: string
  readonly icon: ComponentType<IconProps>
  readonly key?: string
  readonly Part: ComponentType<TabProps>
}

const part = (load: () => Promise<ComponentType<TabProps>>) => lazy(async () => ({ default: await load() }))

export const TABS: readonly Tab[] = [
  {
    value: 'overview',
    title: 'Overview',
    icon: IconInfoCircle,
    key: 'o',
    Part: part(async () => (await import('./overview-tab.tsx')).OverviewTab),
  },
  {
    value: 'boots',
    title: 'Boots',
    icon: IconTimeline,
    key: 'b',
    Part: part(async () => (await import('./boots-tab.tsx')).BootsTab),
  },
  {
    value: 'explain',
    title: 'Explain',
    icon: IconBinaryTree,
    key: 'e',
    Part: part(async () => (await import('./explain-tab.tsx')).ExplainTab),
  },
  {
    value: 'config',
    title: 'Config',
    icon: IconFileText,
    Part: part(async () => (await import('./config-tab.tsx')).ConfigTab),
  },
  {
    value: 'console',
    title: 'Console',
    icon: IconTerminal2,
    key: 'c',
    Part: part(async () => (await import('./console-tab.tsx')).ConsoleTab),
  },
  {
    value: 'log',
    title: 'Log',
    icon: IconListDetails,
    key: 'l',
    Part: part(async () => (await import('./log-tab.tsx')).LogTab),
  },
  {
    value: 'events',
    title: 'Events & audit',
    icon: IconHistory,
    Part: part(async () => (await import('./events-tab.tsx')).EventsTab),
  },
]

/** What stands around every page: navigation, who is logged in, whether the stream of events is alive, and the palette. */
import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconDeviceDesktop, IconHelp, IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { useConnection } from '../live.ts'
import { PAGES, type Page } from '../pages/list.ts'
import { useMay, useSession } from '../session.tsx'
import { JobsStrip } from './jobs-strip.tsx'
import { KeyHelp } from './key-help.tsx'
import { useKeys } from './keys.ts'
import { Mark } from './mark.tsx'
import { Palette } from './palette.tsx'

const GROUPS = ['Fleet', 'Provisioning', 'Site', 'Administration'] as const

export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, navigation] = useDisclosure()
  const [isHelp, help] = useDisclosure()
  const navigate = useNavigate()
  const pages = usePages()
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  // A page that was gone to is where reading goes on, also for those who do not see it.
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is the trigger
  useEffect(() => {
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
    navigation.close()
  }, [pathname])
  useKeys([
    ...pages.flatMap(({ key, title, path }) =>
      key === undefined ? [] : [{ keys: `g ${key}`, does: `go to ${title}`, run: () => navigate(path) }],
    ),
    { keys: '?', does: 'show these keys', run: help.open },
  ])

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
      withBorder
    >
      <a className="skip" href="#content">
        Skip to the page
      </a>
      <AppShell.Header className="header">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={navigation.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
            />
            <UnstyledButton component={Link} to="/" aria-label="Orchestra: overview">
              <Group gap={8} wrap="nowrap">
                <Mark size={26} />
                <Text fw={700} visibleFrom="xs">
                  Orchestra
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <UnstyledButton
              className="search"
              onClick={spotlight.open}
              aria-label="Go to … Ctrl K: a page or a machine"
            >
              <IconSearch size={16} aria-hidden />
              <Text size="sm" visibleFrom="sm">
                Go to …
              </Text>
              <Text size="xs" c="dimmed" visibleFrom="sm">
                Ctrl K
              </Text>
            </UnstyledButton>
            <ConnectionLamp />
            <SchemeMenu />
            <Tooltip label="Keys (?)">
              <ActionIcon variant="subtle" color="gray" size="lg" onClick={help.open} aria-label="Keys of this page">
                <IconHelp size={18} />
              </ActionIcon>
            </Tooltip>
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>

      <AppShell.Navbar p="xs" aria-label="Pages">
        <AppShell.Section grow component={ScrollArea}>
          {GROUPS.map((group) => (
            <NavGroup key={group} name={group} pages={pages.filter((page) => page.group === group)} />
          ))}
        </AppShell.Section>
        <AppShell.Section>
          <Version />
        </AppShell.Section>
      </AppShell.Navbar>

      <AppShell.Main id="content" tabIndex={-1} ref={main} className="main">
        <div className="page">{children}</div>
        <JobsStrip />
      </AppShell.Main>
      <Palette pages={pages} />
      <KeyHelp opened={isHelp} onClose={help.close} />
    </AppShell>
  )
}

/** Those that the person may see. */
function usePages(): readonly Page[] {
  const may = { viewer: true, operator: useMay('operator'), admin: useMay('admin') }
  return PAGES.filter(({ role }) => may[role])
}

function NavGroup({ name, pages }: { name: string; pages: readonly Page[] }) {
  const { pathname } = useLocation()
  if (pages.length === 0) return null
  return (
    <>
      <Text size="xs" fw={600} c="dimmed" px="sm" pt="sm" pb={4} component="h2">
        {name}
      </Text>
      {pages.map(({ path, title, icon: Icon }) => {
        const isHere = path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`)
        return (
          <NavLink
            key={path}
            component={Link}
            to={path}
            label={title}
            active={isHere}
            aria-current={isHere ? 'page' : undefined}
            leftSection={Icon && <Icon size={17} stroke={1.7} aria-hidden />}
            variant="light"
            py={6}
          />
        )
      })}
    </>
  )
}

const LAMPS = {
  connecting: 'Connecting to the stream of events …',
  live: 'Live: changes show as they happen',
  lost: 'The connection is lost; trying again. What you see may be old.',
} as const

function ConnectionLamp() {
  const connection = useConnection()
  return (
    <Tooltip label={LAMPS[connection]}>
      <span role="status" className={`lamp lamp-${connection}`} aria-label={LAMPS[connection]}>
        <span aria-hidden="true" className="lamp-dot" />
        <Text size="xs" visibleFrom="xs" component="span" aria-hidden="true">
          {connection === 'live' ? 'live' : connection === 'lost' ? 'offline' : '…'}
        </Text>
      </span>
    </Tooltip>
  )
}

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop }[colorScheme]
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`Colors: ${colorScheme === 'auto' ? 'as the system' : colorScheme}`}
        >
          <Icon size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSun size={16} />} onClick={() => setColorScheme('light')}>
          Light
        </Menu.Item>
        <Menu.Item leftSection={<IconMoon size={16} />} onClick={() => setColorScheme('dark')}>
          Dark
        </Menu.Item>
        <Menu.Item leftSection={<IconDeviceDesktop size={16} />} onClick={() => setColorScheme('auto')}>
          As the system
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function PersonMenu() {
  const { user, role, logOut } = useSession()
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Logged in as ${user}`}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user}, {role}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function Version() {
  const { version } = useSession()
  return (
    <Text size="xs" c="dimmed" px="sm" py={4}>
      Orchestra {version}
    </Text>
  )
}

/** What this server is: its version in Cobbler's counting, the few settings that clients read, and a sign of life. */
import type { Method } from '../method.ts'
import { Double } from '../value.ts'

/** The Cobbler that clients are to take this for: exactly three numbers, or the Go client gives up. */
const COBBLER = [3, 3, 7] as const
const [MAJOR, MINOR, PATCH] = COBBLER

const ping: Method = { name: 'ping', auth: 'none', params: [], required: 0, call: () => true }

const version: Method = {
  name: 'version',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: () => new Double(Number((MAJOR + MINOR / 10 + PATCH / 1000).toFixed(3))),
}

const extendedVersion: Method = {
  name: 'extended_version',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: () => ({
    version: COBBLER.join('.'),
    version_tuple: [...COBBLER],
    gitdate: '?',
    gitstamp: '?',
    builddate: '?',
  }),
}

/** Those that clients were seen to read, and nothing secret. */
const getSettings: Method = {
  name: 'get_settings',
  auth: 'read',
  params: ['token'],
  required: 0,
  call: ({ settings }) => {
    const [host = '', port] = settings.httpServer.split(':')
    return {
      server: host,
      next_server: host,
      next_server_v4: host,
      http_port: Number(port ?? 80),
      xmlrpc_port: 25151,
      allow_dynamic_settings: false,
      anamon_enabled: false,
      auth_token_expiration: 3600,
      autoinstall: 'default.seed',
      default_kickstart: 'default.seed',
      manage_dhcp: settings.dhcp,
      manage_dhcp_v4: settings.dhcp,
      manage_dns: settings.dns,
      manage_tftpd: true,
      power_management_default_type: '',
      pxe_just_once: true,
      register_new_installs: false,
      run_install_triggers: true,
    }
  },
}

const lastModifiedTime: Method = {
  name: 'last_modified_time',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: ({ catalog }) => new Double(catalog.lastModified() / 1000),
}

export const informationMethods: readonly Method[] = [ping, version, extendedVersion, getSettings, lastModifiedTime]

/** The settings as clients read them: those that are kept for them, and over these what this server is. */
import { COBBLER_VERSION } from './cobbler-version.ts'
import type { Context } from './method.ts'
import type { Struct } from './value.ts'

export function settingsOf({ settings, cobbler }: Pick<Context, 'settings' | 'cobbler'>): Struct {
  const [host = '', port] = settings.httpServer.split(':')
  return {
    ...cobbler.settings.all(),
    allow_duplicate_ips: false,
    allow_duplicate_macs: false,
    allow_dynamic_settings: true,
    always_write_dhcp_entries: false,
    auth_token_expiration: 3600,
    autoinstall: 'default.seed',
    default_kickstart: 'default.seed',
    http_port: Number(port ?? 80),
    manage_dhcp: settings.dhcp,
    manage_dhcp_v4: settings.dhcp,
    manage_dhcp_v6: false,
    manage_dns: settings.dns,
    manage_tftp: true,
    manage_tftpd: true,
    next_server: host,
    next_server_v4: host,
    next_server_v6: '::1',
    power_management_default_type: '',
    server: host,
    // Nothing is written there: boot files are made when they are asked for.
    tftpboot_location: '/var/lib/tftpboot',
    version: COBBLER_VERSION.join('.'),
    xmlrpc_port: 25151,
  }
}

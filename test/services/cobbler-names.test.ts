import { describe, expect, test } from 'vitest'
import { emptyItem } from '../../src/model/items.ts'
import { cobblerBlend, cobblerNames } from '../../src/services/cobbler-names.ts'
import { cobblerMachine } from '../support/cobbler-machine.ts'

const blend = cobblerMachine()
const SERVER = '10.0.0.1:8080'

describe('the names of a system', () => {
  const names = cobblerNames(blend, SERVER)

  test('are those of Cobbler, at the top', () => {
    expect(names).toMatchObject({
      name: 'node1',
      system_name: 'node1',
      profile_name: 'web',
      profile: 'web',
      distro: 'rhel7-x86_64',
      distro_name: 'rhel7-x86_64',
      breed: 'redhat',
      arch: 'x86_64',
      os_version: 'rhel7',
      hostname: 'node1.example.org',
      gateway: '10.0.0.1',
      netboot_enabled: true,
      name_servers: ['10.0.0.2', '10.0.0.3'],
      mgmt_classes: ['base', 'web'],
      autoinstall: 'rhel7.ks',
      kickstart: 'rhel7.ks',
      virt_ram: 512,
      repos: [],
    })
  })

  test('have the server in its parts', () => {
    expect(names).toMatchObject({ http_server: SERVER, server: '10.0.0.1', http_port: 8080, next_server: '10.0.0.1' })
    expect(cobblerNames(blend, 'boot.lab')).toMatchObject({
      http_server: 'boot.lab',
      server: 'boot.lab',
      http_port: 80,
    })
  })

  test('have each interface whole, and flat', () => {
    expect(names['interfaces']).toMatchObject({ eth0: { mac_address: '52:54:00:00:00:01', static: true, mtu: '' } })
    expect(names).toMatchObject({
      mac_address_eth0: '52:54:00:00:00:01',
      ip_address_eth0: '10.0.0.5',
      interface_type_bond0: 'bond',
      'ip_address_eth0.12': '10.2.0.5',
      static_routes_eth0: ['192.168.5.0/24:10.0.0.9', 'nonsense'],
      interface_master_eth1: 'bond0',
    })
  })

  test('have the keys of ks_meta at the top, before all others', () => {
    expect(names).toMatchObject({
      role: 'web',
      layout: 'lvm',
      ks_meta: { role: 'web' },
      mgmt_parameters: { role: 'web' },
    })
    const named = { ...blend, meta: { breed: 'mine', tree: 'http://h/a/b?c' } }
    expect(cobblerNames(named, SERVER)).toMatchObject({ breed: 'mine', install_source_directory: '/a/b' })
    expect(cobblerNames({ ...blend, meta: {} }, SERVER)).not.toHaveProperty('install_source_directory')
  })

  test('have kernel options as one line with a blank behind each', () => {
    expect(names['kernel_options']).toBe("quiet console=tty0 console=ttyS0 ksdevice=bootif note='two words' ")
    expect(names['kernel_options_post']).toBe('quiet ')
  })

  test('have no password but one that somebody has set', () => {
    expect(names['default_password_crypted']).toBe('$6$salt$hash')
    expect(cobblerNames({ ...blend, meta: {} }, SERVER)).not.toHaveProperty('default_password_crypted')
  })

  test('have the secrets of the power controller only when they are asked for', () => {
    expect(names).toMatchObject({ power_type: 'ipmi', power_address: '10.9.0.5' })
    expect(names).not.toHaveProperty('power_pass')
    expect(names).not.toHaveProperty('power_user')
    expect(cobblerNames(blend, SERVER, { withSecrets: true })).toMatchObject({
      power_user: 'admin',
      power_pass: 'secret',
    })
  })
})

describe('the repositories of the profile', () => {
  const repos = {
    base: { ...emptyItem('repo', 'r1'), name: 'base', mirror: 'http://m/base', breed: 'yum', other: { priority: 5 } },
    deb: { ...emptyItem('repo', 'r2'), name: 'deb', mirror: 'http://m/deb', breed: 'apt', arch: 'x86_64' },
  }
  const named = { ...blend, profile: { ...blend.profile, other: { repos: ['base', 'deb', 'gone'] } } }
  const repo = (name: string) => (name === 'base' || name === 'deb' ? repos[name] : undefined)

  test('are there as data, and as the lines that a kickstart takes for yum', () => {
    const names = cobblerNames(named, SERVER, { repo })
    expect(names['repo_data']).toMatchObject([
      { name: 'base', mirror: 'http://m/base', priority: 5, mirror_locally: false },
      { name: 'deb', breed: 'apt', apt_dists: [], priority: 99 },
    ])
    expect(names['yum_repo_stanza']).toBe('repo --name=base --baseurl=http://m/base\n')
    expect(names['yum_config_stanza']).toBe(
      'curl "http://10.0.0.1:8080/cblr/svc/op/yum/system/node1" --output /etc/yum.repos.d/cobbler-config.repo\n',
    )
  })

  test('are none when nobody finds them', () => {
    expect(cobblerNames(named, SERVER)).toMatchObject({ repo_data: [], yum_repo_stanza: '', yum_config_stanza: '' })
  })
})

describe('the blended dictionary', () => {
  test('has options as they are, and ks_meta by both of its names', () => {
    expect(cobblerBlend(blend, SERVER)).toMatchObject({
      kernel_options: { quiet: null, console: ['tty0', 'ttyS0'] },
      ks_meta: { role: 'web' },
      autoinstall_meta: { role: 'web' },
    })
    expect(cobblerBlend(blend, SERVER)).not.toHaveProperty('role')
  })

  test('of fields that are only kept, the nearest to the machine says', () => {
    const { distro, profile, system } = blend
    if (!system) throw new Error('the machine is a system')
    const layered = {
      ...blend,
      distro: { ...distro, other: { proxy: 'far', virt_ram: 1 } },
      profile: {
        ...profile,
        other: { proxy: 'near', virt_ram: '<<inherit>>', repos: ['base'], mgmt_parameters: { a: 1, role: 'x' } },
      },
      system: { ...system, other: { virt_cpus: 4, proxy: '<<inherit>>' } },
    }
    expect(cobblerBlend(layered, SERVER)).toMatchObject({ proxy: 'near', virt_ram: 1, virt_cpus: 4, repos: ['base'] })
    expect(cobblerBlend(layered, SERVER)['mgmt_parameters']).toMatchObject({ a: 1, role: 'web' })
  })

  test('of a profile has no names of a system', () => {
    const names = cobblerBlend({ ...blend, system: undefined }, SERVER)
    expect(names).toMatchObject({ name: 'web', profile_name: 'web', depth: 1, is_subobject: false })
    for (const key of ['system_name', 'interfaces', 'hostname', 'power_type']) expect(names).not.toHaveProperty(key)
  })
})

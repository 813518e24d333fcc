/** Which fields Cobbler's objects have, by type: those of 2.8.5 and of 3.3.7 together, as clients of either read them. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** On every object, in answers of 3.3.7. */
const EVERY = words(
  `name uid ctime mtime comment owners depth is_subobject parent ks_meta autoinstall_meta kernel_options
   kernel_options_post boot_files fetchable_files template_files mgmt_classes mgmt_parameters`,
)

export const COBBLER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  distro: [
    ...EVERY,
    ...words(
      `kernel initrd arch breed os_version source_repos tree_build_time redhat_management_key redhat_management_server
       boot_loaders remote_boot_initrd remote_boot_kernel remote_grub_kernel remote_grub_initrd`,
    ),
  ],
  profile: [
    ...EVERY,
    ...words(
      `distro enable_gpxe enable_ipxe enable_menu kickstart autoinstall proxy repos virt_auto_boot virt_cpus
       virt_file_size virt_disk_driver virt_ram virt_type virt_path virt_bridge dhcp_tag server name_servers
       name_servers_search redhat_management_key redhat_management_server template_remote_kickstarts boot_loaders
       next_server_v4 next_server_v6 filename menu`,
    ),
  ],
  system: [
    ...EVERY,
    ...words(
      `profile image status enable_gpxe enable_ipxe proxy netboot_enabled kickstart autoinstall server virt_path
       virt_type virt_cpus virt_file_size virt_disk_driver virt_ram virt_auto_boot virt_pxe_boot power_type
       power_address power_user power_pass power_id power_options power_identity_file hostname gateway name_servers
       name_servers_search ipv6_default_device ipv6_autoconfiguration redhat_management_key redhat_management_server
       template_remote_kickstarts repos_enabled ldap_enabled ldap_type monit_enabled boot_loaders next_server_v4
       next_server_v6 filename serial_device serial_baud_rate interfaces`,
    ),
  ],
  image: [
    ...EVERY,
    ...words(
      `arch breed file image_type network_count os_version kickstart autoinstall virt_auto_boot virt_bridge virt_cpus
       virt_file_size virt_disk_driver virt_path virt_ram virt_type menu boot_loaders`,
    ),
  ],
  repo: [
    ...EVERY,
    ...words(
      `apt_components apt_dists arch breed keep_updated mirror rpm_list createrepo_flags environment mirror_locally
       priority yumopts proxy mirror_type rsyncopts os_version`,
    ),
  ],
  mgmtclass: [...EVERY, ...words('class_name is_definition params packages files')],
  package: [...EVERY, ...words('action installer version owner group mode path template')],
  file: [...EVERY, ...words('is_dir action group mode owner path template')],
  menu: [...EVERY, ...words('display_name')],
}

export const INTERFACE_FIELDS = words(
  `bonding_opts bridge_opts cnames connected_mode dhcp_tag dns_name if_gateway interface_master interface_type
   ip_address ipv6_address ipv6_default_gateway ipv6_mtu ipv6_prefix ipv6_secondaries ipv6_static_routes mac_address
   management mtu netmask static static_routes virt_bridge`,
)

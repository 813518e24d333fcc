/**
 * What another DHCP server must say so that machines boot from here: lines for its settings, made of the same table that our own
 * answers are made of.
 */
import { FIRMWARE_BY_ARCHITECTURE, type Firmware } from '../model/firmware.ts'
import type { ExternalServer } from '../model/subnet.ts'
import { type BootFileUrls, loaderFor } from './bootfile.ts'

export interface ExternalDhcp extends BootFileUrls {
  /** Our host, for TFTP: `10.77.0.1`. */
  readonly server: string
}

interface Line {
  readonly firmware: string
  readonly archs: readonly number[]
  readonly file: string
  readonly byHttp: boolean
}

export function externalDhcp(kind: ExternalServer, of: ExternalDhcp): string {
  // A Raspberry Pi wants more than a file, and says that it is a BIOS: it is for a proxy beside that server.
  const all = [...new Set(Object.values(FIRMWARE_BY_ARCHITECTURE))].filter((firmware) => firmware !== 'rpi')
  const lines = all.map((firmware) => ({
    ...{ firmware, archs: archsOf(firmware), file: loaderFor({ firmware }, of) },
    byHttp: firmware.startsWith('uefi-http'),
  }))
  // iPXE that was loaded asks again: a script in place of the loader ends that circle.
  const script = `${of.http}/boot/autoexec.ipxe`
  return `${WRITERS[kind](lines, script, of.server).join('\n')}\n`
}

function archsOf(firmware: Firmware): number[] {
  return Object.entries(FIRMWARE_BY_ARCHITECTURE).flatMap(([arch, one]) => (one === firmware ? [Number(arch)] : []))
}

const WRITERS: Readonly<
  Record<ExternalServer, (lines: readonly Line[], script: string, server: string) => readonly string[]>
> = { dnsmasq, isc, kea, router }

function dnsmasq(lines: readonly Line[], script: string, server: string): string[] {
  return [
    '# dnsmasq: what machines that boot are told. Into a file in /etc/dnsmasq.d.',
    'dhcp-match=set:ipxe,175',
    'dhcp-userclass=set:ipxe,iPXE',
    ...lines.flatMap(({ firmware, archs }) =>
      archs.map((arch) => `dhcp-match=set:${firmware},option:client-arch,${arch}`),
    ),
    ...lines.flatMap(({ firmware, file, byHttp }) => [
      `dhcp-boot=tag:!ipxe,tag:${firmware},${file},,${server}`,
      ...(byHttp ? [`dhcp-option-force=tag:!ipxe,tag:${firmware},60,HTTPClient`] : []),
    ]),
    `dhcp-boot=tag:ipxe,${script},,${server}`,
  ]
}

function isc(lines: readonly Line[], script: string, server: string): string[] {
  const cases = lines.map(({ archs, file, byHttp }) => {
    const asked = archs.map((arch) => `option orchestra-arch = ${arch}`).join(' or ')
    const http = byHttp ? ' option vendor-class-identifier "HTTPClient";' : ''
    return `elsif ${asked} { filename "${file}";${http} }`
  })
  return [
    '# ISC dhcpd: what machines that boot are told. Into dhcpd.conf, before the subnets.',
    'option orchestra-arch code 93 = unsigned integer 16;',
    `next-server ${server};`,
    `if exists user-class and option user-class = "iPXE" { filename "${script}"; }`,
    ...cases,
  ]
}

function kea(lines: readonly Line[], script: string, server: string): string[] {
  const classes = [
    { name: 'orchestra-ipxe', test: "option[77].hex == 'iPXE'", 'next-server': server, 'boot-file-name': script },
    ...lines.map(({ firmware, archs, file, byHttp }) => ({
      name: `orchestra-${firmware}`,
      test: `not member('orchestra-ipxe') and (${archs.map((arch) => `option[93].hex == 0x${hex(arch)}`).join(' or ')})`,
      'next-server': server,
      // The field holds 127 bytes, the option what it likes.
      ...(file.length <= 127 && { 'boot-file-name': file }),
      'option-data': [
        { name: 'boot-file-name', data: file },
        ...(byHttp ? [{ name: 'vendor-class-identifier', data: 'HTTPClient' }] : []),
      ],
    })),
  ]
  return [
    '// Kea: what machines that boot are told. Into "Dhcp4" of kea-dhcp4.conf.',
    `"client-classes": ${JSON.stringify(classes, null, 2)}`,
  ]
}

function router(lines: readonly Line[], script: string, server: string): string[] {
  return [
    '# Any other server: next-server (siaddr, option 66), and the file (option 67) by option 93 of the request.',
    `next-server  ${server}`,
    ...lines.map(
      ({ firmware, archs, file, byHttp }) =>
        `${archs.join(', ').padEnd(6)} ${firmware.padEnd(16)} ${file}${byHttp ? '  with option 60 "HTTPClient"' : ''}`,
    ),
    `iPXE   user class 77    ${script}`,
    '# One that knows a single file only: leave it as it is, and set mode: proxy for the subnet here.',
  ]
}

const hex = (value: number) => value.toString(16).padStart(4, '0')

/** A machine with UEFI that is told to boot by IPv6 alone, in a namespace: what its firmware and its kernel say on the serial line. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { fetchKernel } from '../../devenv/kernel.ts'
import { CACHE } from '../../devenv/lab-run.ts'
import { OVMF_PARTS } from '../../devenv/machines.ts'
import { findOs } from '../../devenv/packages.ts'
import { temporaryFolder } from './daemon.ts'
import { needPackages } from './debian.ts'
import type { Namespace } from './namespace.ts'

/** Debian's kernel, and an initial ramdisk with nothing in it. */
export async function bareKernel(): Promise<{ kernel: string; initrd: string }> {
  const initrd = join(temporaryFolder(), 'initrd.gz')
  writeFileSync(initrd, gzipSync(''))
  const { image } = await fetchKernel(findOs(), CACHE)
  return { kernel: image, initrd }
}

/** Starts it on a bridge of the namespace; it ends with the test. Answers how to read what it has said. */
export async function startUefiIpv6(site: Namespace, bridge: string, mac: string): Promise<() => string> {
  await needPackages('qemu-system-x86', 'ovmf', 'ipxe', 'curl')
  const folder = temporaryFolder()
  await site.tap('tap0', bridge)
  const [vars, serial] = [join(folder, 'vars'), join(folder, 'serial')]
  copyFileSync(OVMF_PARTS.vars(), vars)
  const noIpv4 = ['IPv4PXESupport', 'IPv4Support'].flatMap((one) => [
    '-fw_cfg',
    `name=opt/org.tianocore/${one},string=n`,
  ])
  const machine = site.spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max,la57=off', '-m', '768', '-nodefaults', '-display', 'none'],
      ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${OVMF_PARTS.code()}`],
      ...['-drive', `if=pflash,unit=1,format=raw,file=${vars}`, '-serial', `file:${serial}`, ...noIpv4],
      ...['-netdev', 'tap,id=net,ifname=tap0,script=no,downscript=no', '-device', 'virtio-rng-pci'],
      ...['-device', `virtio-net-pci,netdev=net,mac=${mac},romfile=,bootindex=1`],
    ],
    { stdio: 'ignore' },
  )
  onTestFinished(() => void machine.kill('SIGKILL'))
  return () => (existsSync(serial) ? readFileSync(serial, 'latin1') : '')
}

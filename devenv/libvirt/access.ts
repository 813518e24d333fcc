/** Whether the hypervisor gets to an image: the usual reason why a machine does not start is a folder above it that is closed. */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Finding } from '../backend.ts'

/** @param isShared libvirt is this machine's, whose machines run as a user of their own */
export function readersOf(image: string, isShared: boolean): Finding {
  const what = "the server's image"
  if (!existsSync(image)) {
    const because = `there is none at ${image}; orchestra devenv build-image --output ${image} trixie amd64 8G`
    return { what, isGood: false, because }
  }
  const closed = isShared ? closedAbove(image) : undefined
  if (closed === undefined) return { what, isGood: true, because: `the hypervisor can read ${image}` }
  const because = `${closed} lets nobody else in, so the hypervisor, a user of its own, cannot read ${image}: put it elsewhere, or chmod o+x ${closed}`
  return { what, isGood: false, because }
}

/** The first thing on the way to a file that others may not pass or read. */
export function closedAbove(file: string): string | undefined {
  if ((statSync(file).mode & 0o004) === 0) return file
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder))
    if ((statSync(folder).mode & 0o001) === 0) return folder
  return undefined
}

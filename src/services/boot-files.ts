/**
 * A path and a peer become bytes: one resolver for TFTP and HTTP. Boot configs are rendered on request, loaders come from
 * the boot root or from the folders of the distribution's packages, kernels from the distro that names them.
 */
import type { OpenFile } from '../lib/files.ts'
import type { Ipv4 } from '../model/address.ts'

export interface BootFileRequest {
  /** As asked for; a leading slash makes no difference. */
  readonly path: string
  readonly peer: Ipv4
  readonly via: 'tftp' | 'http'
}

export interface BootFiles {
  /** Undefined: there is no such file (why is in the log and in the machine's trace). */
  open(request: BootFileRequest): Promise<OpenFile | undefined>
}

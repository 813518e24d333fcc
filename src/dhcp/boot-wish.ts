/** What a machine that wants to boot is told: the boot decision, and the loader for its firmware. */
import { decideBoot } from '../boot/decide.ts'
import { architectureName } from '../model/architecture.ts'
import type { DhcpState } from './answer.ts'
import type { Booting } from './reply.ts'
import type { DhcpRequest } from './request.ts'

export type BootAnswer =
  | { readonly ok: true; readonly booting: Booting | undefined; readonly because: string }
  | { readonly ok: false; readonly because: string }

/** The boot question is asked only for a machine that asks: an installed system that wants an address has no option 93. */
export function bootOf({ boot, mac }: DhcpRequest, state: DhcpState): BootAnswer {
  if (!boot) return { ok: true, booting: undefined, because: '' }
  const decision = decideBoot(state.known, state.policy)
  if (decision.boot === 'ignore') return { ok: false, because: decision.because }
  const { firmware } = boot
  if (firmware === undefined) {
    return {
      ok: true,
      booting: undefined,
      because: `no loader for client architecture ${boot.arch === undefined ? 'unknown' : architectureName(boot.arch)}`,
    }
  }
  const file = state.bootFile(decision, { mac, firmware, isProxied: state.subnet?.mode === 'proxy' })
  if (file === undefined) {
    return { ok: true, booting: undefined, because: `${firmware} to ${decision.boot}: nothing from here` }
  }
  const why = decision.boot === 'local' && decision.because !== undefined ? ` (${decision.because})` : ''
  return {
    ok: true,
    booting: { file, firmware, vendorClass: boot.vendorClass },
    because: `${firmware} to ${decision.boot} with ${file}${why}`,
  }
}

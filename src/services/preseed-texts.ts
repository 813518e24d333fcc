/** The answer file of a blended system or profile: the site's own in Cobbler's manner, or one of preseeds/. */
import type { Blend } from '../model/blend.ts'
import { type PreseedSources, renderPreseed, type TracedPreseed, tracedPreseed } from '../render/preseed.ts'

export interface PreseedTextsOptions extends Omit<PreseedSources, 'token'> {
  /** A preseed of Cobbler's kind, rendered; undefined when the site has uploaded none of that name. */
  readonly uploaded: (blend: Blend) => string | undefined
}

/** @param token by which this boot of this machine reads its metadata; undefined: it has none. Each throws OrchestraError */
export interface PreseedTexts {
  of(blend: Blend, token: string | undefined): string
  /** Where its lines come from; undefined when the site has uploaded it. */
  traced(blend: Blend, token: string | undefined): TracedPreseed | undefined
}

export function preseedTexts(options: PreseedTextsOptions): PreseedTexts {
  const { uploaded } = options
  return {
    of: (blend, token) => autoinstallOf(blend, { ...options, token }),
    traced: (blend, token) => (uploaded(blend) === undefined ? tracedPreseed(blend, { ...options, token }) : undefined),
  }
}

/** @throws OrchestraError template.invalid | item.invalid; nothing is half-rendered. */
export function autoinstallOf(blend: Blend, sources: PreseedTextsOptions & Pick<PreseedSources, 'token'>): string {
  return sources.uploaded(blend) ?? renderPreseed(blend, sources)
}

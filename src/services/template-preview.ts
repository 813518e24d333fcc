/** A template as a machine would be given it, with this text in the place of what is saved; and what is wrong with it. */
import type { Blend, BlendDefaults, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'
import { type LintProblem, type LintTemplate, problemOf } from './template-lint.ts'
import { bootTemplateOf, type TemplatePlace } from './template-places.ts'
import type { Rendered, RenderInPlace, TextInPlace } from './template-render.ts'
import { maskedBlend, sampleBlends } from './template-samples.ts'

export interface PreviewWish {
  readonly system?: string | undefined
  readonly profile?: string | undefined
  /** Secrets that the asker could change he may see. */
  readonly seesSecrets: boolean
}

export interface Preview {
  /** Empty when it cannot be rendered: the problems say why. */
  readonly text: string
  readonly problems: readonly LintProblem[]
}

export interface TemplatePreviewOptions {
  readonly catalog: Pick<Catalog, 'get' | 'list'>
  readonly render: RenderInPlace
  readonly lint: LintTemplate
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly defaults: () => BlendDefaults
}

/** @throws OrchestraError item.invalid: no such machine */
export type PreviewTemplate = (one: TextInPlace, wish: PreviewWish) => Promise<Preview>

export function createTemplatePreview(options: TemplatePreviewOptions): PreviewTemplate {
  const { catalog, render, lint, blendSystem, blendProfile } = options

  function namedBlend(type: 'system' | 'profile', name: string): Blend {
    const [system, profile] = [
      type === 'system' ? catalog.get('system', name) : undefined,
      type === 'profile' ? catalog.get('profile', name) : undefined,
    ]
    const blend = system ? blendSystem(system) : profile && blendProfile(profile)
    if (!blend) throw new OrchestraError('item.invalid', `there is no ${type} "${name.slice(0, 255)}"`, { field: type })
    if (!blend.ok) throw new OrchestraError('item.invalid', blend.because, { field: type })
    return blend
  }

  /** Somebody who is given this file, or else somebody who is made up. */
  function anybody(one: TextInPlace): Rendered {
    const { place } = one
    for (const profile of catalog.list('profile')) {
      const blend = blendProfile(profile)
      const rendered =
        blend.ok && !needsSystem(place) ? attempt(() => render.asGiven(one, maskedBlend(blend))) : undefined
      if (rendered) return rendered
    }
    const [profile, system] = sampleBlends(place, options.defaults())
    const sample = needsSystem(place) ? system : profile
    if (!sample) throw new OrchestraError('item.missing', 'there is no profile to render this for')
    const { text } = render.forced(one, sample)
    return { text, unlike: 'no machine is given this file yet: it is rendered for one that is made up' }
  }

  return async (one, { system, profile, seesSecrets }) => {
    const named = system !== undefined ? namedBlend('system', system) : profile && namedBlend('profile', profile)
    const problems = await lint(one)
    try {
      const blend = named && !seesSecrets ? maskedBlend(named) : named
      const { text, unlike } = blend ? (render.asGiven(one, blend) ?? render.forced(one, blend)) : anybody(one)
      return { text, problems: unlike === undefined ? problems : [note(unlike), ...problems] }
    } catch (error) {
      const problem = problemOf(error, one.place)
      if (!problem) throw error
      // A fault of this machine alone: the linter may have looked at others.
      const isKnown = problems.some(({ line, message }) => line === problem.line && message.startsWith(problem.message))
      return { text: '', problems: isKnown ? problems : [problem, ...problems] }
    }
  }
}

const note = (message: string): LintProblem => ({ line: undefined, severity: 'warning', message })

const needsSystem = (place: TemplatePlace): boolean => bootTemplateOf(place)?.decision === 'local'

function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof OrchestraError) return undefined
    throw error
  }
}

/**
 * GET /api/systems/:name/autoinstall and /variables, and the same of profiles: what an installer would be given, and the
 * values that it is made of. Passwords are for operators.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Blend, Unresolved } from '../../model/blend.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { Profile } from '../../model/profile.ts'
import type { System } from '../../model/system.ts'
import type { Catalog } from '../../services/catalog.ts'
import { cobblerBlend } from '../../services/cobbler-names.ts'
import type { Install } from '../../services/install.ts'
import { MASK, textMask } from '../../services/log-secrets.ts'
import { maySeeSecrets } from '../auth.ts'

export interface AutoinstallRoutesOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly install: Pick<Install, 'systemPreseed' | 'profilePreseed'>
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
}

export const autoinstallRoutes: FastifyPluginAsyncZod<AutoinstallRoutesOptions> = async (app, options) => {
  const { catalog, install, blendSystem, blendProfile } = options
  const schema = { params: z.object({ name: z.string() }) }
  const access = { schema, config: { access: 'viewer' } } as const

  const blendOf = (type: 'system' | 'profile', name: string): Blend => {
    const [system, profile] = [
      type === 'system' ? catalog.get('system', name) : undefined,
      type === 'profile' ? catalog.get('profile', name) : undefined,
    ]
    const blend = system ? blendSystem(system) : profile && blendProfile(profile)
    if (!blend) throw new OrchestraError('item.missing', `there is no ${type} ${name}`)
    if (!blend.ok) throw new OrchestraError('item.invalid', blend.because)
    return blend
  }

  for (const type of ['system', 'profile'] as const) {
    app.get(`/api/${type}s/:name/autoinstall`, access, async (request, reply) => {
      const { name } = request.params
      const render = type === 'system' ? install.systemPreseed : install.profilePreseed
      const text = await render(name, undefined)
      const system = type === 'system' ? catalog.get('system', name) : undefined
      const shown = maySeeSecrets(request) ? text : textMask(system, blendOf(type, name))(text)
      return reply.type('text/plain; charset=utf-8').send(shown)
    })

    /** Passwords are masked, for whoever asks. */
    app.get(`/api/${type}s/:name/variables`, access, async (request) => {
      const blend = blendOf(type, request.params.name)
      const variables = cobblerBlend(blend, blend.server, { repo: (name) => catalog.get('repo', name) })
      const key = variables['redhat_management_key']
      return key === undefined || key === '' ? variables : { ...variables, redhat_management_key: MASK }
    })
  }
}

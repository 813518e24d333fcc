/** GET /api/setup: how far the first steps are, from an interface to the first machine. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { FirstRun } from '../../services/first-run.ts'
import { restarted, type SettingsRoutesOptions } from './settings.ts'

export interface SetupRoutesOptions extends Pick<SettingsRoutesOptions, 'restart'> {
  readonly setup: () => FirstRun
}

const schema = {
  response: {
    200: z.object({
      needed: z.boolean(),
      steps: z
        .object({ interface: z.boolean(), dhcp: z.boolean(), distro: z.boolean(), machine: z.boolean() })
        .describe('True: done. False: still missing.'),
      lab: z.string().describe('The command line that shows all of it with virtual machines instead.'),
      restarted: restarted.nullable(),
    }),
  },
}

export const setupRoutes: FastifyPluginAsyncZod<SetupRoutesOptions> = async (app, { setup, restart }) => {
  app.get('/api/setup', { schema, config: { access: 'viewer' } }, async () => ({
    ...setup(),
    restarted: restart.last() ?? null,
  }))
}

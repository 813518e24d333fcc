/** /api/networks: interfaces, subnets with the use of their pools, other DHCP servers; POST …/probe asks for those. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { DHCP_MODES, EXTERNAL_SERVERS, type ExternalServer } from '../../model/subnet.ts'
import type { Networks } from '../../services/networks.ts'

export interface NetworkRoutesOptions {
  readonly networks: Networks
  /** Lines for the settings of another DHCP server. */
  readonly external: (kind: ExternalServer) => string
}

const text = z.string()
const count = z.number().int()
const time = count.describe('Milliseconds since 1970.')
const view = z.object({
  interfaces: z.array(
    z.object({
      ...{ name: text, mac: text, up: z.boolean(), served: z.boolean().describe('DHCP listens there.') },
      address: text.nullable(),
      addresses: z.array(text).describe('With the prefix length.'),
    }),
  ),
  dhcp: z.object({ enabled: z.boolean(), mode: z.enum(DHCP_MODES), because: text }),
  subnets: z.array(
    z.object({
      ...{ subnet: text, pool: text.nullable(), gateway: text.nullable(), dns: z.array(text), domain: text },
      ...{ mode: z.enum(DHCP_MODES), leaseSeconds: count },
      size: count.describe('Addresses of the pool.'),
      used: count.describe('Of those: leased, offered or found in use now.'),
      reserved: count.describe('Fixed addresses of systems in the subnet.'),
      free: count.describe('Addresses of the pool that a new machine could get.'),
    }),
  ),
  foreign: z.array(
    z.object({
      ...{ server: text, interface: text.nullable(), first: time, last: time, times: count },
      offered: text.describe('The last address that it gave; empty: not seen.'),
    }),
  ),
})

export const networkRoutes: FastifyPluginAsyncZod<NetworkRoutesOptions> = async (app, { networks, external }) => {
  app.get('/api/networks', { schema: { response: { 200: view } }, config: { access: 'viewer' } }, async () => {
    const { interfaces, dhcp, subnets, foreign } = networks.view()
    return {
      interfaces: interfaces.map((one) => ({
        ...{ ...one, addresses: [...one.addresses] },
        address: one.address ?? null,
      })),
      dhcp,
      subnets: subnets.map((one) => ({
        ...{ ...one, dns: [...one.dns], pool: one.pool ?? null },
        gateway: one.gateway ?? null,
      })),
      foreign: foreign.map((one) => ({ ...one, interface: one.interface ?? null })),
    }
  })

  const kind = z.object({ server: z.enum(EXTERNAL_SERVERS) })
  app.get(
    '/api/networks/external/:server',
    { schema: { params: kind, response: { 200: z.object({ text }) } }, config: { access: 'viewer' } },
    async (request) => ({ text: external(request.params.server) }),
  )

  const probe = {
    body: z.strictObject({ interface: z.string() }),
    response: { 202: z.object({ servers: z.array(z.object({ server: text, offered: text })), because: text }) },
  }
  app.post('/api/networks/probe', { schema: probe, config: { access: 'admin' } }, async (request, reply) => {
    const { servers, because } = await networks.probe(request.body.interface)
    return reply.code(202).send({ servers: [...servers], because })
  })
}

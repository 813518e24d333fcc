/** The HTTP application: its plugins in order, and what holds for every answer. It does not listen: the daemon does. */
import cookie from '@fastify/cookie'
import { type FastifyInstance, fastify } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Log } from '../lib/log.ts'
import type { Auth } from '../services/auth.ts'
import type { Catalog } from '../services/catalog.ts'
import type { Metadata } from '../services/metadata.ts'
import { auditChanges } from './audited.ts'
import { guard, requireAccess } from './auth.ts'
import { createClientErrors, isGone } from './client-errors.ts'
import { errorHandler, notFound, pathOf, sendProblem } from './errors.ts'
import { addIdempotency } from './idempotency.ts'
import { type HttpTalk, noteTalks } from './machine-talk.ts'
import { describeApi, openApiRoutes } from './openapi.ts'
import { type AcquireRoutesOptions, acquireRoutes } from './routes/acquire.ts'
import { type AuditRoutesOptions, auditRoutes } from './routes/audit.ts'
import { type AutoinstallRoutesOptions, autoinstallRoutes } from './routes/autoinstall.ts'
import { type BootRoutesOptions, bootRoutes } from './routes/boot.ts'
import { type BootListRoutesOptions, bootListRoutes } from './routes/boots.ts'
import { type BulkRoutesOptions, bulkRoutes } from './routes/bulk.ts'
import { type CblrRoutesOptions, cblrRoutes } from './routes/cblr.ts'
import { type CheckRoutesOptions, checkRoutes } from './routes/check.ts'
import { type ConsoleRoutesOptions, consoleRoutes } from './routes/console.ts'
import { type EventRoutesOptions, eventRoutes } from './routes/events.ts'
import { type ExplainRoutesOptions, explainRoutes } from './routes/explain.ts'
import { type HealthRoutesOptions, healthRoutes, versionRoutes } from './routes/health.ts'
import { type ImportRoutesOptions, importRoutes } from './routes/import.ts'
import { type InstallRoutesOptions, installRoutes } from './routes/install.ts'
import { type ItemRoutesOptions, itemRoutes } from './routes/items.ts'
import { type JobRoutesOptions, jobRoutes } from './routes/jobs.ts'
import { type LeaseRoutesOptions, leaseRoutes } from './routes/leases.ts'
import { type LogRoutesOptions, logRoutes } from './routes/log.ts'
import { loginRoutes } from './routes/login.ts'
import { type MachineRoutesOptions, machineRoutes } from './routes/machines.ts'
import { type MetadataRoutesOptions, metadataRoutes } from './routes/metadata.ts'
import { type MetricsRoutesOptions, metricsRoutes } from './routes/metrics.ts'
import { nameRoutes } from './routes/names.ts'
import { type NetworkRoutesOptions, networkRoutes } from './routes/networks.ts'
import { type PowerRoutesOptions, powerRoutes } from './routes/power.ts'
import { type SettingsRoutesOptions, settingsRoutes } from './routes/settings.ts'
import { type SetupRoutesOptions, setupRoutes } from './routes/setup.ts'
import { type StandingRoutesOptions, standingRoutes } from './routes/standings.ts'
import { type StatusRoutesOptions, statusRoutes } from './routes/status.ts'
import { storeRoutes } from './routes/store.ts'
import { type TemplateRoutesOptions, templateRoutes } from './routes/templates.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { type TraceRoutesOptions, traceRoutes } from './routes/traces.ts'
import { type UiRoutesOptions, uiRoutes } from './routes/ui.ts'
import { type UnknownMachineRoutesOptions, unknownMachineRoutes } from './routes/unknown-machines.ts'
import { userRoutes } from './routes/users.ts'
import { type WebDavRoutesOptions, webDavRoutes } from './routes/webdav.ts'
import { type XmlRpcRoutesOptions, xmlRpcRoutes } from './routes/xmlrpc.ts'
import { addWebSockets, endUpgrade, isWebSocketUpgrade } from './web-sockets.ts'

export interface AppOptions
  extends HealthRoutesOptions,
    AcquireRoutesOptions,
    AuditRoutesOptions,
    BulkRoutesOptions,
    Omit<ItemRoutesOptions, 'power' | 'standings'>,
    PowerRoutesOptions,
    EventRoutesOptions,
    JobRoutesOptions,
    MachineRoutesOptions,
    LeaseRoutesOptions,
    ImportRoutesOptions,
    CheckRoutesOptions,
    Omit<ConsoleRoutesOptions, 'audit'>,
    MetricsRoutesOptions,
    TemplateRoutesOptions,
    NetworkRoutesOptions,
    SettingsRoutesOptions,
    SetupRoutesOptions,
    Omit<StandingRoutesOptions, 'catalog'>,
    Omit<ExplainRoutesOptions, 'catalog'>,
    Omit<TraceRoutesOptions, 'catalog' | 'traces'>,
    Omit<BootListRoutesOptions, 'catalog' | 'traces'>,
    UnknownMachineRoutesOptions,
    Omit<LogRoutesOptions, 'catalog'>,
    Omit<StatusRoutesOptions, 'catalog'>,
    Omit<AutoinstallRoutesOptions, 'catalog' | 'install'> {
  readonly auth: Auth
  readonly log: Log
  readonly catalog: ItemRoutesOptions['catalog'] & Pick<Catalog, 'byUid'>
  readonly traces: TraceRoutesOptions['traces'] & BootListRoutesOptions['traces']
  /** What the doors for machines and for Cobbler's clients need. */
  readonly boot: BootRoutesOptions
  readonly install: InstallRoutesOptions
  /** Undefined: the metadata service is off. */
  readonly metadata?: Metadata | undefined
  readonly noteMetadata?: MetadataRoutesOptions['note']
  /** Told of all that machines ask, and are answered. */
  readonly noteTalk?: (talk: HttpTalk) => void
  readonly cblr: CblrRoutesOptions
  readonly xmlrpc: XmlRpcRoutesOptions
  /** The WebDAV store; undefined: off. */
  readonly store?: WebDavRoutesOptions | undefined
  readonly ui: UiRoutesOptions
}

/** An object with its user data: a route that takes more says so itself. */
const BODY_LIMIT = 4 * 1024 * 1024

/** Nothing here is to be run or framed; a page that needs more sets its own policy. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

export function buildApp(options: AppOptions): FastifyInstance {
  const { auth, log } = options
  // No trustProxy: X-Forwarded-For is whatever its sender likes.
  const onError = errorHandler(log)
  const clientErrors = createClientErrors(log)
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    http: { shouldUpgradeCallback: isWebSocketUpgrade },
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: clientErrors.handle,
    // What is no path at all never reaches a route.
    frameworkErrors(error, request, reply) {
      endUpgrade(request, reply)
      onError(error, request, reply.headers(HEADERS))
    },
  })
  app.server.on('request', clientErrors.begin)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(onError)
  app.setNotFoundHandler((request, reply) => sendProblem(reply, notFound(request.method, pathOf(request))))
  app.addHook('onRequest', async (request, reply) => {
    if (isGone(request.raw)) {
      reply.hijack().raw.destroy()
      return
    }
    reply.headers(HEADERS)
  })

  app.register(cookie)
  addWebSockets(app)
  describeApi(app, options.version)

  // For anybody: watchers, machines that boot and install, Cobbler's clients (who bring tokens of their own).
  app.register(healthRoutes)
  app.register(uiRoutes, options.ui)
  app.register(async (machines) => {
    if (options.noteTalk) noteTalks(machines, options.noteTalk)
    machines.register(bootRoutes, options.boot)
    machines.register(installRoutes, options.install)
    if (options.metadata) machines.register(metadataRoutes, { metadata: options.metadata, note: options.noteMetadata })
  })
  app.register(xmlRpcRoutes, options.xmlrpc)
  app.register(cblrRoutes, options.cblr)
  if (options.store) app.register(webDavRoutes, options.store)

  app.register(async (api) => {
    // Many clients say that they send JSON on every call, also when they send nothing.
    const parseJson = api.getDefaultJsonParser('error', 'error')
    api.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
      if (body === '') done(null)
      else parseJson(request, body, done)
    })
    api.addHook('onRoute', requireAccess)
    api.addHook('onRequest', guard(auth, log))
    api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    api.addHook('onSend', auditChanges(options.audit))
    addIdempotency(api, options.kept)
    api.register(versionRoutes, options)
    api.register(loginRoutes, options)
    api.register(openApiRoutes)
    api.register(userRoutes, options)
    api.register(auditRoutes, options)
    api.register(tokenRoutes, options)
    api.register(itemRoutes, options)
    api.register(powerRoutes, options)
    api.register(metricsRoutes, options)
    api.register(acquireRoutes, options)
    api.register(machineRoutes, options)
    api.register(bulkRoutes, options)
    api.register(jobRoutes, options)
    api.register(storeRoutes, options)
    api.register(importRoutes, options)
    api.register(leaseRoutes, options)
    api.register(networkRoutes, options)
    api.register(settingsRoutes, options)
    api.register(setupRoutes, options)
    api.register(eventRoutes, options)
    api.register(logRoutes, options)
    api.register(nameRoutes, options)
    api.register(checkRoutes, options)
    api.register(statusRoutes, options)
    api.register(standingRoutes, options)
    api.register(traceRoutes, options)
    api.register(templateRoutes, options)
    api.register(explainRoutes, options)
    api.register(bootListRoutes, options)
    api.register(unknownMachineRoutes, options)
    api.register(consoleRoutes, options)
    api.register(autoinstallRoutes, { ...options, install: options.install.install })
  })
  return app
}

/** A blended system (or profile) and its flavor of preseed become the text that debian-installer reads. */
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import { formatOptions } from '../model/options.ts'
import { earlyCommand, lateCommand, type Script } from './late-command.ts'
import { checkedServer, hostNameOf } from './names.ts'
import { type Data, type ReadText, renderTemplate } from './template.ts'
import { accountOf, metaDataOf, userDataOf, vendorDataOf, wordOf } from './user-data.ts'

export interface PreseedSources {
  /** The text of a preseed or script by its path below preseeds/. */
  readonly preseed: ReadText
  /** The text of a template by its path below templates/. */
  readonly template: ReadText
  /** Domain of a machine whose host name has none. */
  readonly domain: string
}

/** @throws OrchestraError template.invalid | item.invalid; nothing is half-rendered. */
export function renderPreseed(blend: Blend, { preseed, template, domain }: PreseedSources): string {
  const flavor = flavorOf(blend.autoinstall)
  const snippet: ReadText = (name) => template(`snippets/${name}`)
  const read = (path: string): Script => {
    const text = preseed(path)
    if (text !== undefined) return { path: `preseeds/${path}`, text, snippet }
    const whose = blend.system ? `system ${blend.system.name}` : `profile ${blend.profile.name}`
    throw new OrchestraError(
      'template.invalid',
      `preseed "${path}" of ${whose} does not exist below preseeds/; add it or choose another`,
    )
  }

  const data = facts(blend, domain)
  const urls = urlsOf(blend, data.http_server)
  const script: Data = { ...data, ...scriptFacts(blend, domain, urls.ready), progress_url: urls.progress }
  const commands = {
    early_command: earlyCommand(read('scripts/early.sh'), script),
    late_command: lateCommand(read('scripts/late.sh'), script, urls),
  }
  return renderTemplate(read(flavor), { ...data, ...commands })
}

/** Cobbler's clients give the path that a preseed has on a Cobbler server; here it is the name that counts. */
function flavorOf(autoinstall: string): string {
  return autoinstall.replace(/^\/var\/lib\/cobbler\/(kickstarts|autoinstall_templates|templates)\//, '')
}

/** The names that a preseed can say. */
function facts(blend: Blend, domain: string) {
  const { system, profile, distro, meta } = blend
  const server = checkedServer(blend.server)
  const name = hostNameOf(system, domain)
  return {
    system_name: system?.name ?? '',
    profile_name: profile.name,
    distro_name: distro.name,
    breed: distro.breed,
    os_version: distro.osVersion,
    arch: distro.arch,
    hostname: name.host,
    domain: name.domain,
    /** Host, or host:port: what machines fetch from. */
    http_server: server,
    http_port: server.includes(':') ? server.replace(/^.*:/, '') : '80',
    server: server.replace(/:\d+$/, ''),
    name_servers: blend.nameServers.join(' '),
    kernel_options_post: formatOptions(blend.kernelOptionsPost),
    account: account(blend),
    meta,
  } satisfies Data
}

/** What the scripts can say beyond that: pieces of text that are no names. */
function scriptFacts(blend: Blend, domain: string, ready: string | undefined): Data {
  return {
    user_data: userDataOf(blend),
    meta_data: metaDataOf(blend, hostNameOf(blend.system, domain)),
    vendor_data: ready === undefined ? '' : vendorDataOf(ready),
    ensemble_late_command: wordOf(blend, 'ENSEMBLE_LATE_COMMAND'),
  }
}

function account(blend: Blend): Data | '' {
  const found = accountOf(blend)
  return found ? { ...found } : ''
}

/** A profile's own preseed installs a machine that is no system: there is nobody to report for. */
function urlsOf({ system }: Blend, server: string) {
  if (!system) return { progress: '', done: undefined, failed: undefined, ready: undefined }
  const service = `http://${server}/cblr/svc/op`
  const progress = `${service}/progress/system/${system.name}`
  return {
    progress,
    done: `${service}/nopxe/system/${system.name}`,
    failed: `${progress}?step=failed&message=The+late+command+failed`,
    ready: `${service}/trig/mode/firstboot/system/${system.name}`,
  }
}

/**
 * A blended system (or profile) and its flavor become the text that its installer reads: a preseed, an autoinstall, a
 * kickstart, an AutoYaST profile, a script. Each flavor is a file; what they have in common is made here.
 */
import { createHash } from 'node:crypto'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import { formatOptions } from '../model/options.ts'
import { flavorOf, installerOf } from './flavor.ts'
import {
  earlyCommand,
  type FilledScript,
  fillScript,
  fitForArgument,
  lateCommand,
  type Script,
} from './late-command.ts'
import { checkedServer, hostNameOf, metadataUrlOf, proxyUrlOf, syslogOf } from './names.ts'
import { type Data, quoteForShell, type ReadText, renderTemplate, type Template } from './template.ts'
import { type TracedLine, traceTemplate } from './template-trace.ts'
import { accountOf, metaDataOf, readyUrlOf, userDataOf, vendorDataOf, wordOf } from './user-data.ts'

export interface PreseedSources {
  /** The text of a preseed or script by its path below preseeds/. */
  readonly preseed: ReadText
  /** The text of a template by its path below templates/. */
  readonly template: ReadText
  /** Domain of a machine whose host name has none. */
  readonly domain: string
  /** By which this boot of this machine reads its metadata; undefined: it has none. */
  readonly token?: string | undefined
}

const SERVER_KERNELS = ['hardy', 'lucid', 'maverick', 'natty', 'oneiric', 'precise']

/** @throws OrchestraError template.invalid | item.invalid; nothing is half-rendered. */
export function renderPreseed(blend: Blend, sources: PreseedSources): string {
  const { template, data } = partsOf(blend, sources)
  return renderTemplate(template, data)
}

export interface TracedPreseed {
  readonly lines: readonly TracedLine[]
  /** The late command before it is encoded. */
  readonly late: readonly TracedLine[]
}

/** The same lines, with where each comes from, and those of the script in it. @throws as above */
export function tracedPreseed(blend: Blend, sources: PreseedSources): TracedPreseed {
  const { template, data, late } = partsOf(blend, sources)
  return { lines: traceTemplate(template, data), late: traceTemplate(late.script, late.data) }
}

interface Parts {
  readonly template: Template
  readonly data: Data
  readonly late: FilledScript
}

function partsOf(blend: Blend, { preseed, template, domain, token }: PreseedSources): Parts {
  const flavor = flavorOf(blend.autoinstall)
  // A flavor may be made of another one.
  const snippet: ReadText = (name) => template(`snippets/${name}`) ?? preseed(name)
  const read = (path: string): Script => {
    const text = preseed(path)
    if (text !== undefined) return { path: `preseeds/${path}`, text, snippet }
    const whose = blend.system ? `system ${blend.system.name}` : `profile ${blend.profile.name}`
    throw new OrchestraError(
      'template.invalid',
      `preseed "${path}" of ${whose} does not exist below preseeds/; add it or choose another`,
    )
  }

  const metadata = token === undefined ? '' : metadataUrlOf(blend, token)
  const data = { ...facts(blend, domain), metadata_url: metadata }
  const urls = urlsOf(blend)
  const script: Data = { ...data, ...scriptFacts(blend, domain, urls.ready), progress_url: urls.progress }
  const early = fillScript(read('scripts/early.sh'), script).word
  const late = lateScriptOf(blend, fillScript(read('scripts/late.sh'), script), metadata)
  const commands: Data = {
    early_script: early,
    late_script: late.word,
    done_url: urls.done ?? '',
    failed_url: urls.failed ?? '',
    early_command: earlyCommand(early),
    late_command: lateCommand(late.word, urls),
  }
  const snippetPath = (name: string) =>
    template(`snippets/${name}`) === undefined ? `preseeds/${name}` : `templates/snippets/${name}`
  return { template: { ...read(flavor), snippetPath }, data: { ...data, ...commands }, late }
}

/** These installers write it into a file of its own, where it may be as long as it likes. */
function lateScriptOf(blend: Blend, late: FilledScript, metadata: string): FilledScript {
  const installer = installerOf(blend)
  if (installer === 'anaconda' || installer === 'yast' || installer === 'raw') return late
  if (metadata === '') return fitForArgument(late, undefined)
  const bytes = Buffer.from(userDataOf(blend), 'base64')
  return fitForArgument(late, {
    user_data: '',
    user_data_url: `${metadata}/latest/user-data`,
    user_data_sha256: createHash('sha256').update(bytes).digest('hex'),
  })
}

/** The names that a preseed can say. */
function facts(blend: Blend, domain: string) {
  const { system, profile, distro, meta } = blend
  const server = checkedServer(blend.server)
  const name = hostNameOf(system, domain)
  const log = syslogOf(blend)
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
    host_and_domain: name.domain === '' ? name.host : `${name.host}.${name.domain}`,
    /** Where a site's packages come from, as URLs: ks_meta's mirror_hostname with mirror_directory, and tree. */
    mirror_url: `http://${wordOf(blend, 'mirror_hostname')}${wordOf(blend, 'mirror_directory') || '/ubuntu'}`,
    tree: wordOf(blend, 'tree').replaceAll('@@http_server@@', server),
    name_servers: blend.nameServers.join(' '),
    /** With a slash at its end; empty: packages are fetched from the mirrors themselves. */
    proxy_url: proxyUrlOf(blend),
    /** Where an installer's syslog may go; empty: nowhere. */
    log_host: log?.host ?? '',
    log_port: log ? String(log.port) : '',
    kernel_options_post: formatOptions(blend.kernelOptionsPost),
    account: account(blend),
    /** Later releases of Ubuntu have one kernel for all. */
    server_kernel: SERVER_KERNELS.includes(distro.osVersion) ? 'linux-server' : '',
    /** EXTRA_PACKAGES, one by one. */
    packages: wordOf(blend, 'EXTRA_PACKAGES')
      .split(/\s+/)
      .filter((name) => name !== ''),
    meta,
  } satisfies Data
}

/** What the scripts can say beyond that: pieces of text that are no names. */
function scriptFacts(blend: Blend, domain: string, ready: string | undefined): Data {
  return {
    user_data: userDataOf(blend),
    user_data_url: '',
    grub_line: installerOf(blend) === 'subiquity' ? grubLineOf(blend) : '',
    meta_data: metaDataOf(blend, hostNameOf(blend.system, domain)),
    vendor_data: ready === undefined ? '' : vendorDataOf(ready),
    ensemble_late_command: wordOf(blend, 'ENSEMBLE_LATE_COMMAND'),
  }
}

/** A line for /etc/default/grub, which a shell reads. */
function grubLineOf({ kernelOptionsPost }: Blend): string {
  const options = formatOptions(kernelOptionsPost)
  return options === '' ? '' : `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX "${quoteForShell(options)}`
}

function account(blend: Blend): Data | '' {
  const found = accountOf(blend)
  return found ? { ...found } : ''
}

/** A profile's own preseed installs a machine that is no system: there is nobody to report for. */
function urlsOf(blend: Blend) {
  const { system } = blend
  if (!system) return { progress: '', done: undefined, failed: undefined, ready: undefined }
  const service = `http://${checkedServer(blend.server)}/cblr/svc/op`
  const progress = `${service}/progress/system/${system.name}`
  return {
    progress,
    done: `${service}/nopxe/system/${system.name}`,
    failed: `${progress}?step=failed&message=The+late+command+failed`,
    ready: readyUrlOf(blend, system),
  }
}

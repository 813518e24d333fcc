/** What would keep installers from the proxy or the syslog that they are told of: a sentence each, for `orchestra check`. */
import type { Settings } from '../config-schema.ts'
import { trustOf } from '../proxy/decide.ts'
import type { Services } from './assemble.ts'
import { isLoopbackHost } from './links.ts'

const MOST_OF_A_KIND = 20

type AdvisedOf = { readonly catalog: Pick<Services['catalog'], 'list'> } & Pick<Services, 'blendProfile'>

export function installerAdvice({ syslog, proxy }: Settings, url: string, services: AdvisedOf): string[] {
  const server = url === '' ? '' : new URL(url).hostname
  const isHidden = (address: string) => isLoopbackHost(address) && !isLoopbackHost(server)
  return [
    ...(syslog.enabled && isHidden(syslog.listen.address)
      ? ['syslog.listen: machines cannot reach a loopback address, so their logs are not kept; listen on 0.0.0.0']
      : []),
    ...(proxy.enabled && proxy.url !== undefined
      ? [
          `proxy.url and proxy.enabled are both set: machines are told of ${proxy.url}, and nobody of the built-in proxy`,
        ]
      : []),
    ...(proxy.enabled && proxy.url === undefined && isHidden(proxy.listen.address)
      ? ['proxy.listen: machines cannot reach a loopback address, so they are told of no proxy; listen on 0.0.0.0']
      : []),
    ...(proxy.enabled && proxy.url === undefined ? unlistedMirrors(proxy.mirrors, services) : []),
  ]
}

/** An installer that is told of a proxy fetches nothing without it. */
function unlistedMirrors(mirrors: readonly string[], { catalog, blendProfile }: AdvisedOf): string[] {
  const all = catalog.list('profile').flatMap((profile) => {
    const blend = blendProfile(profile)
    if (!blend.ok || blend.meta['mirror_proxy'] !== undefined) return []
    return ['mirror_hostname', 'security_host'].flatMap((key) => {
      const text = blend.meta[key]
      if (typeof text !== 'string' || text === '') return []
      const [host = '', port = '80'] = text.split(':')
      if (trustOf({ host: host.toLowerCase(), port: Number(port) }, mirrors)) return []
      return [
        `profile ${profile.name}: the proxy refuses its ${key} ${text}; list that in proxy.mirrors, or set mirror_proxy to nothing`,
      ]
    })
  })
  return all.length <= MOST_OF_A_KIND
    ? all
    : [...all.slice(0, MOST_OF_A_KIND), `and ${all.length - MOST_OF_A_KIND} more mirrors that the proxy refuses`]
}

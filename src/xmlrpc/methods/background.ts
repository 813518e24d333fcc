/**
 * Background actions beside power: an id at once, and how it went in the task. What Cobbler had to do and Orchestra has not
 * is done at once; what Orchestra does not do fails, with a sentence on what it does instead.
 */
import { OrchestraError } from '../../model/errors.ts'
import { checkAll } from '../check-preseeds.ts'
import { type Context, callerOf, type Method, structArg } from '../method.ts'
import type { Struct } from '../value.ts'

type Say = (line: string) => void
type Run = (context: Context, options: Struct, say: Say) => boolean | Promise<boolean>

/** @param kind the word in the event's id */
function background(name: string, kind: string, title: string, auth: Method['auth'], run: Run): Method {
  return {
    name: `background_${name}`,
    auth,
    params: ['options', 'token'],
    required: 2,
    call: (context, args) => {
      const options = structArg(args, 0, 'options')
      return context.tasks.start(kind, title, async (say) => {
        try {
          return await run(context, options, say)
        } catch (error) {
          if (!(error instanceof OrchestraError)) throw error
          say(error.message)
          return false
        }
      })
    },
  }
}

const nothingToDo: Run = (_, __, say) => {
  say('what is saved is served at once: there is nothing to bring up to date')
  return true
}

const insteadOf =
  (sentence: string): Run =>
  (_, __, say) => {
    say(sentence)
    return false
  }

const importTree: Run = async (context, options, say) => {
  const word = (...names: string[]) => {
    const found = names.map((name) => options[name]).find((value) => typeof value === 'string' && value !== '')
    return typeof found === 'string' && found !== '~' ? found : undefined
  }
  const [path, name, arch] = [word('path'), word('name'), word('arch')]
  if (path === undefined || !path.startsWith('/')) {
    throw new OrchestraError('content.invalid', 'path must be a folder or a tar on this server, by its absolute path')
  }
  if (name === undefined)
    throw new OrchestraError('item.invalid', 'import failed, no name specified', { field: 'name' })
  if (word('available_as') !== undefined) {
    throw new OrchestraError('content.invalid', 'available_as: an import copies what it needs; leave it out')
  }
  const [breed, osVersion] = [word('breed'), word('os_version')]
  const autoinstall = word('autoinstall_file', 'autoinstall', 'kickstart_file', 'kickstart')
  say(`importing ${path}`)
  const request = {
    path,
    // Cobbler's names for both end in the architecture.
    name: arch === undefined || name.includes(arch) ? name : `${name}-${arch}`,
    ...(arch !== undefined && { arch }),
    ...(breed !== undefined && { breed }),
    ...(osVersion !== undefined && { osVersion }),
    ...(autoinstall !== undefined && { autoinstall }),
  }
  const { because } = await context.importTree(request, callerOf(context).user)
  say(because)
  return true
}

const loaders: Run = ({ cobbler, settings }, _, say) => {
  const advice = cobbler
    .advice({ dhcp: settings.dhcp, anonymousReads: false })
    .filter((one) => /^the loader /.test(one))
  for (const one of advice) say(one)
  if (advice.length === 0)
    say('the loaders are there: they come with packages of this system, and are served from where they are')
  return advice.length === 0
}

const REPOSYNC =
  'Orchestra keeps no copies of repositories: machines are sent to the mirror of each repo; use apt-mirror, reposync or a proxy, and name that as mirror'
const BUILDISO =
  'Orchestra builds no ISO: machines boot over the network (PXE, iPXE, HTTP boot), or from an iPXE medium that asks this server'
const REPLICATE =
  'Orchestra does not copy from another server by itself: read the objects there and add them here, as Cobbler’s clients do'
const HARDLINK = 'Orchestra stores no file twice: there is nothing to link'
const ACLSETUP =
  'there are no file permissions to give: users have roles (viewer, operator, admin), and programs use tokens'
const SIGNATURES = 'the signatures are part of this program; a newer Orchestra has newer ones'

export const backgroundMethods: readonly Method[] = [
  background('sync', 'sync', 'Sync', 'write', nothingToDo),
  background('syncsystems', 'syncsystems', 'Syncsystems', 'write', nothingToDo),
  background('import', 'import', 'Media import', 'admin', importTree),
  background('reposync', 'reposync', 'Reposync', 'write', insteadOf(REPOSYNC)),
  background('buildiso', 'buildiso', 'Build Iso', 'write', insteadOf(BUILDISO)),
  background('replicate', 'replicate', 'Replicate', 'admin', insteadOf(REPLICATE)),
  background('hardlink', 'hardlink', 'Hardlink', 'write', insteadOf(HARDLINK)),
  background('aclsetup', 'aclsetup', '(CLI) ACL Configuration', 'admin', insteadOf(ACLSETUP)),
  background('signature_update', 'sigupdate', 'Updating Signatures', 'write', insteadOf(SIGNATURES)),
  background('mkloaders', 'mkloaders', 'Create bootable bootloader images', 'write', loaders),
  background('dlcontent', 'dlcontent', 'Download content', 'write', loaders),
  background('validate_autoinstall_files', 'validate', 'Automated installation files validation', 'write', checkAll),
  background('validateks', 'validateks', 'Kickstart Validation', 'write', checkAll),
]

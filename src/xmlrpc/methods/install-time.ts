/** What machines call while they boot and install; they have no token. None of the answers has a secret in it. */
import { OrchestraError } from '../../model/errors.ts'
import type { Subject } from '../../services/cobbler-texts.ts'
import { type Context, type Method, nameOrNone, textArg } from '../method.ts'
import type { Value } from '../value.ts'

/** Cobbler answers what is missing with a comment, and the HTTP door makes a 404 of it. */
const MISSING = { system: '# system not found', profile: '# profile not found', image: '# image not found' } as const
const NOTHING = '# object not found'

/** @param text @throws OrchestraError item.missing when the subject is not there */
function textFor(subject: Subject | undefined, text: (subject: Subject) => string): string {
  if (!subject) return NOTHING
  try {
    return text(subject)
  } catch (error) {
    if (!(error instanceof OrchestraError)) throw error
    if (error.code === 'item.missing') return MISSING[subject.type]
    return `# *** ERROR ***\n${error.message
      .split('\n')
      .map((line) => `# ${line}\n`)
      .join('')}`
  }
}

/** A system counts before a profile. */
function subjectOf(profile: string, system: string): Subject | undefined {
  if (system !== '') return { type: 'system', name: system }
  return profile === '' ? undefined : { type: 'profile', name: profile }
}

const ipxe = (context: Context, profile: string, system: string): string =>
  textFor(subjectOf(profile, system), (subject) => context.cobbler.texts.ipxe(subject))

const generateGpxe: Method = {
  name: 'generate_gpxe',
  auth: 'none',
  params: ['profile', 'system', 'token'],
  required: 0,
  call: (context, args) => ipxe(context, nameOrNone(args, 0), nameOrNone(args, 1)),
}

const generateIpxe: Method = {
  name: 'generate_ipxe',
  auth: 'none',
  params: ['profile', 'image', 'system', 'token'],
  required: 0,
  call: (context, args) => {
    const [profile, image, system] = [nameOrNone(args, 0), nameOrNone(args, 1), nameOrNone(args, 2)]
    if (system !== '' || profile !== '' || image === '') return ipxe(context, profile, system)
    if (!context.catalog.get('image', image)) return MISSING.image
    return `# *** ERROR ***\n# image ${image}: Orchestra boots machines by profiles; give them a profile\n`
  },
}

/** For VMware's installer, which Orchestra does not serve. */
const generateBootcfg: Method = {
  name: 'generate_bootcfg',
  auth: 'none',
  params: ['profile', 'system', 'token'],
  required: 0,
  call: ({ catalog }, args) => {
    const subject = subjectOf(nameOrNone(args, 0), nameOrNone(args, 1))
    if (!subject) return NOTHING
    if (!catalog.get(subject.type, subject.name)) return MISSING[subject.type]
    return '# *** ERROR ***\n# there is no boot.cfg: Orchestra installs no ESXi\n'
  },
}

const generateScript: Method = {
  name: 'generate_script',
  auth: 'none',
  params: ['profile', 'system', 'name', 'token'],
  required: 3,
  call: ({ cobbler }, args) => {
    const name = textArg(args, 2, 'name')
    return textFor(
      subjectOf(nameOrNone(args, 0), nameOrNone(args, 1)),
      (subject) => cobbler.texts.script(subject, name) ?? `# script template "${oneLine(name)}" not found`,
    )
  },
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 255)
}

const templateFile = (type: Subject['type']): Method => ({
  name: `get_template_file_for_${type}`,
  auth: 'none',
  params: [`${type}_name`, 'path', 'token'],
  required: 2,
  call: ({ cobbler }, args) => {
    const path = textArg(args, 1, 'path')
    return textFor(
      { type, name: textArg(args, 0, `${type}_name`) },
      (subject) => cobbler.texts.templateFile(subject, path) ?? `# template path not found for specified ${type}`,
    )
  },
})

const repoConfig = (type: Subject['type']): Method => ({
  name: `get_repo_config_for_${type}`,
  auth: 'none',
  params: [`${type}_name`, 'token'],
  required: 1,
  call: ({ cobbler }, args) =>
    textFor({ type, name: textArg(args, 0, `${type}_name`) }, (subject) => cobbler.texts.yumConfig(subject)),
})

const runInstallTriggers: Method = {
  name: 'run_install_triggers',
  auth: 'none',
  params: ['mode', 'objtype', 'name', 'ip', 'token'],
  required: 4,
  call: ({ install, cobbler, peer }, args) => {
    if (!cobbler.settings.isOn('run_install_triggers')) return false
    return install.trigger(textArg(args, 0, 'mode'), textArg(args, 1, 'objtype'), textArg(args, 2, 'name'), peer)
  },
}

const disableNetboot: Method = {
  name: 'disable_netboot',
  auth: 'none',
  params: ['name', 'token'],
  required: 1,
  call: ({ install, cobbler, peer }, args): Value | Promise<Value> =>
    cobbler.settings.isOn('pxe_just_once') && install.disableNetboot(textArg(args, 0, 'name'), peer),
}

export const installTimeMethods: readonly Method[] = [
  generateGpxe,
  generateIpxe,
  generateBootcfg,
  generateScript,
  templateFile('profile'),
  templateFile('system'),
  repoConfig('profile'),
  repoConfig('system'),
  runInstallTriggers,
  disableNetboot,
]

/** The text that an installer will be given, by the names of Cobbler 2 and 3. */
import { OrchestraError } from '../../model/errors.ts'
import { type Context, type Method, nameOrNone, textArg } from '../method.ts'

const generateAutoinstall: Method = {
  name: 'generate_autoinstall',
  auth: 'read',
  params: ['profile', 'system', 'REMOTE_ADDR', 'REMOTE_MAC', 'token'],
  required: 0,
  call: (context, args) => {
    const system = nameOrNone(args, 1)
    const profile = nameOrNone(args, 0)
    if (system !== '') return ofSystem(context, system)
    if (profile !== '') return ofProfile(context, profile)
    return '# neither a profile nor a system was named\n'
  },
}

const ONE = { auth: 'read', params: ['name', 'token'], required: 1 } as const
const generateSystemAutoinstall: Method = {
  ...ONE,
  name: 'generate_system_autoinstall',
  call: (context, args) => ofSystem(context, textArg(args, 0, 'name')),
}
const generateProfileAutoinstall: Method = {
  ...ONE,
  name: 'generate_profile_autoinstall',
  call: (context, args) => ofProfile(context, textArg(args, 0, 'name')),
}

function ofSystem({ install }: Context, name: string): Promise<string> {
  return rendered('system', () => install.systemPreseed(name, undefined))
}

function ofProfile({ install }: Context, name: string): Promise<string> {
  return rendered('profile', () => install.profilePreseed(name, undefined))
}

/** Cobbler answers comments here, not faults. */
async function rendered(type: string, render: () => Promise<string>): Promise<string> {
  try {
    return await render()
  } catch (error) {
    if (!(error instanceof OrchestraError)) throw error
    if (error.code === 'item.missing') return `# ${type} not found`
    const lines = error.message.split('\n').map((line) => `# ${line}\n`)
    return `# This file could not be rendered:\n${lines.join('')}`
  }
}

export const autoinstallMethods: readonly Method[] = [
  generateAutoinstall,
  { ...generateAutoinstall, name: 'generate_kickstart' },
  generateSystemAutoinstall,
  generateProfileAutoinstall,
]

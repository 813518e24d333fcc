/** Every command there is, in the order of the help. What a command needs is loaded when it is called. */
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { NOUN_NAMES, NOUNS } from './nouns.ts'

/** Adds options and action to a command. @param word what follows the command's name: a noun's verb */
export type Build = (command: Command, context: Context, word: string | undefined) => void

export interface CommandEntry {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly isHidden?: boolean
  readonly load: () => Promise<Build>
}

const nouns = NOUN_NAMES.map(
  (type): CommandEntry => ({
    name: type,
    summary: NOUNS[type],
    load: async () => {
      const { buildNoun } = await import('./commands/items.ts')
      return (command, context, word) => buildNoun(command, type, context, word)
    },
  }),
)

export const COMMANDS: readonly CommandEntry[] = [
  ...nouns,
  {
    name: 'import',
    summary: 'make a distro and a profile of a netboot tree',
    load: async () => (await import('./commands/import.ts')).buildImport,
  },
  { name: 'list', summary: 'names of everything', load: async () => (await import('./commands/list.ts')).buildList },
  {
    name: 'report',
    summary: 'all that is known of everything',
    load: async () => (await import('./commands/report.ts')).buildReport,
  },
  {
    name: 'power',
    summary: 'turn machines on and off, see their power, test their controllers',
    load: async () => (await import('./commands/powers.ts')).buildPowers,
  },
  {
    name: 'bulk',
    summary: 'one action for many machines, named or found by what they are',
    load: async () => (await import('./commands/bulk.ts')).buildBulk,
  },
  {
    name: 'jobs',
    summary: 'long tasks: imports, power, actions for many; followed or cancelled',
    load: async () => (await import('./commands/jobs.ts')).buildJobs,
  },
  {
    name: 'acquire',
    summary: 'take a free machine',
    load: async () => (await import('./commands/acquire.ts')).buildAcquire,
  },
  {
    name: 'release',
    summary: 'give a machine back: free again, and off',
    load: async () => (await import('./commands/release.ts')).buildRelease,
  },
  {
    name: 'check',
    summary: 'what would stop a machine from booting',
    load: async () => (await import('./commands/check.ts')).buildCheck,
  },
  {
    name: 'status',
    summary: 'installs, and how far they are',
    load: async () => (await import('./commands/status.ts')).buildStatus,
  },
  {
    name: 'attention',
    summary: 'machines that need a person, and what to do (exit code 0: none, 2: some)',
    load: async () => (await import('./commands/attention.ts')).buildAttention,
  },
  {
    name: 'repair',
    summary: 'say that a broken machine was mended',
    load: async () => (await import('./commands/repair.ts')).buildRepair,
  },
  {
    name: 'events',
    summary: 'what happened: boots, power, changes',
    load: async () => (await import('./commands/events.ts')).buildEvents,
  },
  {
    name: 'log',
    summary: 'what a machine said while it was installed',
    load: async () => (await import('./commands/log.ts')).buildLog,
  },
  {
    name: 'trace',
    summary: 'what was seen of a boot, from power-on to ready, and why it did not come to its end',
    load: async () => (await import('./commands/trace.ts')).buildTrace,
  },
  {
    name: 'explain',
    summary: 'what a machine would be told if it booted now, and where each line of it comes from',
    load: async () => (await import('./commands/explain.ts')).buildExplain,
  },
  {
    name: 'template',
    summary: 'templates, preseeds and snippets: seen, checked, tried on a machine, changed',
    load: async () => (await import('./commands/template.ts')).buildTemplate,
  },
  {
    name: 'console',
    summary: 'the serial console of a machine, here in this terminal',
    load: async () => (await import('./commands/console.ts')).buildConsole,
  },
  {
    name: 'login',
    summary: 'print a token for ORCHESTRA_TOKEN',
    load: async () => (await import('./commands/login.ts')).buildLogin,
  },
  {
    name: 'logout',
    summary: 'end the token in ORCHESTRA_TOKEN',
    load: async () => (await import('./commands/login.ts')).buildLogout,
  },
  {
    name: 'user',
    summary: 'people, their roles and passwords',
    load: async () => (await import('./commands/user.ts')).buildUser,
  },
  {
    name: 'token',
    summary: 'tokens for programs: made, listed, revoked',
    load: async () => (await import('./commands/token.ts')).buildToken,
  },
  {
    name: 'audit',
    summary: 'who changed what, and which logins were refused',
    load: async () => (await import('./commands/audit.ts')).buildAudit,
  },
  {
    name: 'restart',
    summary: 'let the daemon serve anew, with the settings as they are now',
    load: async () => (await import('./commands/restart.ts')).buildRestart,
  },
  {
    name: 'version',
    summary: 'of this program and of the daemon',
    load: async () => (await import('./commands/version.ts')).buildVersion,
  },
  {
    name: 'completion',
    summary: 'a script that completes words for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).buildCompletion,
  },
  {
    name: '__complete',
    summary: 'what the script asks',
    isHidden: true,
    load: async () => (await import('./commands/completion.ts')).buildComplete,
  },
  {
    name: 'sync',
    summary: 'succeeds, since nothing needs it',
    load: async () => (await import('./commands/sync.ts')).buildSync,
  },
  {
    name: 'validate-autoinstalls',
    aliases: ['validateks'],
    summary: 'render the preseed of every profile',
    load: async () => (await import('./commands/validate.ts')).buildValidate,
  },
  ...(['buildiso', 'reposync', 'replicate', 'hardlink', 'aclsetup', 'mkloaders', 'signature', 'setting'] as const).map(
    (name): CommandEntry => ({
      name,
      ...(name === 'mkloaders' && { aliases: ['get-loaders'] }),
      summary: "Cobbler's; says what Orchestra does instead",
      isHidden: true,
      load: async () => {
        const { buildInstead } = await import('./commands/instead.ts')
        return (command) => buildInstead(command, name)
      },
    }),
  ),
]

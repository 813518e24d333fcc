/** `orchestra user …`: people and their roles. A password is asked for, piped, or made up; it is never an argument. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, type Io, print, printJson } from '../io.ts'

interface User {
  readonly name: string
  readonly role: string
  readonly revision: number
}

interface Given {
  readonly name?: string
  readonly role?: string
  readonly generate?: true
  readonly password?: true
}

export function buildUser(command: Command, context: Context): void {
  const { io, json, client } = context
  const named = (name: string, summary: string) =>
    command.command(`${name} [name]`).description(summary).option('--name <name>', 'who')

  command
    .command('list')
    .description('all users with their roles')
    .action(async () => {
      const users = await (await client()).get<User[]>(apiPath('users'))
      if (json) return printJson(io, users)
      const width = Math.max(0, ...users.map(({ name }) => name.length))
      print(io, ...users.map(({ name, role }) => `${name.padEnd(width)}  ${role}`))
    })

  named('add', 'let somebody in; the password is asked for, or read from standard input')
    .requiredOption('--role <role>', 'viewer (reads), operator (also changes and powers) or admin (all)')
    .option('--generate', 'make a password up and print it, once')
    .action(async (word: string | undefined, given: Given) => {
      const name = nameOf(word, given)
      const server = await client()
      const password = given.generate ? undefined : await newPassword(io, name)
      const body = { name, role: given.role ?? '', ...(password !== undefined && { password }) }
      const made = await server.send<User & { password?: string }>('POST', apiPath('users'), body)
      if (json) printJson(io, made)
      else if (made.password !== undefined) print(io, made.password)
    })

  named('edit', 'change a role, or set a password; a new password ends all logins of the user')
    .option('--role <role>', 'viewer, operator or admin')
    .option('--password', 'ask for a new password, or read it from standard input')
    .action(async (word: string | undefined, given: Given) => {
      const name = nameOf(word, given)
      if (given.role === undefined && !given.password) throw new CliError('nothing to change: --role or --password')
      const server = await client()
      const body = {
        ...(given.role !== undefined && { role: given.role }),
        ...(given.password && { password: await newPassword(io, name) }),
      }
      const changed = await server.send<User>('PATCH', apiPath('users', name), body)
      if (json) printJson(io, changed)
    })

  named('remove', 'end a user with all logins and tokens').action(async (word: string | undefined, given: Given) => {
    await (await client()).send('DELETE', apiPath('users', nameOf(word, given)))
  })

  command
    .command('passwd')
    .description('change your own password; from standard input: the old one and the new one, a line each')
    .action(async () => {
      const server = await client()
      const { user } = await server.get<{ user: string }>(apiPath('account'))
      const [current = '', piped] = (await io.readSecret(`Old password of ${user}: `)).split(/\r?\n/)
      const password = piped ?? (await newPassword(io, user))
      await server.send('POST', apiPath('account', 'password'), { current, password })
    })
}

function nameOf(word: string | undefined, { name = word }: Given): string {
  if (name === undefined || (word !== undefined && word !== name)) throw new CliError('name one user (--name NAME)')
  return name
}

async function newPassword(io: Io, user: string): Promise<string> {
  const password = await io.readSecret(`New password of ${user}: `)
  if (password === '')
    throw new CliError('no password was given; type one, pipe one, or let one be made up (--generate)')
  return password
}

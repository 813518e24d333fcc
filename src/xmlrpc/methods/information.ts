/** What this server is: its version in Cobbler's counting, its settings, and a sign of life. */
import { COBBLER_VERSION } from '../cobbler-version.ts'
import { type Method, textArg } from '../method.ts'
import { settingsOf } from '../settings.ts'
import { Double, toJson } from '../value.ts'

const [MAJOR, MINOR, PATCH] = COBBLER_VERSION

const ping: Method = { name: 'ping', auth: 'none', params: [], required: 0, call: () => true }

const version: Method = {
  name: 'version',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: () => new Double(Number((MAJOR + MINOR / 10 + PATCH / 1000).toFixed(3))),
}

const extendedVersion: Method = {
  name: 'extended_version',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: () => ({
    version: COBBLER_VERSION.join('.'),
    version_tuple: [...COBBLER_VERSION],
    gitdate: '?',
    gitstamp: '?',
    builddate: '?',
  }),
}

const getSettings: Method = {
  name: 'get_settings',
  auth: 'read',
  params: ['token'],
  required: 0,
  call: (context) => settingsOf(context),
}

/** Cobbler's own numbers: 0 is done, 1 is not. What the configuration of this server decides cannot be changed here. */
const modifySetting: Method = {
  name: 'modify_setting',
  auth: 'admin',
  params: ['setting_name', 'value', 'token'],
  required: 3,
  call: async ({ cobbler }, args) =>
    (await cobbler.settings.change(textArg(args, 0, 'setting_name'), toJson(args[1] ?? null))) ? 0 : 1,
}

const lastModifiedTime: Method = {
  name: 'last_modified_time',
  auth: 'none',
  params: ['token'],
  required: 0,
  call: ({ catalog }) => new Double(catalog.lastModified() / 1000),
}

export const informationMethods: readonly Method[] = [
  ping,
  version,
  extendedVersion,
  getSettings,
  modifySetting,
  lastModifiedTime,
]

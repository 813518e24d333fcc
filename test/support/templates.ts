/** Templates over the built-in files and a data directory of their own, with the production renderers beside them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Clock } from '../../src/lib/clock.ts'
import { exec } from '../../src/lib/exec.ts'
import { type BlendDefaults, blendProfile, blendSystem, type Parents } from '../../src/model/blend.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { System } from '../../src/model/system.ts'
import type { Catalog } from '../../src/services/catalog.ts'
import { openCobblerFiles } from '../../src/services/cobbler-files.ts'
import { createCobblerTexts } from '../../src/services/cobbler-texts.ts'
import { createInstall } from '../../src/services/install.ts'
import type { Journal } from '../../src/services/journal.ts'
import { createTemplateHistory } from '../../src/services/template-history.ts'
import { readSite } from '../../src/services/template-shelf.ts'
import { checkTemplate } from '../../src/services/template-syntax.ts'
import { createTemplates } from '../../src/services/templates.ts'
import type { Db } from '../../src/store/db.ts'
import { silentLog } from './store.ts'

export interface TemplatesNeeds {
  readonly db: Db
  readonly clock: Clock
  readonly catalog: Catalog
  readonly record: Journal['record']
}

const defaults: BlendDefaults = {
  server: '10.77.0.1',
  autoinstall: 'default.seed',
  nameServers: [],
  nameServersSearch: [],
  owners: ['admin'],
}

export function testTemplates({ db, clock, catalog, record }: TemplatesNeeds) {
  const data = mkdtempSync(join(tmpdir(), 'orchestra-templates-'))
  const folders = { data, builtIn: resolve(import.meta.dirname, '../..') }
  const parents: Parents = {
    profile: (name) => catalog.get('profile', name),
    distro: (name) => catalog.get('distro', name),
  }
  const blended = {
    blendSystem: (system: System) => blendSystem(system, parents, defaults),
    blendProfile: (profile: Profile) => blendProfile(profile, parents, defaults),
  }
  const history = createTemplateHistory({ db, clock, record })
  const files = openCobblerFiles(join(data, 'cobbler'), checkTemplate, history)
  const shared = { ...blended, catalog, domain: 'lab' }
  const templates = createTemplates({
    ...{ ...shared, folders, files, history, exec, clock },
    defaults: () => defaults,
    hasMetadata: false,
  })
  const [template, preseed] = [readSite(folders, 'templates'), readSite(folders, 'preseeds')]
  const texts = createCobblerTexts({ ...shared, files, template })
  /** What machines are given. */
  const install = createInstall({
    ...{ ...shared, ...parents, template, preseed, record, log: silentLog },
    system: (name) => catalog.get('system', name),
    known: (system) => ({ system, blend: blended.blendSystem(system) }),
    save: (system) => catalog.save('system', system),
    uploaded: texts.autoinstall,
  })
  return {
    data,
    templates,
    files,
    history,
    texts,
    install,
    close: () => rmSync(data, { recursive: true, force: true }),
  }
}

export type TestTemplates = ReturnType<typeof testTemplates>

/** Templates and preseeds as this daemon has them: what is built in, a site's own before it, and the history of that. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock as clock } from '../lib/clock.ts'
import { exec } from '../lib/exec.ts'
import type { Journal } from '../services/journal.ts'
import { createTemplateHistory, type TemplateHistory } from '../services/template-history.ts'
import { readSite } from '../services/template-shelf.ts'
import { createTemplates, type Templates, type TemplatesOptions } from '../services/templates.ts'
import type { Db } from '../store/db.ts'

/** Where templates/ and preseeds/ of this program are. */
const BUILT_IN = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

interface Needs {
  readonly data: string
  readonly db: Db
  readonly record: Journal['record']
}

export interface SiteTemplates {
  /** By path below templates/ and preseeds/: what machines are given. */
  readonly template: (path: string) => string | undefined
  readonly preseed: (path: string) => string | undefined
  readonly history: TemplateHistory
  /** For those who change them. */
  readonly edit: (options: Omit<TemplatesOptions, 'folders' | 'history' | 'exec' | 'clock'>) => Templates
}

export function siteTemplates({ data, db, record }: Needs): SiteTemplates {
  const folders = { data, builtIn: BUILT_IN }
  const history = createTemplateHistory({ db, clock, record })
  return {
    template: readSite(folders, 'templates'),
    preseed: readSite(folders, 'preseeds'),
    history,
    edit: (options) => createTemplates({ ...options, folders, history, exec, clock }),
  }
}

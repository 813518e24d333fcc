/** All that can be done with templates, tied together: what people see of them, the linter, the preview. */
import type { Clock } from '../lib/clock.ts'
import type { Exec } from '../lib/exec.ts'
import type { Blend, BlendDefaults, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'
import { type CobblerFiles, MOST_BYTES } from './cobbler-files.ts'
import { createTemplateFiles, languageFor, type TemplateFiles } from './template-files.ts'
import type { TemplateHistory } from './template-history.ts'
import { createTemplateLint, type LintProblem } from './template-lint.ts'
import { checkedPlace } from './template-places.ts'
import { createTemplatePreview, type Preview, type PreviewWish } from './template-preview.ts'
import { createRenderInPlace, type TextInPlace } from './template-render.ts'
import { createTemplateShelf, readSite, type TemplateFolders } from './template-shelf.ts'
import { templateUses } from './template-uses.ts'

export interface Templates extends TemplateFiles {
  /** Nothing is saved. @throws OrchestraError item.invalid: no such place */
  lint(path: string, text: string): Promise<readonly LintProblem[]>
  /** Nothing is saved or recorded. @throws OrchestraError item.invalid: no such place, or no such machine */
  preview(path: string, text: string, wish: PreviewWish): Promise<Preview>
}

export interface TemplatesOptions {
  readonly folders: TemplateFolders
  readonly catalog: Pick<Catalog, 'get' | 'list'>
  readonly files: CobblerFiles
  readonly history: TemplateHistory
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly stoppedBecause?: ((system: System) => string | undefined) | undefined
  /** For machines that are made up. */
  readonly defaults: () => BlendDefaults
  readonly domain: string
  /** Whether boots are given tokens. */
  readonly hasMetadata: boolean
  readonly exec: Exec
  readonly clock: Clock
}

export function createTemplates(options: TemplatesOptions): Templates {
  const { folders, files } = options
  const shelf = createTemplateShelf(folders, files)
  const uses = () => templateUses({ ...options, shelf })
  const [template, preseed] = [readSite(folders, 'templates'), readSite(folders, 'preseeds')]
  const render = createRenderInPlace({ ...options, template, preseed })
  const lint = createTemplateLint({ ...options, shelf, render })
  const preview = createTemplatePreview({ ...options, render, lint })

  function inPlace(path: string, text: string): TextInPlace {
    const place = checkedPlace(path)
    if (Buffer.byteLength(text) > MOST_BYTES) {
      throw new OrchestraError('item.invalid', `${path} would be larger than ${MOST_BYTES} bytes`, { field: 'text' })
    }
    return { place, text, engine: languageFor(place, text, uses()) }
  }

  return {
    ...createTemplateFiles({ ...options, shelf, uses, lint }),
    lint: async (path, text) => await lint(inPlace(path, text)),
    preview: async (path, text, wish) => await preview(inPlace(path, text), wish),
  }
}

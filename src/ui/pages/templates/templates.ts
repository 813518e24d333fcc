/** What the API says of templates. Times are milliseconds since 1970. */

export interface TemplateFile {
  /** preseeds/default.seed */
  readonly path: string
  readonly kind: 'template' | 'snippet' | 'preseed' | 'script' | 'autoinstall'
  readonly origin: 'built-in' | 'site' | 'uploaded'
  readonly language: 'handlebars' | 'cheetah' | 'jinja' | 'text'
  readonly bytes: number
  readonly mtime: number | null
  readonly usedBy: readonly string[]
}

export interface TemplateText extends TemplateFile {
  readonly text: string
  /** What Orchestra brings; null: nothing of that name. */
  readonly builtIn: string | null
}

export interface TemplateVersion {
  readonly version: number
  readonly at: number
  readonly by: string
  readonly comment: string
  /** Null: it was taken back to the built-in one. */
  readonly text: string | null
}

export interface TemplateProblem {
  readonly line: number | null
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export const templatePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

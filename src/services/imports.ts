/** Imports as jobs: begun at once, followed by whoever wants to, whoever asked for them and wherever the tree is. */
import { OrchestraError } from '../model/errors.ts'
import type { Job } from '../model/job.ts'
import type { ImportRequest, ImportResult, ImportTree } from './import.ts'
import type { Jobs } from './jobs.ts'

export interface Imports {
  /** `path` may be one of the store: `store:debian-13/netboot.tar.gz`. */
  start(request: ImportRequest, by: string): { readonly job: Job; readonly result: Promise<ImportResult> }
}

export interface ImportsOptions {
  readonly importTree: ImportTree
  readonly jobs: Pick<Jobs, 'start'>
  /** Where on the disk a file or folder of the store is; undefined: it is not there. Unset: there is no store. */
  readonly storePath?: ((path: string) => Promise<string | undefined>) | undefined
}

/** What the path of a tree in the store begins with. */
const STORE = 'store:'

export function createImports({ importTree, jobs, storePath }: ImportsOptions): Imports {
  async function placeOf(path: string): Promise<string> {
    if (!path.startsWith(STORE)) return path
    if (!storePath)
      throw new OrchestraError('content.invalid', 'the store is off (webdav.enabled): name a path of this server')
    const place = await storePath(path.slice(STORE.length).replace(/\/+$/, ''))
    if (place === undefined) throw new OrchestraError('content.invalid', `there is no ${path}; upload it first`)
    return place
  }

  return {
    start(request, by) {
      const { promise: result, resolve, reject } = Promise.withResolvers<ImportResult>()
      // Whoever started it in the background reads how it ended in the job.
      result.catch(() => {})
      const { job, ended } = jobs.start({
        ...{ kind: 'import', title: `import of ${request.name}`, by, because: 'waits for the end of another import' },
        async run(work) {
          try {
            const done = await importTree({ ...request, path: await placeOf(request.path) }, work)
            resolve(done)
            return { state: 'done', because: done.because }
          } catch (error) {
            if (!work.signal.aborted) reject(error)
            throw error
          }
        },
      })
      void ended.then(({ because }) => reject(new OrchestraError('job.cancelled', because)))
      return { job, result }
    },
  }
}

/** What the application in memory drives: a machine that is a variable, and an import that only says so. */
import type { PowerState } from '../../src/model/power.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import type { Catalog } from '../../src/services/catalog.ts'
import type { ImportRequest, ImportTree } from '../../src/services/import.ts'
import type { Install } from '../../src/services/install.ts'

export function testMachine() {
  /** `held`: what it is told has no effect before. */
  const machine = { state: 'off' as PowerState, fails: false, held: undefined as Promise<void> | undefined }
  const driver: PowerDriver = {
    type: 'test',
    can: ['on', 'off', 'reboot', 'state'],
    async act(_target, action) {
      await machine.held
      if (machine.fails) throw new Error('the outlet is on fire')
      machine.state = action === 'off' ? 'off' : 'on'
    },
    state: async () => machine.state,
  }
  return { machine, driver }
}

/** Deadlines never come here; a task that polls would hang, and none does: the machine obeys at once. */
export function waitOnlyToBeStopped(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  if (milliseconds < 5_000) return Promise.resolve()
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

export function testImports(catalog: Pick<Catalog, 'draft'>) {
  const imports: ImportRequest[] = []
  const importTree: ImportTree = async (request) => {
    imports.push(request)
    const [distro, profile] = [catalog.draft('distro'), catalog.draft('profile')]
    return {
      ...{ distro, profile, children: [], files: {} },
      changed: imports.length === 1,
      because: `imported ${request.name}`,
    }
  }
  return { imports, importTree }
}

export const noInstall: Install = {
  systemPreseed: async () => '',
  profilePreseed: async () => '',
  disableNetboot: async () => false,
  trigger: async () => false,
  progress: async () => false,
}

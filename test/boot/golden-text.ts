/** Texts that must be as they are kept, to the letter: boot configs, preseeds. `UPDATE_GOLDEN=1` rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** @param path below test/, as `boot/golden/grub-install.cfg` */
export function expectGoldenText(path: string, text: string | undefined): void {
  const file = join(ROOT, 'test', path)
  if (process.env['UPDATE_GOLDEN'] === '1' && text !== undefined) writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
}

/** The built-in files, as the daemon reads them. */
export const builtIn = (folder: 'templates' | 'preseeds') => (path: string) => {
  try {
    return readFileSync(join(ROOT, folder, path), 'utf8')
  } catch {
    return undefined
  }
}

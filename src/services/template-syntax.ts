/** Whether a text of Cobbler's kind can be read as a template at all: found out when it is written, not when a machine waits. */
import { cobblerEngine, includesIn } from '../render/includes.ts'

/** @throws OrchestraError template.invalid, with file and line */
export function checkTemplate(file: string, text: string): void {
  includesIn(cobblerEngine(text), file, text)
}

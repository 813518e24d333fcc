/** Boots as the API tells them: times are milliseconds since 1970, and what is not known is null. */
import { bootFacts } from '../model/boot-summary.ts'
import { type BootAttempt, lastSeen } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Catalog } from '../services/catalog.ts'

export type BootSummary = ReturnType<typeof bootSummary>

export function bootSummary(attempt: BootAttempt, verdict: Verdict, catalog: Pick<Catalog, 'byUid'>) {
  const { id, mac, uid, started, ended, endedBy, reached, repeats, dropped, revision } = attempt
  const { firmware, profile, bytes, progress } = bootFacts(attempt)
  // A machine may have been renamed since.
  const system = uid === undefined ? undefined : catalog.byUid('system', uid)
  return {
    ...{ id, started, reached, repeats, dropped, revision, bytes },
    mac: mac ?? null,
    uid: uid ?? null,
    system: system?.name ?? attempt.system ?? null,
    ended: ended ?? null,
    endedBy: endedBy ?? null,
    seen: lastSeen(attempt),
    firmware: firmware ?? null,
    profile: profile ?? (system?.profile || null),
    progress: progress ?? null,
    verdict: verdictOf(verdict),
  }
}

function verdictOf({ verdict, fault, says, missing, evidence, next }: Verdict) {
  const shown = evidence ? { n: evidence.n, at: evidence.at, kind: evidence.kind, text: evidence.text } : null
  return { verdict, fault, says, missing: missing ?? null, evidence: shown, next: next ?? null }
}

/** The profile that unknown machines boot, by the setting that names it; a name that leads nowhere is said to whoever asks. */
import type { BootPolicy } from '../boot/decide.ts'
import type { Profile } from '../model/profile.ts'

export function enlistProfile(
  name: string | undefined,
  find: (name: string) => Profile | undefined,
  blended: (profile: Profile) => NonNullable<BootPolicy['enlist']>,
): BootPolicy['enlist'] {
  if (name === undefined) return undefined
  const profile = find(name)
  return profile
    ? blended(profile)
    : { ok: false, because: `boot.enlist_profile: there is no profile "${name}"; add it or unset the setting` }
}

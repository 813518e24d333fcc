/** What is said to people of how a machine stands: spans of time, a loop, and what is to be done next. */
import type { Standing } from './standing.ts'

export function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 180 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

export function loopWords(installs: number, milliseconds: number): string {
  return `reinstall loop: ${installs} installs in ${inWords(milliseconds)}, none ended`
}

/** What a person can do now, or when the deadline passes: a sentence. */
export function nextStep(standing: Standing, name: string): string {
  const { stage, netboot, overdue, stopped, custody } = standing
  switch (stage) {
    case 'unmanaged':
      return custody === 'contradictory' ? 'take one of its classes away' : 'nothing is waited for'
    case 'available':
      return 'nothing is waited for: it is free'
    case 'acquired':
      if (!netboot) return 'nothing is waited for: netboot is off, and it boots from its disk'
      return `turn it on (orchestra system poweron --name ${name}), or give it back (orchestra release ${name})`
    case 'booting':
      return overdue
        ? `see whether it is on and boots over the network first (orchestra events --system ${name}), then restart it (orchestra system reboot --name ${name})`
        : 'it should ask for its boot config; when it does not, restart it'
    case 'installing':
      return 'the installer should make its last call; when it does not, the install has failed'
    case 'installed':
      return overdue
        ? `log in and see why it does not call; if it never calls by design, all is well: orchestra repair ${name}`
        : 'the installed system should call back; by design it may not'
    case 'ready':
      return 'nothing is waited for'
    case 'broken':
      return stopped === undefined
        ? `find out why and mend it, then say so (orchestra repair ${name}) or install it again`
        : `let its installer turn netboot off at its end, then say that it is mended (orchestra repair ${name})`
  }
}

/** Why a BMC did not do what it was asked, said so that a person knows what to do next. No word of a password. */
import { PowerError, type PowerFault } from '../driver.ts'
import type { Failure } from './session-state.ts'

/** A session that did not come about, or ended. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`IPMI session: ${failure.what}`)
    this.failure = failure
  }
}

/** Of whom the sentence speaks: `node1`, `10.0.0.5:623`, `admin`. */
export interface Whom {
  readonly name: string
  readonly address: string
  readonly user: string
}

/** Completion codes (table 5-2) that say more than "no". */
export const COMPLETION = { notSupported: 0xc1, invalidData: 0xcc, privilege: 0xd4, notNow: 0xd5 } as const

const COMPLETION_WORDS: Readonly<Record<number, string>> = {
  192: 'it is busy; try again in a minute',
  193: 'it does not know this command',
  195: 'it took too long itself; try again in a minute',
  201: 'a parameter is out of its range',
  204: 'it does not take this value',
  211: 'what the command is for cannot be reached; look at the state of the BMC',
  213: 'not in the state that the machine is in now',
  214: 'this function is disabled in its settings',
}

export function explainFailure(failure: Failure, whom: Whom): PowerError {
  const { name, address, user } = whom
  const bmc = `the BMC of ${name} at ${address}`
  switch (failure.what) {
    case 'no-address':
      return fault(
        'wrong-address',
        `the name "${failure.host}" of the BMC of ${name} leads to no address; correct the power address, or the DNS entry`,
      )
    case 'no-route':
      return fault(
        'no-answer',
        `nothing can be sent to ${bmc} (${failure.code}); correct the power address, or the routes of this machine`,
      )
    case 'silent':
      return silent(bmc, failure.heard)
    case 'lost':
      return fault('no-answer', `${bmc} answered before and does not any more; see whether it is being restarted`)
    case 'old':
      return fault(
        'cipher-refused',
        `${bmc} speaks IPMI 1.5 only, which proves and hides too little; enable IPMI 2.0 in the BMC or update it, or choose another power type`,
      )
    case 'no-suite': {
      const { tried, offered = [] } = failure
      const what =
        tried.length > 0
          ? `refused cipher suite ${tried.join(' and ')}`
          : `offers only cipher suite ${offered.join(', ')}`
      return fault(
        'cipher-refused',
        `${bmc} ${what}; enable cipher suite 17 (or 3) in its IPMI settings, or name the one that it has in the power options (cipher=3)`,
      )
    }
    case 'unknown-user':
      return fault(
        'wrong-password',
        `${bmc} does not know the user "${user}", or does not let it in over the network; correct the power user, or enable it in the BMC`,
      )
    case 'wrong-password':
      return fault('wrong-password', `the password for user "${user}" is not the one that ${bmc} has; set it again`)
    case 'bmc-key':
      return fault(
        'wrong-password',
        `${bmc} took the password, but has a BMC key (Kg) set beside it, which is not supported; clear the key in its IPMI settings`,
      )
    case 'privilege':
      return fault(
        'privilege-too-low',
        `${bmc} does not let user "${user}" act as operator or administrator; give the user that privilege on the BMC's LAN channel`,
      )
    case 'no-slot':
      return fault(
        'refused',
        `${bmc} has no free session; wait a minute until it forgets idle ones, or restart the BMC`,
      )
    case 'status': {
      const status = `0x${failure.status.toString(16).padStart(2, '0')}`
      return fault('refused', `${bmc} refused ${failure.step} with status ${status}; look into the BMC's own log`)
    }
  }
}

/** A command that was answered with a completion code other than 0. @param what "power on" */
export function explainCompletion(what: string, completion: number, { name, address, user }: Whom): PowerError {
  const bmc = `the BMC of ${name} at ${address}`
  if (completion === COMPLETION.privilege) {
    return fault(
      'privilege-too-low',
      `the privilege of user "${user}" is too low for ${what} on ${bmc}; make it operator or administrator there, or take "privilege=" out of the power options`,
    )
  }
  const code = `0x${completion.toString(16).padStart(2, '0')}`
  const why = COMPLETION_WORDS[completion] ?? "look the code up in the BMC's manual"
  return fault('refused', `${bmc} refused ${what} with code ${code}: ${why}`)
}

function silent(bmc: string, heard: 'nothing' | 'pong' | 'something'): PowerError {
  switch (heard) {
    case 'nothing':
      return fault(
        'no-answer',
        `${bmc} does not answer; see whether the address is right, the BMC has power, IPMI over LAN is enabled in it, and UDP 623 gets through`,
      )
    case 'pong':
      return fault('no-answer', `${bmc} answers a ping, but not IPMI; enable IPMI over LAN in its settings`)
    case 'something':
      return fault(
        'no-answer',
        `${bmc} began a session and then fell silent; try again, and restart the BMC if that does not help`,
      )
  }
}

function fault(kind: PowerFault, sentence: string): PowerError {
  return new PowerError(kind, sentence)
}

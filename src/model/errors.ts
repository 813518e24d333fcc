/**
 * A broken promise, told to whoever asked: a code for machines, a sentence for people. The list of codes is closed:
 * http and xmlrpc each map it to a status or a fault in one exhaustive table.
 */
export type ErrorCode =
  | 'item.missing' // no object of that name
  | 'item.exists' // the name, MAC or address is somebody else's
  | 'item.invalid' // a value breaks a rule of the model
  | 'item.in-use' // others depend on it
  | 'item.stale' // somebody saved in between
  | 'machine.taken' // somebody has it, or nobody may be given it
  | 'machine.free' // nobody has it, so nobody can give it back
  | 'request.reused' // the idempotency key stands for another request
  | 'job.cancelled' // somebody gave up what this waited for, or the daemon stopped
  | 'auth.login' // user or password wrong
  | 'auth.token' // token unknown or expired
  | 'auth.denied' // known, but not allowed
  | 'auth.limited' // too many failed logins
  | 'power.unsupported' // the driver cannot do this
  | 'power.failed' // the driver tried, the machine did not
  | 'power.busy' // another action is under way on this system
  | 'template.invalid' // a template cannot be rendered: file and line are in the sentence
  | 'content.invalid' // an import that is not what it should be
  | 'network.refused' // the system does not let us listen or send there
  | 'config.invalid'

export class OrchestraError extends Error {
  override readonly name = 'OrchestraError'
  readonly code: ErrorCode
  /** The field that is wrong, where there is one: `interfaces.eth0.macAddress`. */
  readonly field: string | undefined
  constructor(code: ErrorCode, sentence: string, options: { cause?: unknown; field?: string } = {}) {
    super(sentence, { cause: options.cause })
    this.code = code
    this.field = options.field
  }
}

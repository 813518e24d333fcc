/** Who is there, and what they may: logins, tokens, roles. */
export type Role = 'viewer' | 'operator' | 'admin'
export interface Identity {
  readonly user: string
  readonly role: Role
}

export interface Auth {
  /** @param peer address of the asker, for the limit on failures. @throws OrchestraError auth.login | auth.limited */
  login(user: string, password: string, peer: string): Promise<string>
  /** Undefined for a token that is unknown, malformed or expired; a good one lives on for another hour. */
  check(token: string): Identity | undefined
  /** False when there was no such token. */
  logout(token: string): Promise<boolean>
}

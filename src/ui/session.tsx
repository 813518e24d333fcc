/** Who is logged in, and what he may: asked of the server once, known to every page below. */
import { createContext, type ReactNode, useContext } from 'react'

export type Role = 'viewer' | 'operator' | 'admin'

export interface Session {
  readonly user: string
  readonly role: Role
  readonly version: string
  logOut(): Promise<void>
}

const RANK: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 }
const Context = createContext<Session | undefined>(undefined)

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>
}

export function useSession(): Session {
  const session = useContext(Context)
  if (!session) throw new Error('this is used outside of a session')
  return session
}

/** Whether the person may do what needs this role. */
export function useMay(needed: Role): boolean {
  return RANK[useSession().role] >= RANK[needed]
}

/** The roles, as people choose among them. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

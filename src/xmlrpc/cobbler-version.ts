/** The Cobbler that clients are to take this for: exactly three numbers, or the Go client gives up. */
export const COBBLER_VERSION = [3, 3, 7] as const

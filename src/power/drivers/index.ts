/** The power drivers of this daemon: joining is one line here. */
import type { PowerDriver } from '../driver.ts'
import { lab } from './lab.ts'

export const POWER_DRIVERS: readonly PowerDriver[] = [lab]

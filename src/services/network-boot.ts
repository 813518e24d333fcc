/** The order to boot by network once, given to a machine that is to install before it is turned on. */
import type { System } from '../model/system.ts'
import type { BootOnce } from '../power/driver.ts'
import { type Held, type PowerHands, sentenceOf } from './power-hands.ts'

/** What the controller makes of it is told in the boot's trace, and is never in the way of turning the machine on. */
export async function orderNetworkBoot(
  hands: PowerHands,
  held: Held,
  signal: AbortSignal,
  tell: (system: System, because: string) => void,
): Promise<void> {
  const { driver, system, target } = held
  const ask = driver.bootOnce
  if (!ask || !system.netbootEnabled) return
  let answer: BootOnce
  try {
    answer = await hands.call(held, 'boot-once', signal, (tools) => ask.call(driver, target, tools))
  } catch (error) {
    if (signal.aborted) throw error
    answer = { obeyed: 'no', because: sentenceOf(error) }
  }
  if (answer.obeyed === 'yes') return
  const what = answer.obeyed === 'no' ? 'did not take the order to boot by network once' : 'may boot by network once'
  tell(system, `${driver.type} ${what}: ${answer.because}`)
}

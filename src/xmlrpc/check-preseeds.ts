/** Renders the preseed of every profile and system, and tells which cannot be rendered and why. */
import { OrchestraError } from '../model/errors.ts'
import { INHERIT } from '../model/item.ts'
import type { System } from '../model/system.ts'
import type { Context } from './method.ts'
import type { Struct } from './value.ts'

export async function checkAll(context: Context, _: Struct, say: (line: string) => void): Promise<boolean> {
  const { catalog, install, peer } = context
  let broken = 0
  const check = async (whose: string, render: () => Promise<string>) => {
    try {
      await render()
    } catch (error) {
      if (!(error instanceof OrchestraError)) throw error
      broken++
      say(`${whose}: ${error.message}`)
    }
  }
  const [profiles, systems] = [catalog.list('profile'), catalog.list('system')]
  for (const { name } of profiles) await check(`profile ${name}`, () => install.profilePreseed(name, peer))
  // Rendering a system's would tell its trace that it was fetched: what it inherits is rendered above.
  for (const { name, because } of systems.flatMap((system) => faultOf(context, system))) {
    broken++
    say(`system ${name}: ${because}`)
  }
  say(
    broken === 0
      ? `*** all autoinstall files of ${profiles.length} profiles and ${systems.length} systems seem to be ok ***`
      : `*** ${broken} potential errors in autoinstall files ***`,
  )
  return broken === 0
}

function faultOf({ blendSystem, cobbler }: Context, system: System): { name: string; because: string }[] {
  const { name, autoinstall } = system
  const blend = blendSystem(system)
  if (!blend.ok) return [{ name, because: blend.because }]
  if (autoinstall === '' || autoinstall === INHERIT || cobbler.hasPreseed(autoinstall)) return []
  return [{ name, because: `there is no preseed "${autoinstall}"` }]
}

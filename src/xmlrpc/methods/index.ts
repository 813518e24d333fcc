/** Every remote method there is. What is not in this list does not exist. */
import type { Method } from '../method.ts'
import { autoinstallMethods } from './autoinstall.ts'
import { copyMethods } from './copy.ts'
import { findMethods } from './find.ts'
import { handleMethods } from './handles.ts'
import { informationMethods } from './information.ts'
import { modifyMethods } from './modify.ts'
import { objectEditMethods } from './object-edit.ts'
import { powerMethods } from './power.ts'
import { readMethods } from './read.ts'
import { removeMethods } from './remove.ts'
import { saveMethods } from './save.ts'
import { sessionMethods } from './session.ts'
import { syncMethods } from './sync.ts'
import { taskMethods } from './tasks.ts'

export const METHODS: readonly Method[] = [
  ...sessionMethods,
  ...informationMethods,
  ...readMethods,
  ...findMethods,
  ...handleMethods,
  ...modifyMethods,
  ...saveMethods,
  ...removeMethods,
  ...copyMethods,
  ...objectEditMethods,
  ...powerMethods,
  ...taskMethods,
  ...syncMethods,
  ...autoinstallMethods,
]

/** Every remote method there is. What is not in this list does not exist. */
import type { Method } from '../method.ts'
import { autoinstallMethods } from './autoinstall.ts'
import { backgroundMethods } from './background.ts'
import { choiceMethods } from './choices.ts'
import { copyMethods } from './copy.ts'
import { fileMethods } from './files.ts'
import { findMethods } from './find.ts'
import { handleMethods } from './handles.ts'
import { informationMethods } from './information.ts'
import { installTimeMethods } from './install-time.ts'
import { modifyMethods } from './modify.ts'
import { objectEditMethods } from './object-edit.ts'
import { pagedMethods } from './paged.ts'
import { powerMethods } from './power.ts'
import { readMethods } from './read.ts'
import { registerMethods } from './register.ts'
import { removeMethods } from './remove.ts'
import { renderedMethods } from './rendered.ts'
import { saveMethods } from './save.ts'
import { sessionMethods } from './session.ts'
import { sinceMethods } from './since.ts'
import { statusMethods } from './status.ts'
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
  ...backgroundMethods,
  ...choiceMethods,
  ...fileMethods,
  ...installTimeMethods,
  ...pagedMethods,
  ...registerMethods,
  ...renderedMethods,
  ...sinceMethods,
  ...statusMethods,
]

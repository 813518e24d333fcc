/** Management classes: the words by which an orchestrator finds machines; two of them mean available and acquired. */
import type { JsonObject } from '../lib/json.ts'
import type { Item } from './item.ts'

export interface MgmtClass extends Item {
  readonly className: string
  readonly isDefinition: boolean
  readonly params: JsonObject
}

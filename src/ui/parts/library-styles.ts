/**
 * Lets xterm.js style what it draws under the policy of the page: a style element that it makes names the nonce, and what it
 * writes into a style attribute goes by the object model. (Its `documentOverride` reaches two of its three makers only.)
 */
import { nonce } from '../nonce.ts'

/** From then on, for all that is made in this page. */
export function letLibrariesStyle(): void {
  if (Object.hasOwn(document, 'createElement')) return
  const make = document.createElement.bind(document)
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const element = make(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce()
    if (element instanceof HTMLSpanElement) {
      element.setAttribute = (attribute, value) => {
        if (attribute === 'style') element.style.cssText = value
        else Element.prototype.setAttribute.call(element, attribute, value)
      }
    }
    return element
  }
}

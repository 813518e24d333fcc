/** xterm.js as the console uses it: in its own colors, as large as its place, and left by Shift-Escape. */
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { letLibrariesStyle } from './library-styles.ts'

export interface TerminalView {
  /** Takes away what is shown. */
  clear(): void
  write(bytes: Uint8Array): void
  focus(): void
  /** What is marked; empty: nothing. */
  marked(): string
  paste(text: string): void
  takesKeys(does: boolean): void
  close(): void
}

interface Hands {
  readonly typed: (keys: string | Uint8Array) => void
  /** A keyboard alone must get out again (WCAG 2.1.2). */
  readonly left: () => void
}

const THEME = { background: '#0d1117', foreground: '#e6edf3', cursor: '#e6edf3', selectionBackground: '#3b5070' }
const FONT = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'

export function openTerminal(place: HTMLElement, { typed, left }: Hands): TerminalView {
  letLibrariesStyle()
  const terminal = new Terminal({
    ...{ theme: THEME, fontFamily: FONT, fontSize: 14, scrollback: 5_000, convertEol: false },
    // A link is what a machine says; nothing is opened for it.
    linkHandler: { activate: () => {} },
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(place)
  fit.fit()
  const resized = new ResizeObserver(() => fit.fit())
  resized.observe(place)
  terminal.onData(typed)
  terminal.onBinary((text) => typed(Uint8Array.from(text, (char) => char.charCodeAt(0))))
  terminal.attachCustomKeyEventHandler((event) => {
    const { type, key, ctrlKey, shiftKey } = event
    if (key === 'Escape' && shiftKey) {
      if (type === 'keydown') left()
      return false
    }
    if (!ctrlKey || !shiftKey || (key !== 'C' && key !== 'V')) return true
    // Ctrl-Shift-V is the browser's own paste. Ctrl-Shift-C would open its tools.
    if (type === 'keydown' && key === 'C') {
      event.preventDefault()
      void navigator.clipboard?.writeText(terminal.getSelection())
    }
    return false
  })
  return {
    clear: () => terminal.reset(),
    write: (bytes) => terminal.write(bytes),
    focus: () => terminal.focus(),
    marked: () => terminal.getSelection(),
    paste: (text) => terminal.paste(text),
    takesKeys(does) {
      terminal.options.disableStdin = !does
      terminal.options.cursorBlink = does
    },
    close() {
      resized.disconnect()
      terminal.dispose()
    },
  }
}

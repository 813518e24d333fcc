/** An editor for texts with line numbers and what a linter found in them. Tab leaves it, as everywhere on the page. */
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { minimalSetup } from 'codemirror'
import { useEffect, useRef, useState } from 'react'
import { nonce } from '../nonce.ts'

export interface FoundInText {
  /** From 1; null: of the whole text. */
  readonly line: number | null
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface TextEditorProps {
  readonly label: string
  readonly text: string
  readonly isReadOnly: boolean
  readonly found: readonly FoundInText[]
  /** A line to begin at, from 1. */
  readonly line?: number | undefined
  readonly onChange: (text: string) => void
}

const LOOK = EditorView.theme({
  '&': { fontSize: '13px', maxHeight: 'calc(100dvh - 260px)', minHeight: '320px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5' },
  '.cm-gutters': {
    background: 'light-dark(#f3f4f6, #1f2126)',
    color: 'light-dark(#4b5563, #b3b8c2)',
    border: 'none',
  },
  '.cm-content': { caretColor: 'light-dark(#111, #eee)' },
  '.cm-cursor': { borderLeftColor: 'light-dark(#111, #eee)' },
  '&.cm-focused': { outline: '2px solid var(--mantine-color-indigo-5)' },
  '.cm-tooltip': { background: 'light-dark(#fff, #2c2f36)', color: 'inherit', maxWidth: '480px' },
})

/** Its text is its own once it is there; a new `key` begins another. */
export function TextEditor({ label, text, isReadOnly, found, line, onChange }: TextEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const [latest] = useState({ onChange })
  latest.onChange = onChange
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once
  useEffect(() => {
    if (!place.current) return
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          ...[minimalSetup, lineNumbers(), lintGutter(), EditorView.lineWrapping, LOOK],
          EditorState.readOnly.of(isReadOnly),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    if (line !== undefined && line >= 1 && line <= editor.state.doc.lines) {
      const at = editor.state.doc.line(line)
      editor.dispatch({
        selection: { anchor: at.from, head: at.to },
        effects: EditorView.scrollIntoView(at.from, { y: 'center' }),
      })
      editor.focus()
    }
    return () => editor.destroy()
  }, [])
  useEffect(() => {
    const editor = view.current
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, found)))
  }, [found])
  return <div ref={place} className="editor takes-keys" />
}

function diagnosticsOf({ doc }: EditorState, found: readonly FoundInText[]): Diagnostic[] {
  return found.map(({ line, severity, message }) => {
    const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines))
    return { from: at.from, to: at.to, severity, message }
  })
}

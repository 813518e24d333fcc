/** Files on their way to the server, one after the other, and how far they are. */
import { useState } from 'react'
import { sentenceOf } from '../api.ts'

interface Put {
  readonly name: string | undefined
  /** Of the file that is under way. */
  readonly percent: number | undefined
  readonly error: string | undefined
  start(files: readonly (readonly [url: string, file: File])[]): void
}

/** @param onDone after each file */
export function usePut(onDone: () => void): Put {
  const [state, setState] = useState<Omit<Put, 'start'>>({ name: undefined, percent: undefined, error: undefined })
  const all = async (files: readonly (readonly [string, File])[]) => {
    for (const [url, file] of files) {
      try {
        await sent(url, file, (percent) => setState({ name: file.name, percent, error: undefined }))
        onDone()
      } catch (error) {
        setState({ name: undefined, percent: undefined, error: `${file.name} was not stored: ${sentenceOf(error)}` })
        return
      }
    }
    setState({ name: undefined, percent: undefined, error: undefined })
  }
  return { ...state, start: (files) => void all(files) }
}

/** fetch does not say how much has left. */
function sent(url: string, file: File, onProgress: (percent: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', url)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 100 : (100 * loaded) / total)
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(detailOf(request.responseText, request.status)))
    request.onerror = () => reject(new TypeError('the connection was lost'))
    request.send(file)
  })
}

function detailOf(text: string, status: number): string {
  try {
    return String((JSON.parse(text) as { detail?: string }).detail)
  } catch {
    return `the server answered ${status}`
  }
}

/** noVNC, of which the package has no types: as much of docs/API.md as the console uses. */
declare module '@novnc/novnc' {
  // biome-ignore lint/style/noDefaultExport: it is noVNC's
  export default class RFB extends EventTarget {
    constructor(
      target: HTMLElement,
      urlOrChannel: string | WebSocket,
      options?: { shared?: boolean; wsProtocols?: readonly string[] },
    )
    scaleViewport: boolean
    viewOnly: boolean
    background: string
    disconnect(): void
    focus(): void
    blur(): void
    sendCtrlAltDel(): void
    sendCredentials(credentials: { password: string }): void
    clipboardPasteFrom(text: string): void
  }
}

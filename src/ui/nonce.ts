/** The nonce of this page: only styles that name it are let in by its Content-Security-Policy. */
export function nonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  // Browsers hide the attribute from scripts; the property stays.
  return meta?.nonce ?? ''
}

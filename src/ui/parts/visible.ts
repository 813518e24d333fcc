/** Text of machines as it may be shown: what steers a terminal, or turns the direction of reading, becomes a picture of itself. */

/** C0 and C1 controls, and what changes the order or the presence of what is read (Unicode Cf that steer direction or hide). */
const STEERS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g

export function visible(text: string): string {
  return text.replace(STEERS, (char) => {
    const code = char.charCodeAt(0)
    // Unicode has a picture for each control character of ASCII.
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}

/** User data that something on the way to a disk could take for its own: shells, templates, debconf, YAML, XML. */
import { randomBytes } from 'node:crypto'

const every = Buffer.from([...Array(256).keys()])

export const AWKWARD: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['every byte', every],
  ['every byte, the other way round', Buffer.from(every).reverse()],
  ['quotes', Buffer.from(`'"\`''""\\'\\"'\\''`)],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
  ['names and commands of shells', Buffer.from('$HOME $(id) `id` ${x:-y} $0 $$ !! ~root * ? [a] {a,b} ; & | < > # \\')],
  ['percent signs', Buffer.from('%s %d %% %n %20 %')],
  ['NULs', Buffer.from('a\0b\0\0c')],
  ['line ends of all kinds', Buffer.from('a\r\nb\rc\n\n\u2028d\x0b\x0c\x85')],
  [
    'the templates of Cobbler',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Cheetah's
    Buffer.from('@@http_server@@ $var ${var} SNIPPET::x TEMPLATE::y #if 1\n#end if\n#raw $getVar("a","b")'),
  ],
  ['the templates of others', Buffer.from('{{ system_name }} {{> site.seed}} {% if x %} <%= y %> \\{{')],
  ['a lone backslash', Buffer.from('\\')],
  ['lines that go on', Buffer.from('a \\\nb \\\n')],
  ['the end of a CDATA section and of a kickstart', Buffer.from(']]>\n%end\n%post\n</source>')],
  ['a heredoc', Buffer.from('cat <<EOF\nEOF\n')],
  ['no line end', Buffer.from('#cloud-config')],
  ['a script', Buffer.from('#!/bin/sh\nprintf \'%s\\n\' "$(date)" > /ran\n')],
  ['one byte', Buffer.from([0])],
  ['Latin-1', Buffer.from('café', 'latin1')],
  ['64 kB of chance', randomBytes(64 * 1024)],
]

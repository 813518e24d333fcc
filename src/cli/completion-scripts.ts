/**
 * What a shell runs at each TAB: it hands over the words of the line up to the cursor and is told what the last one could
 * become, whole (`--name=node01`). How a shell parts words, and what it must be given back, stays in here.
 */

// Bash parts words at "=" and ":" too. The line is parted at blanks again, and what bash has parted off is cut from the
// answers.
const bash = `_orchestra() {
  local line words last piece prefix candidate
  line=\${COMP_LINE:0:COMP_POINT}
  IFS=$' \\t\\n' read -r -a words <<<"$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  last=\${words[-1]}
  piece=\${COMP_WORDS[COMP_CWORD]}
  case $piece in =|:|'') piece='' ;; esac
  [ "\${last%"$piece"}" != "$last" ] || [ -z "$piece" ] || piece=$last
  prefix=\${last%"$piece"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("\${candidate#"$prefix"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  case \${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _orchestra orchestra cobbler
`

const zsh = `#compdef orchestra cobbler
_orchestra() {
  local -a candidates open
  candidates=(\${(f)"$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  open=(\${(M)candidates:#*=})
  candidates=(\${candidates:#*=})
  (( \${#open} )) && compadd -S '' -- $open
  (( \${#candidates} )) && compadd -- $candidates
}
compdef _orchestra orchestra cobbler
`

const fish = `function __orchestra_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c orchestra -f -a '(__orchestra_complete)'
complete -c cobbler -f -a '(__orchestra_complete)'
`

export const SCRIPTS = { bash, zsh, fish } as const

export function isShell(word: string): word is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, word)
}

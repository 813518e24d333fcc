# The part of cloud-init that reads a #cloud-config, for the mini profile: write_files, runcmd and ssh_authorized_keys, out
# of as much of YAML as people and programs write there (no anchors, tags or second documents).
#
#   awk -v part=files|commands|keys -f cloud-config.awk user-data
#
# prints shell: `put PATH MODE ENCODING APPEND CONTENT` for each file; the script that runcmd is; the keys, one a line.

{ sub(/\r$/, ""); line[++count] = $0 }

END {
  at = 1
  node("", -1)
  if (part == "files") for (i = 0; i < size["/write_files"]; i++) file("/write_files/" i)
  if (part == "commands") for (i = 0; i < size["/runcmd"]; i++) command("/runcmd/" i)
  if (part == "keys") for (i = 0; i < size["/ssh_authorized_keys"]; i++) print value["/ssh_authorized_keys/" i]
}

function file(path) {
  print "put " quote(value[path "/path"]) " " quote(value[path "/permissions"]) " " quote(value[path "/encoding"]) " " \
    quote(value[path "/append"]) " " quote(value[path "/content"])
}

# A text is a line of shell, a list is one command and its arguments.
function command(path,    j, words) {
  if (!(path in size)) { print value[path]; return }
  words = ""
  for (j = 0; j < size[path]; j++) words = words (j ? " " : "") quote(value[path "/" j])
  print words
}

function quote(text,    n, parts, i, words) {
  n = split(text, parts, "'")
  words = "'" parts[1]
  for (i = 2; i <= n; i++) words = words "'\\''" parts[i]
  return words "'"
}

function indent(text) { match(text, /^ */); return RLENGTH }

function skip() { while (at <= count && line[at] ~ /^[ \t]*(#|$)/) at++ }

# The value that begins at this line, further in than its parent.
function node(path, parent,    text, here) {
  skip()
  if (at > count) return
  here = indent(line[at])
  if (here <= parent) return
  text = substr(line[at], here + 1)
  if (text ~ /^-( |$)/) list(path, here)
  else if (key(text)) map(path, here)
  else { at++; scalar(path, text, parent) }
}

function list(path, here,    rest, n) {
  n = 0
  for (skip(); at <= count && indent(line[at]) == here && substr(line[at], here + 1) ~ /^-( |$)/; skip()) {
    rest = substr(line[at], here + 2)
    if (rest ~ /^ *(#|$)/) { at++; size[path] = ++n; node(path "/" (n - 1), here); continue }
    # What stands behind the dash stands further in.
    line[at] = sprintf("%" (here + 1) "s", "") rest
    size[path] = ++n
    node(path "/" (n - 1), here)
  }
}

function map(path, here,    text, rest, below) {
  for (skip(); at <= count && indent(line[at]) == here; skip()) {
    text = substr(line[at], here + 1)
    if (text ~ /^-( |$)/ || !key(text)) return
    below = path "/" keyName
    rest = substr(text, keyLength + 1)
    sub(/^[ \t]+/, "", rest)
    at++
    if (rest != "" && rest !~ /^#/) { scalar(below, rest, here); continue }
    skip()
    # A list may stand as far out as the key that it is the value of.
    if (at <= count && indent(line[at]) == here && substr(line[at], here + 1) ~ /^-( |$)/) list(below, here)
    else node(below, here)
  }
}

# Whether this begins with a key and its colon.
function key(text,    end) {
  if (text ~ /^["']/) {
    end = closing(text)
    if (!end || substr(text, end + 1) !~ /^ *:( |$)/) return 0
    keyName = unquote(substr(text, 1, end))
    match(substr(text, end + 1), /^ *:/)
    keyLength = end + RLENGTH
    return 1
  }
  if (index("[]{}|>&*!%@`#", substr(text, 1, 1)) || !match(text, /:( |$)/)) return 0
  keyName = substr(text, 1, RSTART - 1)
  keyLength = RSTART
  return 1
}

# A value that begins with this text, the rest of a line; `at` is the next one.
function scalar(path, text, parent) {
  if (text ~ /^[|>]/) value[path] = block(text, parent)
  else if (text ~ /^["']/) value[path] = unquote(gather(text, 0))
  else if (index("[{", substr(text, 1, 1))) { flow = gather(text, 1); flowAt = 1; flowNode(path) }
  else value[path] = plain(text, parent)
}

function plain(text, parent,    gap) {
  sub(/[ \t]+#.*$/, "", text)
  sub(/[ \t]+$/, "", text)
  gap = ""
  while (at <= count) {
    if (line[at] ~ /^[ \t]*$/) { gap = gap "\n"; at++; continue }
    if (indent(line[at]) <= parent || line[at] ~ /^ *#/) break
    text = text (gap == "" ? " " : gap) trimmed(line[at])
    gap = ""
    at++
  }
  return text
}

function trimmed(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }

# | keeps lines, > folds them; a digit says how far in they stand, - and + what becomes of line ends at the end.
function block(header, parent,    deep, text, row, blanks, first, folds, wasMore, isMore) {
  folds = header ~ /^>/
  deep = match(header, /[1-9]/) ? (parent < 0 ? 0 : parent) + substr(header, RSTART, 1) : -1
  text = ""; blanks = ""; first = 1; wasMore = 0
  for (; at <= count; at++) {
    row = line[at]
    if (row ~ /^ *$/ && (deep < 0 || length(row) <= deep)) { blanks = blanks "\n"; continue }
    if (deep < 0) { if (indent(row) <= parent) break; deep = indent(row) }
    if (indent(row) < deep) break
    row = substr(row, deep + 1)
    isMore = row ~ /^[ \t]/
    if (first) text = blanks row
    else if (!folds || isMore || wasMore) text = text "\n" blanks row
    else text = text (blanks == "" ? " " : blanks) row
    blanks = ""; first = 0; wasMore = isMore
  }
  sub(/[ \t]+#.*$/, "", header)
  if (header ~ /-/) return text
  if (header ~ /\+/) return text (first ? "" : "\n") blanks
  return first ? "" : text "\n"
}

# Lines until quotes (and for a flow brackets) are closed, folded into one.
function gather(text, isFlow,    gap) {
  gap = ""
  while (!(isFlow ? balanced(text) : closing(text)) && at <= count) {
    if (line[at] ~ /^[ \t]*$/) { gap = gap "\n"; at++; continue }
    # A backslash before the end of a line joins it to the next without a blank. (Not one that is itself escaped.)
    if (gap == "" && text ~ /^"/ && match(text, /\\+$/) && RLENGTH % 2 == 1)
      text = substr(text, 1, length(text) - 1) trimmed(line[at])
    else { sub(/[ \t]+$/, "", text); text = text (gap == "" ? " " : gap) trimmed(line[at]) }
    gap = ""
    at++
  }
  return text
}

# Where the quote that it begins with ends; 0: not in this text.
function closing(text,    i, c, q) {
  q = substr(text, 1, 1)
  for (i = 2; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (q == "\"" && c == "\\") i++
    else if (c == q) { if (q == "'" && substr(text, i + 1, 1) == q) i++; else return i }
  }
  return 0
}

function balanced(text,    i, c, depth, end) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if ((c == "\"" || c == "'") && index("[{, :", substr(text, i - 1, 1))) {
      end = closing(substr(text, i))
      if (!end) return 0
      i += end - 1
    } else if (c == "[" || c == "{") depth++
    else if ((c == "]" || c == "}") && --depth == 0) return i
  }
  return 0
}

function unquote(text,    q, n, i, c, out, code) {
  q = substr(text, 1, 1)
  i = closing(text)
  text = substr(text, 2, (i ? i : length(text) + 1) - 2)
  out = ""
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (q == "'" && c == "'") i++
    if (q == "\"" && c == "\\") {
      c = substr(text, ++i, 1)
      if (n = index("xuU", c)) {
        n = n == 1 ? 2 : n == 2 ? 4 : 8
        code = substr(text, i + 1, n)
        i += n
        # Half of a pair, as JSON writes what is far out.
        if (code ~ /^[Dd][89ABab]/ && n == 4 && substr(text, i + 1, 2) == "\\u") {
          c = utf8(65536 + (number(code) - 55296) * 1024 + number(substr(text, i + 3, 4)) - 56320)
          i += 6
        } else c = utf8(number(code))
      } else if (n = index("abtnvfreNLP_0", c)) {
        c = n <= 5 ? substr("\a\b\t\n\v", n, 1) : n == 6 ? "\f" : n == 7 ? "\r" : n == 8 ? "\033" : \
          n == 9 ? utf8(133) : n == 10 ? utf8(8232) : n == 11 ? utf8(8233) : n == 12 ? utf8(160) : ""
      }
    }
    out = out c
  }
  return out
}

function number(hex,    i, n) {
  n = 0
  for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", tolower(substr(hex, i, 1))) - 1
  return n
}

function utf8(code) {
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
  if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
  return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

function flowBlank() { while (substr(flow, flowAt, 1) ~ /[ \t\n]/) flowAt++ }

function flowNode(path,    c, n, name) {
  flowBlank()
  c = substr(flow, flowAt, 1)
  if (c != "[" && c != "{") { value[path] = flowScalar(); return }
  flowAt++
  n = 0
  for (flowBlank(); flowAt <= length(flow) && !index("]}", substr(flow, flowAt, 1)); flowBlank()) {
    if (c == "{") {
      name = flowScalar()
      flowBlank()
      if (substr(flow, flowAt, 1) == ":") flowAt++
      flowNode(path "/" name)
    } else { size[path] = n + 1; flowNode(path "/" n++) }
    flowBlank()
    if (substr(flow, flowAt, 1) == ",") flowAt++
  }
  flowAt++
}

function flowScalar(    c, end, text, rest) {
  rest = substr(flow, flowAt)
  c = substr(rest, 1, 1)
  if (c == "\"" || c == "'") {
    end = closing(rest)
    flowAt += end
    return unquote(substr(rest, 1, end))
  }
  match(rest, /[][,{}]|:[ \t]|:$/)
  end = RLENGTH > 0 ? RSTART : length(rest) + 1
  text = substr(rest, 1, end - 1)
  flowAt += end - 1
  return trimmed(text)
}

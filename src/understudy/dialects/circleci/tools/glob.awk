# Prints the paths of standard input that match the pattern in UNDERSTUDY_PATTERN, in POSIX awk.
# *, ?, [...], {a,b} stop at slashes; ** does not, and **/ may be nothing at all.
# https://circleci.com/docs/guides/toolkit/environment-cli-usage-guide/#glob

function fail(why) {
    printf "circleci: the pattern %s can't be used: %s\n", pattern, why > "/dev/stderr"
    failed = 1
    exit 2
}

function quoted(char) {
    if (index(".+()|$*?{}[", char)) return "[" char "]"
    return index("^\\", char) ? "\\" char : char
}

# The set that opens at `at`; leaves the place after it in `next_`. A `]` goes first and a `^` last: not every awk
# takes a backslash for an escape in a set.
function set_at(at, from, body, char, negated, close_, caret) {
    from = at + 1
    negated = substr(pattern, from, 1) ~ /[!^]/
    if (negated) from++
    for (at = from; at <= length(pattern); at++) {
        char = substr(pattern, at, 1)
        if (char == "]" && at > from) break
        if (char == "\\") char = substr(pattern, ++at, 1)
        if (char == "]") close_ = "]"
        else if (char == "^") caret = "^"
        else body = body (char == "\\" ? "\\\\" : char)
    }
    if (at > length(pattern)) fail("a [ is never closed")
    next_ = at + 1
    if (negated) return "[^" close_ "/" body caret "]"
    return close_ body == "" ? quoted(caret) : "[" close_ body caret "]"
}

function star_at(at, stars, before) {
    for (stars = at; substr(pattern, stars, 1) == "*"; stars++);
    next_ = stars
    if (stars - at == 1) return "[^/]*"
    before = at == 1 || index("/{,", substr(pattern, at - 1, 1))
    if (before && substr(pattern, stars, 1) == "/") {
        next_ = stars + 1
        return "(.*/)?"
    }
    return ".*"
}

function translated(at, out, char, depth) {
    for (at = 1; at <= length(pattern); at = next_) {
        char = substr(pattern, at, 1)
        next_ = at + 1
        if (char == "*") out = out star_at(at)
        else if (char == "?") out = out any_char
        else if (char == "[") out = out set_at(at)
        else if (char == "\\") {
            if (at == length(pattern)) fail("it ends with a lone \\")
            out = out quoted(substr(pattern, at + 1, 1))
            next_ = at + 2
        }
        else if (char == "{") { depth++; out = out "(" }
        else if (char == "}" && depth) { depth--; out = out ")" }
        else if (char == "," && depth) out = out "|"
        else out = out quoted(char)
    }
    if (depth) fail("a { is never closed")
    return "^" out "$"
}

BEGIN {
    # One character of UTF-8, in an awk that was told to see bytes.
    first = sprintf("%c", 128); last = sprintf("%c", 255); lead = sprintf("%c", 194); follow = sprintf("%c", 191)
    any_char = "([^/" first "-" last "]|[" lead "-" last "][" first "-" follow "]+)"
    pattern = ENVIRON["UNDERSTUDY_PATTERN"]
    strip = length(ENVIRON["UNDERSTUDY_STRIP"])
    regex = translated()
}

{
    path = strip ? substr($0, strip + 1) : $0
    if (path ~ regex) print path
}

END {
    if (failed) exit 2
}

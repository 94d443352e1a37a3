# Replaces $NAME, ${NAME} and ${NAME:-text} (also - = := + :+) in standard input; $$NAME stands for $NAME itself.
# The text ends with an `x` that the caller added, so that a missing last newline stays missing.
# https://circleci.com/docs/guides/security/env-vars/#environment-variable-substitution

function replaced(text, out, at, name, body) {
    while (at = index(text, "$")) {
        out = out substr(text, 1, at - 1)
        text = substr(text, at + 1)
        if (match(text, /^\$[A-Za-z_{][A-Za-z0-9_]*/)) {
            out = out substr(text, 1, RLENGTH)
            text = substr(text, RLENGTH + 1)
        } else if (match(text, /^[A-Za-z_][A-Za-z0-9_]*/)) {
            name = substr(text, 1, RLENGTH)
            text = substr(text, RLENGTH + 1)
            out = out ENVIRON[name]
        } else if (match(text, /^[{][A-Za-z_][A-Za-z0-9_]*[}]/)) {
            out = out ENVIRON[substr(text, 2, RLENGTH - 2)]
            text = substr(text, RLENGTH + 1)
        } else if (match(text, /^[{][A-Za-z_][A-Za-z0-9_]*:?[-=+]/) && (at = closing(text))) {
            body = substr(text, 2, at - 2)
            text = substr(text, at + 1)
            out = out chosen(body)
        } else {
            out = out "$"
        }
    }
    return out text
}

# Where the brace that opens `text` is closed; 0 for nowhere.
function closing(text, at, depth, char) {
    for (at = 1; at <= length(text); at++) {
        char = substr(text, at, 1)
        if (char == "{") depth++
        if (char == "}" && --depth == 0) return at
    }
    return 0
}

function chosen(body, name, operator, there) {
    match(body, /^[A-Za-z_][A-Za-z0-9_]*/)
    name = substr(body, 1, RLENGTH)
    body = substr(body, RLENGTH + 1)
    there = name in ENVIRON
    if (substr(body, 1, 1) == ":") {
        body = substr(body, 2)
        there = there && ENVIRON[name] != ""
    }
    operator = substr(body, 1, 1)
    body = substr(body, 2)
    if (operator == "+") return there ? replaced(body) : ""
    return there ? ENVIRON[name] : replaced(body)
}

{ whole = whole (NR > 1 ? "\n" : "") $0 }

END { printf "%s", replaced(substr(whole, 1, length(whole) - 1)) }

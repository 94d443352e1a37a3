# Checks that standard input is a flat JSON object of strings, whole numbers and booleans; exit 1 and a reason if not.
# https://circleci.com/docs/guides/orchestrate/pipeline-variables/#pipeline-parameters-in-configuration

function fail(why) {
    printf "%s near `%s`\n", why, substr(rest, 1, 20) > "/dev/stderr"
    exit 1
}

function blanks() {
    sub(/^[ \t\r\n]+/, "", rest)
}

function take(regex) {
    blanks()
    if (!match(rest, regex)) return 0
    rest = substr(rest, RLENGTH + 1)
    return 1
}

function member() {
    if (!take(string)) fail("a name in quotes is missing")
    if (!take("^:")) fail("a `:` is missing")
    if (take(string) || take("^(true|false)")) return
    if (!take("^-?(0|[1-9][0-9]*)")) fail("a value is no string, whole number or boolean")
}

BEGIN { string = "^\"([^\"\\\\\n]|\\\\(u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]|[\"\\\\/bfnrt]))*\"" }

{ rest = rest (NR > 1 ? "\n" : "") $0 }

END {
    blanks()
    if (rest == "") exit 0
    if (!take("^[{]")) fail("the parameters are no JSON object")
    if (!take("^[}]")) {
        do member(); while (take("^,"))
        if (!take("^[}]")) fail("a `,` or `}` is missing")
    }
    blanks()
    if (rest != "") fail("something follows the parameters")
}

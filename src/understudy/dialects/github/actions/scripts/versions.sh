# Versions and ranges of them, as node-semver has them (https://github.com/npm/node-semver#ranges), and PEP 440's `~=`,
# `==` and `!=`, since python-version-file reads those.

# Of the lines `VERSION<TAB>...` of the input the one whose version is the highest that fits the range $1.
# With $2 = true an unfinished version (3.15.0a1) fits a range too.
best() {
  awk -F '\t' -v range="$1" -v unfinished="${2:-false}" '
    function plain(text) {
      text = tolower(text); gsub(/alpha/, "a", text); gsub(/beta/, "b", text); gsub(/[-.]/, "", text)
      return text
    }
    # Splits a version into N[1..3] and its number of parts; what follows the numbers goes to TAIL.
    function take(text,   count, part) {
      sub(/^[vV]/, "", text)
      N[1] = N[2] = N[3] = 0; count = 0; TAIL = ""
      while (count < 3 && match(text, /^[0-9]+/)) {
        N[++count] = substr(text, 1, RLENGTH) + 0
        text = substr(text, RLENGTH + 1)
        if (text !~ /^\.[0-9xX*]/) break
        text = substr(text, 2)
      }
      if (text !~ /^[xX*]/) TAIL = plain(text)
      return count
    }
    function key() { return N[1] * 10000000000 + N[2] * 100000 + N[3] }
    # The key of the first version that is no longer within what is written, at the part LEVEL.
    function next_at(level) {
      if (level == 1) return (N[1] + 1) * 10000000000
      if (level == 2) return N[1] * 10000000000 + (N[2] + 1) * 100000
      return key() + 1
    }
    function holds(word,   sign, count, low, wanted) {
      sign = ""
      if (match(word, /^(>=|<=|~=|~>|==|!=|>|<|=|~|\^)/)) { sign = substr(word, 1, RLENGTH); word = substr(word, RLENGTH + 1) }
      if (word ~ /^[xX*]?$/) return 1
      count = take(word); wanted = TAIL; low = key()
      if (count == 0) return 0
      if (sign == "" || sign == "=" || sign == "==") {
        if (wanted != "") return own == low && tail == wanted
        return own >= low && own < next_at(count)
      }
      if (sign == "!=") return !(own >= low && own < next_at(count))
      if (sign == ">=") return own >= low
      if (sign == ">") return own >= next_at(count)
      if (sign == "<") return own < low
      if (sign == "<=") return own < next_at(count)
      if (sign == "~=") return own >= low && own < next_at(count > 1 ? count - 1 : 1)
      if (sign == "^") return own >= low && own < next_at(N[1] > 0 || count == 1 ? 1 : N[2] > 0 || count == 2 ? 2 : 3)
      return own >= low && own < next_at(count > 1 ? 2 : 1)
    }
    function fits(alternative,   count, index_, words) {
      gsub(/,/, " ", alternative)
      count = split(alternative, words, /[ \t]+/)
      for (index_ = 1; index_ <= count; index_++) {
        if (words[index_] == "") continue
        if (words[index_ + 1] == "-") {
          if (!holds(">=" words[index_]) || !holds("<=" words[index_ + 2])) return 0
          index_ += 2
        } else if (words[index_] ~ /^[<>=~^!]+$/) {
          if (!holds(words[index_] words[index_ + 1])) return 0
          index_++
        } else if (!holds(words[index_])) return 0
      }
      return 1
    }
    BEGIN { alternatives = split(range, any, /[|][|]/); found = ""; highest = -1; exact = range ~ /[0-9]-?(a|b|rc|alpha|beta|dev)/ }
    {
      take($1); own = key(); tail = TAIL
      if (tail != "" && unfinished != "true" && !exact) next
      rank = own - (tail == "" ? 0 : 0.5)
      if (rank <= highest) next
      for (one = 1; one <= alternatives; one++) if (fits(any[one])) { highest = rank; found = $0; break }
      if (alternatives == 0) { highest = rank; found = $0 }
    }
    END { if (found != "") print found }
  '
}

# The versions of the input, each once, on one line, the lowest first.
listed() {
  cut -f 1 | sort -u -t . -k 1,1n -k 2,2n -k 3,3n | tr '\n' ' ' | sed 's/ $//; s/ /, /g'
}

# Prints the share of one node of the names on standard input, one a line, in alphabetical order.
#
# by=name: every name weighs the same. by=filesize: lines are `weight<TAB>name`. by=timings: weights are the seconds
# in the file `timings` (`name<TAB>seconds`). Names are taken heaviest first, ties alphabetically, and each goes to the
# node with the least so far, the lowest of several: so with equal weights they are dealt out in turn.
# https://circleci.com/docs/guides/optimize/parallelism-faster-jobs/#manual-allocation

function plain(name) {
    sub(/^(\.\/)+/, "", name)
    return name
}

# Go's durations (`1m30s`, `500ms`) in seconds.
function seconds(text, found, unit, number) {
    while (text != "") {
        if (!match(text, /^[0-9]*[.]?[0-9]+/)) return -1
        number = substr(text, 1, RLENGTH)
        text = substr(text, RLENGTH + 1)
        match(text, /^[a-z]*/)
        unit = substr(text, 1, RLENGTH)
        text = substr(text, RLENGTH + 1)
        if (unit == "" && number + 0 == 0) unit = "s"
        if (!(unit in units)) return -1
        found += number * units[unit]
    }
    return found + 0
}

function read_timings(line, tab) {
    while ((getline line < timings) > 0) {
        tab = index(line, "\t")
        if (tab) known[plain(substr(line, 1, tab - 1))] = substr(line, tab + 1) + 0
    }
    close(timings)
}

function earlier(a, b) {
    if (weight[a] != weight[b]) return weight[a] > weight[b]
    return (name[a] "") < (name[b] "")
}

function weigh_by_time(i, found, sum, default_, given) {
    read_timings()
    for (i = 1; i <= count; i++) {
        if (plain(name[i]) in known) {
            found++
            sum += weight[i] = known[plain(name[i])]
        }
    }
    if (!found) {
        print "Error auto-detecting timing type, falling back to weighting by name. " \
            "No name matches: check paths for absolute vs relative." > "/dev/stderr"
        return
    }
    # The service gives such a test a small random weight; the average is fairer, and the same on every node.
    given = ENVIRON["UNDERSTUDY_DEFAULT"]
    default_ = given == "" ? sum / found : seconds(given)
    for (i = 1; i <= count; i++) {
        if (plain(name[i]) in known) continue
        printf "No timing found for \"%s\"\n", name[i] > "/dev/stderr"
        weight[i] = default_
    }
}

# Heap sort of order[1..count] by `earlier`: plain awk has no sort, and lists may be long.
function sink(root, end, child, held) {
    held = order[root]
    while ((child = 2 * root) <= end) {
        if (child < end && earlier(order[child], order[child + 1])) child++
        if (!earlier(held, order[child])) break
        order[root] = order[child]
        root = child
    }
    order[root] = held
}

function sort_order(i, held) {
    for (i = int(count / 2); i >= 1; i--) sink(i, count)
    for (i = count; i > 1; i--) {
        held = order[1]
        order[1] = order[i]
        order[i] = held
        sink(1, i - 1)
    }
}

function least(node, best) {
    for (node = 1; node < total; node++) if (load[node] + 0 < load[best] + 0) best = node
    return best + 0
}

BEGIN {
    units["ns"] = 1e-9; units["us"] = 1e-6; units["ms"] = 1e-3
    units["s"] = 1; units["m"] = 60; units["h"] = 3600
    if (ENVIRON["UNDERSTUDY_DEFAULT"] != "" && seconds(ENVIRON["UNDERSTUDY_DEFAULT"]) < 0) {
        printf "circleci: --time-default is a duration as 10s, not %s\n", ENVIRON["UNDERSTUDY_DEFAULT"] > "/dev/stderr"
        failed = 2
        exit 2
    }
}

/./ {
    count++
    order[count] = count
    if (by == "filesize") {
        tab = index($0, "\t")
        weight[count] = substr($0, 1, tab - 1) + 0
        name[count] = substr($0, tab + 1)
    } else {
        weight[count] = 1
        name[count] = $0
    }
}

END {
    if (failed) exit failed
    if (by == "timings") weigh_by_time()
    sort_order()
    for (i = 1; i <= count; i++) {
        node = least(0, 0)
        load[node] += weight[order[i]]
        if (node == index_) mine[++share] = order[i]
    }
    count = share + 0
    for (i = 1; i <= count; i++) { order[i] = mine[i]; weight[mine[i]] = 0 }
    sort_order()
    for (i = 1; i <= count; i++) print name[order[i]]
    if (counts != "") printf "Read %d items, %d of them on node %d of %d.\n", NR, count, index_, total > "/dev/stderr"
}

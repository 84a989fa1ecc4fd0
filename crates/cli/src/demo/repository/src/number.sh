# For the others: is_number TEXT
is_number() {
    expr "$1" : '-\{0,1\}[0-9][0-9]*$' >/dev/null
}

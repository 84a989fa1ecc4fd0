# Runs every test and prints TAP: sh tests/run.sh
cd "$(dirname "$0")/.." || exit 1
count=0
failed=0

# is NAME EXPECTED ACTUAL
is() {
    count=$((count + 1))
    if [ "$3" = "$2" ]; then
        echo "ok $count - $1"
    else
        failed=$((failed + 1))
        echo "not ok $count - $1"
        echo "# expected '$2', got '$3'"
    fi
}

for file in tests/*.t; do
    . "$file"
done
echo "1..$count"
[ "$failed" = 0 ]

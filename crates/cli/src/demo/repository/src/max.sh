# Prints the largest of the numbers on standard input, one a line. Other lines do not count.
. src/number.sh
max=
while read -r n; do
    is_number "$n" || continue
    if [ -z "$max" ] || [ "$(expr "$n" \> "$max")" = 1 ]; then
        max=$n
    fi
done
echo "$max"

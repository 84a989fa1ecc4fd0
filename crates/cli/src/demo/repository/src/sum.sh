# Prints the sum of the numbers on standard input, one a line. Other lines do not count.
. src/number.sh
sum=0
while read -r n; do
    is_number "$n" && sum=$(expr "$sum" + "$n")
done
echo "$sum"

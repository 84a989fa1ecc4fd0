# Prints the mean of the whole numbers on standard input, one a line, rounded to the nearest.
sum=0
count=0
while read -r n; do
    sum=$(expr "$sum" + "$n")
    count=$(expr "$count" + 1)
done
expr \( 2 \* "$sum" + "$count" \) / \( 2 \* "$count" \)

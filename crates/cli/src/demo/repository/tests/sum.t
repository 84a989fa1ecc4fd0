is 'sum adds' 6 "$(printf '1\n2\n3\n' | sh src/sum.sh)"
is 'sum takes negative numbers' -3 "$(printf '2\n-5\n' | sh src/sum.sh)"
is 'sum skips what is no number' 7 "$(printf '3\nfour\n4\n-\n' | sh src/sum.sh)"

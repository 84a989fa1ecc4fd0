is 'mean of equal numbers' 4 "$(printf '4\n4\n' | sh src/mean.sh)"
is 'mean rounds up from a half' 3 "$(printf '2\n3\n' | sh src/mean.sh)"
is 'mean rounds to the nearest' 2 "$(printf '1\n2\n2\n' | sh src/mean.sh)"

is 'max finds the largest' 9 "$(printf '4\n9\n7\n' | sh src/max.sh)"
is 'max compares numbers, not text' 10 "$(printf '10\n9\n' | sh src/max.sh)"
is 'max skips what is no number' -2 "$(printf -- '-5\nzzz\n-2\n' | sh src/max.sh)"

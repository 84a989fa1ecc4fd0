is 'share of a half' 50 "$(sh src/share.sh 1 2)"
is 'share rounds down' 66 "$(sh src/share.sh 2 3)"
is 'share of nothing' 0 "$(sh src/share.sh 0 8)"

# share.sh PART WHOLE prints PART as a percentage of WHOLE, rounded down.
expr 100 \* "$1" / "$2"

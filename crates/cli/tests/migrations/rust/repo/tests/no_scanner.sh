# no_scanner.sh MODULE: whether it has left the scanner behind.

if grep -n 'Scanner' "src/$1.rs"; then
  exit 1
fi

# no-prototypes.sh MODULE: whether it is a class.

if grep -n 'prototype' "src/$1.ts"; then
  exit 1
fi
grep -q '^export class' "src/$1.ts"

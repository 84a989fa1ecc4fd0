# swapped.sh MODULE: whether it has left the old framework.

if grep -n 'stripes' "pocket/$1.py"; then
  exit 1
fi

#!/bin/sh
# Counts, and says how serious it is: every 5 a warning, every 15 an error, both on standard error.
stopping=
trap 'stopping=yes' TERM INT

n=0
while [ -z "$stopping" ]; do
  n=$((n + 1))
  if [ $((n % 15)) -eq 0 ]; then
    echo "ERROR count $n: that is too much" >&2
  elif [ $((n % 5)) -eq 0 ]; then
    echo "WARN count $n: getting high" >&2
  else
    echo "INFO count $n"
  fi
  sleep "${COUNTER_PAUSE:-1}" &
  wait $! 2>/dev/null
done
echo "INFO stopped at $n"

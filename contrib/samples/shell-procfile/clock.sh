#!/bin/sh
# Tells the time every two seconds.
stopping=
trap 'stopping=yes' TERM INT

echo "clock: started as process $$"
while [ -z "$stopping" ]; do
  date "+${CLOCK_FORMAT:-%H:%M:%S}"
  sleep 2 &
  wait $! 2>/dev/null
done
echo "clock: stopped"

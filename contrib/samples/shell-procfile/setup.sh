#!/bin/sh
# A task that ends: it looks at the machine and is done.
set -eu
for step in 'processors:nproc' 'kernel:uname -r' 'free space:df -h . | tail -n 1'; do
  echo "${step%%:*}: $(sh -c "${step#*:}")"
done
echo "ready; a server here would listen on port ${PORT:-none}"

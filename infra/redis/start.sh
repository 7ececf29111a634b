#!/bin/sh
# Starts Redis with its password from the environment: in a file that only Redis can read, not on the command line,
# which every process list shows.
set -eu
umask 077
{
  cat /etc/redis/redis.conf
  printf 'requirepass %s\n' "${REDIS_PASSWORD:?Set REDIS_PASSWORD}"
} >/tmp/redis.conf
exec redis-server /tmp/redis.conf

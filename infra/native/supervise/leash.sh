#!/bin/sh
# Ends the install's processes when the supervisor is gone, however it went: it holds the other end of standard input, and the
# kernel closes it. Lines: "+GROUP" keeps a process group on the leash, "-GROUP" lets it go. One small shell for all of them.
trap '' INT HUP TERM
groups=' '
while read -r line; do
  case $line in
    +*) groups="$groups${line#+} " ;;
    -*)
      rest=' '
      for group in $groups; do [ "$group" = "${line#-}" ] || rest="$rest$group "; done
      groups=$rest
      ;;
  esac
done
for group in $groups; do kill -TERM "-$group" 2>/dev/null; done
tries=0
while [ "$tries" -lt 30 ]; do
  alive=
  for group in $groups; do kill -0 "-$group" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || exit 0
  sleep 0.1
  tries=$((tries + 1))
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done

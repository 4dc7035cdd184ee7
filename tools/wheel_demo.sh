#!/usr/bin/env bash
# The demo from the built wheel, in an environment that holds nothing else.
exec bash "$(dirname "$0")/smoke.sh" demo

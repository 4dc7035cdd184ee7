"""What a model that runs in this process must not do: report to its maker, or hang a forked child.

onnxruntime 1.32 writes down what it runs on below `~/.cache/Microsoft`, and looks up where to send it, unless the
environment says otherwise when it is imported; its own `disable_telemetry_events()` comes too late. Where a program has
imported it before, that is the program's affair.
"""

import ctypes
import functools
import os
import weakref

#: What each variable is set to where nobody has set it.
_SILENT = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def silence() -> None:
    """Forbid reports of this process; to be called before such a library is imported."""
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)


def keep_through_forks(session: object) -> None:
    """See to it that a forked child never ends `session`: that would wait for its threads, which the child has not."""
    _sessions().add(session)


@functools.cache
def _sessions() -> "weakref.WeakSet[object]":
    sessions: weakref.WeakSet[object] = weakref.WeakSet()
    os.register_at_fork(after_in_child=_leave_to_parent)
    return sessions


def _leave_to_parent() -> None:
    for session in _sessions():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))

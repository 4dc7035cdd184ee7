"""`Memory`: the verbs, all of them. What each does stands in `verbs/`, by what it is for.

Opening starts no thread and loads no model. What waits for encoding is encoded by the next read, by `flush`, or in
`add` where the settings say so. One `Memory` may be used by many threads; each process opens its own.
"""

from lamina.verbs.adding import Adding
from lamina.verbs.asking import Asking
from lamina.verbs.browsing import Browsing
from lamina.verbs.carrying import Carrying
from lamina.verbs.changing import Changing
from lamina.verbs.granting import Granting
from lamina.verbs.upkeep import Keeping


class Memory(Adding, Changing, Asking, Browsing, Carrying, Keeping, Granting):
    """A hierarchical memory in one file, or in memory where no path is given.

    A context manager. Every verb takes a scope: `user_id=`, `agent_id=`, `run_id=`, `tenant_id=` or `scope=`; what
    is not named is the scope that the memory was opened with.
    """

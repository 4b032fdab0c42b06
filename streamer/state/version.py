"""The version of what is stored of the evidence: its blocks, their columns, their keys.

Whoever changes one of these raises the number. The changelogs and the group of the workers carry it
in their names, so that a new version begins with nothing and with nothing committed: it reads its
topics from the beginning and can never take old rows for new ones. Decisions of the inbox alone
have no version, since nothing gives them back: whoever changes their layout must go on reading it.
"""

from typing import Final

VERSION: Final = 1

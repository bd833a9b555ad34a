"""What opening a desk with a passphrase needs, to be imported while the person still types it."""

import assessor_desk.desk.desk
import assessor_desk.keys.envelope

# Last, since it takes longest and is needed only after the inbox.
import assessor_desk.store.reading  # noqa: F401

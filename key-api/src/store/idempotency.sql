-- An `Idempotency-Key` that made an API key, until it expires. It outlives the API key, so that a
-- late repetition of the request does not bring a deleted key back.
CREATE TABLE idempotency_keys (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest  BLOB NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (user_id, digest)
) STRICT;

-- The answer that handed the API key out. Only who has the `Idempotency-Key` itself can open it.
-- It goes with the API key: an answer with a dead secret is worse than none.
CREATE TABLE sealed_answers (
    idempotency_key_id INTEGER PRIMARY KEY REFERENCES idempotency_keys (id) ON DELETE CASCADE,
    api_key_id         INTEGER NOT NULL UNIQUE REFERENCES api_keys (id) ON DELETE CASCADE,
    sealed             BLOB NOT NULL
) STRICT;

-- Instants are milliseconds since the Unix epoch, days are counted from it in UTC.
-- A `digest` is the SHA-256 of a secret; the secret itself is nowhere.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created       INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT NOT NULL UNIQUE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    digest     BLOB NOT NULL UNIQUE,
    prefix     TEXT NOT NULL,
    last_four  TEXT NOT NULL,
    created    INTEGER NOT NULL,
    last_used  INTEGER,
    -- Over the key's whole life; `usage` holds the same requests by day.
    successful INTEGER NOT NULL DEFAULT 0,
    failed     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX api_keys_of_user ON api_keys (user_id);

CREATE TABLE usage (
    key_id     INTEGER NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    successful INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;

-- One sign-in and all the tokens that follow from it: a family of refresh tokens.
CREATE TABLE sessions (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL,
    ended   INTEGER
) STRICT;

CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    digest         BLOB PRIMARY KEY,
    session_id     INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used           INTEGER,
    -- What the token is mixed with to give its successors. Kept only while the answer may be
    -- repeated, and only for the token just before the newest.
    successor_salt BLOB,
    -- When the access token of that answer expires.
    successor_expires INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

CREATE TABLE access_tokens (
    digest     BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The sign-in or the API key it came from: exactly one of the two.
    session_id INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
    key_id     INTEGER REFERENCES api_keys (id) ON DELETE CASCADE,
    expires    INTEGER NOT NULL,
    CHECK ((session_id IS NULL) <> (key_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX access_tokens_of_user ON access_tokens (user_id);
CREATE INDEX access_tokens_of_session ON access_tokens (session_id);
CREATE INDEX access_tokens_of_key ON access_tokens (key_id);

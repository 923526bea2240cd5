-- A database as the server of version 1 left it. The password is that of all tests, the refresh
-- token is `released-refresh-token`, and the secret of the key that is in use is
-- occ_IyHqaDSUKIt0HfYKbk8U0vcnC3dQLyhImVHImBbNIsg2AqpW6.
PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1331913547;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE access_tokens (
    digest     BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The sign-in or the API key it came from: exactly one of the two.
    session_id INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
    key_id     INTEGER REFERENCES api_keys (id) ON DELETE CASCADE,
    expires    INTEGER NOT NULL,
    CHECK ((session_id IS NULL) <> (key_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO "access_tokens" VALUES(X'06BA74BA9658FC7AE4D526A5579B41F8629088E89D1802ECBFD38593E2D0B56F',1,NULL,2,4102444800000);
INSERT INTO "access_tokens" VALUES(X'B9EC6DEEC218A16BE92FD501E9B529FC08C117ABD1730B7ED034FC8CB674CCFC',1,1,NULL,4102444800000);
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
INSERT INTO "api_keys" VALUES(1,'304cd5e2-77f2-4ab7-ac74-de47f06534b9',1,'never used',X'F65702140A365F62F542E865579DC125CB867CCA3CC45DDDE61BE3EE8387B462','occ_HCEd','VdoV',1795607675151,NULL,0,0);
INSERT INTO "api_keys" VALUES(2,'054302f8-8cfd-45c6-8d34-6a7036a82086',1,'in use',X'E5E0FA572AA5E0ABC068924090976DDED56679FE3B5C90705918ED90DB951D8E','occ_IyHq','qpW6',1795607675153,1795607675154,42,2);
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
INSERT INTO "refresh_tokens" VALUES(X'716B6A093F6E404A13451D744C9DE0A3C43DDA08CF09CFC54D8F52B3861AE9E9',1,NULL,NULL,NULL);
CREATE TABLE sessions (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL,
    ended   INTEGER
) STRICT;
INSERT INTO "sessions" VALUES(1,1,4102444800000,NULL);
CREATE TABLE usage (
    key_id     INTEGER NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    successful INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "usage" VALUES(2,20782,42,2);
CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created       INTEGER NOT NULL
) STRICT;
INSERT INTO "users" VALUES(1,'ada@example.com','$argon2id$v=19$m=19456,t=2,p=1$EBlFN+Csl31XuGDEORhh9Q$JF/eMoXx/3u6xZCNsfh2D85jLnhCD4CnQ4i8Y2BRPnI',1795607674528);
CREATE INDEX api_keys_of_user ON api_keys (user_id);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE INDEX access_tokens_of_user ON access_tokens (user_id);
CREATE INDEX access_tokens_of_session ON access_tokens (session_id);
CREATE INDEX access_tokens_of_key ON access_tokens (key_id);
COMMIT;

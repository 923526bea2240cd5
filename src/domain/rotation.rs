//! Rotation by evidence: a key gets a successor, the successor is put in its place, and only when
//! the old key's silence says that nobody uses it any more is it offered to be revoked (issue 6).

pub mod evidence;
pub mod habit;

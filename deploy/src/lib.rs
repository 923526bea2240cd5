//! What a server has to send with the built site, said once.
//!
//! [`headers`] is the source. From it come the local server's answers, the `<meta>` elements of
//! the page ([`page`]) and the configurations of other servers ([`servers`]). [`address`] is where
//! the Key API and the site lie.

pub mod address;
pub mod headers;
pub mod page;
pub mod servers;

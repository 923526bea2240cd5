//! What the front end does at a server, told apart by method and path.

use std::fmt;

/// One of the eight things that a browser asks of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Everything that is not one of the others: the page and its files.
    LoadAssets,
    /// `POST /auth/access-token`.
    SignIn,
    /// `POST /auth/refresh-token`.
    Refresh,
    /// `GET /keys/`.
    List,
    /// `PUT /keys/`.
    Create,
    /// `DELETE /keys/{uuid}`.
    Revoke,
    /// `GET /keys/{uuid}/usage`.
    Usage,
    /// `POST /auth/revoke`.
    SignOut,
}

impl Operation {
    /// All of them, in the order in which a user meets them.
    pub const ALL: [Self; 8] = [
        Self::LoadAssets,
        Self::SignIn,
        Self::Refresh,
        Self::List,
        Self::Create,
        Self::Revoke,
        Self::Usage,
        Self::SignOut,
    ];

    /// The operation of a request. `target` is the path with or without a query.
    pub fn of(method: &str, target: &str) -> Self {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let keys = path.strip_prefix("/keys/");
        match (method, path, keys) {
            ("POST", "/auth/access-token", _) => Self::SignIn,
            ("POST", "/auth/refresh-token", _) => Self::Refresh,
            ("POST", "/auth/revoke", _) => Self::SignOut,
            ("GET", _, Some("")) => Self::List,
            ("PUT", _, Some("")) => Self::Create,
            ("GET", _, Some(rest)) if is_usage(rest) => Self::Usage,
            ("DELETE", _, Some(uuid)) if is_segment(uuid) => Self::Revoke,
            _ => Self::LoadAssets,
        }
    }

    /// The name that cells bear, such as `sign-in`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoadAssets => "load",
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
            Self::List => "list",
            Self::Create => "create",
            Self::Revoke => "revoke",
            Self::Usage => "usage",
            Self::SignOut => "sign-out",
        }
    }

    /// The operation of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_usage(rest: &str) -> bool {
    rest.strip_suffix("/usage").is_some_and(is_segment)
}

fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_told_by_method_and_path() {
        let cases = [
            ("GET", "/", Operation::LoadAssets),
            ("GET", "/occam-keys-1_bg.wasm", Operation::LoadAssets),
            ("GET", "/auth/access-token?key=1", Operation::LoadAssets),
            ("OPTIONS", "/keys/", Operation::LoadAssets),
            ("POST", "/auth/access-token", Operation::SignIn),
            ("POST", "/auth/refresh-token", Operation::Refresh),
            ("POST", "/auth/revoke", Operation::SignOut),
            ("GET", "/keys/", Operation::List),
            ("GET", "/keys/?settings=1", Operation::List),
            ("PUT", "/keys/", Operation::Create),
            ("DELETE", "/keys/0-1", Operation::Revoke),
            ("GET", "/keys/0-1/usage", Operation::Usage),
            ("GET", "/keys//usage", Operation::LoadAssets),
            ("GET", "/keys/0-1/usage/2", Operation::LoadAssets),
        ];
        for (method, target, operation) in cases {
            assert_eq!(Operation::of(method, target), operation, "{method} {target}");
        }
    }

    #[test]
    fn names_lead_back_to_operations() {
        for operation in Operation::ALL {
            assert_eq!(Operation::named(operation.name()), Some(operation));
        }
        assert_eq!(Operation::named("lunch"), None);
    }
}

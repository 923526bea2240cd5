//! What somebody asks of the table: a search, an order, filters and a page. All of it stands in
//! the address, so that a reload, Back and a shared link show the same.

use contract::Timestamp;

use crate::domain::key::ApiKey;
use crate::domain::time::DAY_MILLIS;

/// A key that was not used for this many days is stale.
pub const STALE_DAYS: i64 = 90;

/// What is asked of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is searched for; empty for all keys.
    pub search: String,
    /// The order.
    pub sort: Sort,
    /// Which last uses are wanted; `None` for any.
    pub used: Option<Use>,
    /// How old keys may be; `None` for any age.
    pub created: Option<Age>,
    /// The page on show where the table has pages, from 1 on.
    pub page: usize,
}

/// An order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: Column,
    /// From the last to the first.
    pub descending: bool,
}

/// What a key can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name, as people order names.
    Name,
    /// The masked key.
    Key,
    /// When the key was made.
    Created,
    /// When it was last used; a key that never was comes before all that were.
    LastUsed,
}

/// A filter by last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Used within this time.
    Within(Age),
    /// Not used for [`STALE_DAYS`] days, and made before that.
    Stale,
    /// Never used.
    Never,
}

/// A time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Query {
    /// Every key, newest first.
    pub const ALL: Self = Self {
        search: String::new(),
        sort: Sort::NEWEST_FIRST,
        used: None,
        created: None,
        page: 1,
    };

    /// Reads the decoded pairs of an address. What is not understood is left out.
    pub fn from_pairs(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut query = Self::ALL;
        for (name, value) in pairs {
            match name.as_str() {
                "q" => query.search = value,
                "sort" => query.sort = Sort::parse(&value).unwrap_or(query.sort),
                "used" => query.used = Use::parse(&value),
                "created" => query.created = Age::parse(&value),
                "page" => query.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        query
    }

    /// The pairs that [`Query::from_pairs`] reads back; only what differs from [`Query::ALL`].
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if self.sort != Sort::NEWEST_FIRST {
            pairs.push(("sort", self.sort.to_text()));
        }
        if let Some(used) = self.used {
            pairs.push(("used", used.as_str().to_owned()));
        }
        if let Some(created) = self.created {
            pairs.push(("created", created.as_str().to_owned()));
        }
        if self.page > 1 {
            pairs.push(("page", self.page.to_string()));
        }
        pairs
    }

    /// Whether a filter is set.
    pub fn filters(&self) -> bool {
        self.used.is_some() || self.created.is_some()
    }

    /// The same order, with nothing hidden.
    pub fn widened(&self) -> Self {
        Self { sort: self.sort, ..Self::ALL }
    }

    /// Whether the filters, but not the search, let `key` through at the time `now`.
    pub fn admits(&self, key: &ApiKey, now: Timestamp) -> bool {
        self.used.is_none_or(|used| used.admits(key, now))
            && self.created.is_none_or(|age| age.covers(key.created, now))
    }
}

impl Sort {
    /// The order of a table that nobody has ordered.
    pub const NEWEST_FIRST: Self = Self { by: Column::Created, descending: true };

    /// Reads `name` or `-name`.
    pub fn parse(text: &str) -> Option<Self> {
        let (descending, column) = match text.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, text),
        };
        Column::ALL.into_iter().find(|it| it.as_str() == column).map(|by| Self { by, descending })
    }

    /// What [`Sort::parse`] reads back.
    pub fn to_text(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.as_str())
    }

    /// The order after a click on the header of `column`: the column's own first, the other way
    /// round with the next click.
    pub fn toggled(self, column: Column) -> Self {
        match self.by == column {
            true => Self { by: column, descending: !self.descending },
            // Of times, the latest is what people look for.
            false => Self {
                by: column,
                descending: matches!(column, Column::Created | Column::LastUsed),
            },
        }
    }
}

impl Column {
    /// All columns, in the order in which they stand.
    pub const ALL: [Self; 4] = [Self::Name, Self::Key, Self::Created, Self::LastUsed];

    /// Its name in an address and in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Key => "key",
            Self::Created => "created",
            Self::LastUsed => "last-used",
        }
    }
}

impl Use {
    /// All choices, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Within(Age::Day),
        Self::Within(Age::Week),
        Self::Within(Age::Month),
        Self::Stale,
        Self::Never,
    ];

    /// Reads what [`Use::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Its name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Within(age) => age.as_str(),
            Self::Stale => "stale",
            Self::Never => "never",
        }
    }

    /// Whether a key was last used then, as of the time `now`.
    pub fn admits(self, key: &ApiKey, now: Timestamp) -> bool {
        let idle_since = key.last_used.unwrap_or(key.created);
        match self {
            Self::Within(age) => key.last_used.is_some_and(|at| age.covers(at, now)),
            Self::Stale => ago(idle_since, now) > STALE_DAYS * DAY_MILLIS,
            Self::Never => key.last_used.is_none(),
        }
    }
}

impl Age {
    /// All choices, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Reads what [`Age::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Its name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// Whether `then` is no longer ago than this. What lies in the future is: the server's clock
    /// may be ahead.
    fn covers(self, then: Timestamp, now: Timestamp) -> bool {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        };
        ago(then, now) <= days * DAY_MILLIS
    }
}

fn ago(then: Timestamp, now: Timestamp) -> i64 {
    now.unix_millis().saturating_sub(then.unix_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn key(created_days_ago: i64, used_days_ago: Option<i64>) -> ApiKey {
        let ago = |days: i64| Timestamp::from_unix_millis(NOW.unix_millis() - days * DAY_MILLIS);
        ApiKey {
            id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
            name: "ci-bot".to_owned(),
            masked: "occ_…".to_owned(),
            created: ago(created_days_ago),
            last_used: used_days_ago.map(ago),
        }
    }

    fn with(used: Option<Use>, created: Option<Age>) -> Query {
        Query { used, created, ..Query::ALL }
    }

    #[test]
    fn a_last_use_is_within_a_time_or_not() {
        let week = with(Some(Use::Within(Age::Week)), None);
        assert!(week.admits(&key(100, Some(7)), NOW));
        assert!(!week.admits(&key(100, Some(8)), NOW));
        assert!(!week.admits(&key(0, None), NOW), "made is not used");
        assert!(week.admits(&key(1, Some(-1)), NOW), "the server's clock is ahead");
    }

    #[test]
    fn a_key_is_stale_when_nothing_happened_for_ninety_days() {
        let stale = with(Some(Use::Stale), None);
        assert!(stale.admits(&key(400, Some(91)), NOW));
        assert!(!stale.admits(&key(400, Some(90)), NOW));
        assert!(stale.admits(&key(91, None), NOW), "never used, and old enough to have been");
        assert!(!stale.admits(&key(3, None), NOW), "a new key is not stale");
    }

    #[test]
    fn filters_hold_together() {
        let query = with(Some(Use::Never), Some(Age::Day));
        assert!(query.admits(&key(1, None), NOW));
        assert!(!query.admits(&key(2, None), NOW));
        assert!(!query.admits(&key(1, Some(0)), NOW));
        assert!(query.filters() && !query.widened().filters());
    }

    #[test]
    fn a_header_turns_its_own_order_and_begins_another() {
        let by_name = Sort::NEWEST_FIRST.toggled(Column::Name);
        assert_eq!(by_name, Sort { by: Column::Name, descending: false });
        assert_eq!(by_name.toggled(Column::Name), Sort { by: Column::Name, descending: true });
        assert_eq!(by_name.toggled(Column::Created), Sort::NEWEST_FIRST);
    }
}

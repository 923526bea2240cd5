//! Which keys the page of the usage of all keys shows, and in which order.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::usage_board::Measured;
use crate::domain::health::findings;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::query::{Column, Sort};
use crate::domain::table::selection::Selection;
use crate::domain::table::window::{page, pages};
use crate::domain::usage_board::{Measure, Tally, UsageBoard};
use crate::pages::workspace::Workspace;
use crate::pages::workspace::listing::ordered;
use crate::reactive::Effect;

/// While answers come in, the ranking follows them this often: rows that move all the time cannot
/// be read.
const RANKED_ANEW: Duration = Duration::from_secs(2);

/// Which keys are on show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    All,
    Chosen,
    WorthALook,
}

/// The keys, ranked by their usage as it was known a moment ago, a page at a time. A handle: copies
/// name the same.
#[derive(Clone, Copy)]
pub(super) struct Ranking {
    /// By what they are ranked.
    pub(super) measure: Memo<Measure>,
    /// Which of them are on show.
    pub(super) show: RwSignal<Show>,
    /// The keys that were chosen to be compared.
    pub(super) chosen: RwSignal<Selection>,
    /// Whether all bars have one length.
    pub(super) normalised: RwSignal<bool>,
    /// All keys by name: equal ones then stand in an order that people know.
    pub(super) by_name: Memo<Vec<ApiKey>>,
    /// Those on show, in their order.
    pub(super) rows: Memo<Vec<ApiKey>>,
    /// How much is known of those on show.
    pub(super) tally: Memo<Tally>,
    /// How many pages they take.
    pub(super) pages: Memo<usize>,
    /// The page that was asked for, from 1 on.
    page: RwSignal<usize>,
    /// It counts the times that the order was made.
    turn: RwSignal<u32>,
}

impl Ranking {
    /// The ranking that the address asks for.
    pub(super) fn new(workspace: &Workspace) -> Self {
        let (keys, board) = (workspace.front.keys(), workspace.front.board());
        let measure = workspace.measure_asked_for();
        let (show, chosen) = (RwSignal::new(Show::All), RwSignal::new(Selection::default()));
        let turn = RwSignal::new(0_u32);
        let by_name = Memo::new(move |_| {
            keys.with(|keys| keys.value().map(|list| named(list))).unwrap_or_default()
        });
        let now = workspace.front.now();
        let rows = Memo::new(move |_| {
            turn.track();
            let (show, now) = (show.get(), now.get());
            let is_on_show = |board: &UsageBoard, key: &ApiKey| match show {
                Show::All => true,
                Show::Chosen => chosen.with(|chosen| chosen.contains(key.id)),
                Show::WorthALook => !findings(key, board.look(key.id).usage(), now).is_empty(),
            };
            by_name.with(|keys| {
                board.with_untracked(|board| {
                    let places = board.ranked(keys, measure.get());
                    let ranked = places.into_iter().filter_map(|place| keys.get(place));
                    ranked.filter(|key| is_on_show(board, key)).cloned().collect::<Vec<ApiKey>>()
                })
            })
        });
        let tally = Memo::new(move |_| rows.with(|rows| board.with(|board| board.tally(rows))));
        let pages = Memo::new(move |_| pages(rows.with(Vec::len)));
        let (normalised, page) = (RwSignal::new(false), RwSignal::new(1));
        Self { measure, show, chosen, normalised, by_name, rows, tally, pages, page, turn }
    }

    /// What the bars are measured against.
    pub(super) fn measured(self) -> Memo<Measured> {
        let Self { tally, normalised, .. } = self;
        Memo::new(move |_| {
            let tally = tally.get();
            Measured { requests: tally.requests, most: tally.most, normalised: normalised.get() }
        })
    }

    /// The rows of the page on show.
    pub(super) fn on_page(self) -> Memo<Vec<ApiKey>> {
        Memo::new(move |_| self.rows.with(|rows| rows[page(self.page(), rows.len())].to_vec()))
    }

    /// The page on show, from 1 on.
    pub(super) fn page(self) -> usize {
        self.page.get().clamp(1, self.pages.get())
    }

    /// Shows this page.
    pub(super) fn turn_to(self, page: usize) {
        self.page.set(page);
    }

    /// Follows what is learnt: now and again as long as something `is_loading`, and at its end.
    pub(super) fn follow(self, is_loading: Memo<bool>) {
        let rank = move || self.turn.update(|turn| *turn = turn.wrapping_add(1));
        Effect::new(move |_| {
            if !is_loading.get() {
                return rank();
            }
            if let Ok(clock) = set_interval_with_handle(rank, RANKED_ANEW) {
                on_cleanup(move || clock.clear());
            }
        });
    }
}

/// The identities of these keys.
pub(super) fn ids(keys: &[ApiKey]) -> Vec<KeyId> {
    keys.iter().map(|key| key.id).collect()
}

/// The keys of a list as people order names.
fn named(list: &KeyList) -> Vec<ApiKey> {
    ordered(list, Sort { by: Column::Name, descending: false })
}

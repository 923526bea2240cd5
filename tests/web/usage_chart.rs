//! The chart of a key's usage, for all that the five numbers can be.

use leptos::prelude::*;
use occam_keys::components::usage_chart::UsageChart;
use occam_keys::domain::usage::{Quota, Usage};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Stage, screen};

fn chart(successful: u64, failed: u64, quota: Quota) -> Stage {
    let usage = Usage { completed: successful + failed, successful, failed, quota, per_day: 58.44 };
    Stage::of(move || view! { <UsageChart name="ci-bot".to_owned() usage/> })
}

fn label() -> String {
    screen::one("[role=img]").get_attribute("aria-label").expect("the chart has a name")
}

#[wasm_bindgen_test]
async fn the_chart_the_text_and_the_table_say_the_same() {
    let _stage = chart(1270, 14, Quota::Within(62.5));
    assert_eq!(
        label(),
        "Usage of ci-bot: 1,270 successful and 14 failed requests, 98.9% successful; 58.4 \
         requests per day; quota used today: 62.5%.",
    );
    let table = screen::one("details table").text_content().expect("text");
    for figure in ["1,284", "1,270", "14", "98.9%", "58.4", "62.5%"] {
        assert!(table.contains(figure), "{figure} in {table}");
    }
    assert_eq!(screen::all(".stage .arc").len(), 2);
    assert_eq!(
        screen::one("[role=meter]").get_attribute("aria-valuetext").as_deref(),
        Some("62.5%")
    );
}

#[wasm_bindgen_test]
async fn no_requests_are_said_and_not_drawn() {
    let _stage = chart(0, 0, Quota::Unlimited);
    assert_eq!(label(), "Usage of ci-bot: no requests yet.");
    assert!(screen::all(".stage .arc").is_empty());
    assert!(screen::text().contains("This key has no quota."));
}

#[wasm_bindgen_test]
async fn one_request_and_a_billion_can_be_drawn() {
    for (successful, failed, arcs) in [(1, 0, 1), (0, 1, 1), (1_000_000_000, 1, 2)] {
        let _stage = chart(successful, failed, Quota::Unlimited);
        assert_eq!(screen::all(".stage .arc").len(), arcs);
        assert!(!screen::markup().contains("NaN"));
    }
    let _stage = chart(1_000_000_000, 1, Quota::Unlimited);
    assert!(screen::text().contains("1,000,000,001"));
}

#[wasm_bindgen_test]
async fn a_passed_quota_is_said_in_words_and_marks_its_limit() {
    let _stage = chart(10, 0, Quota::Over(250.0));
    assert!(screen::text().contains("250%"));
    assert!(screen::text().contains("Over quota"));
    assert_eq!(screen::one(".meter .fill").get_attribute("width").as_deref(), Some("100.00"));

    let _stage = chart(10, 0, Quota::Over(1e300));
    assert!(screen::text().contains("more than 100,000%"));
}

#[wasm_bindgen_test]
async fn a_quota_reads_as_the_api_says_it_and_almost_all_is_not_all() {
    for (percent, words) in [(0.7, "0.7%"), (2.9, "2.9%"), (57.3, "57.3%"), (99.9, "99.9%")] {
        let _stage = chart(9_999, 1, Quota::Within(percent));
        let said = screen::one("[role=meter]").get_attribute("aria-valuetext");
        assert_eq!(said.as_deref(), Some(words));
        assert!(label().contains("99.9% successful"), "{}", label());
    }
}

#[wasm_bindgen_test]
async fn figures_that_do_not_add_up_are_shown_with_a_note() {
    let usage =
        Usage { completed: 9, successful: 3, failed: 1, quota: Quota::Unlimited, per_day: 0.0 };
    let _stage = Stage::of(move || view! { <UsageChart name="ci-bot".to_owned() usage/> });
    assert!(screen::text().contains("do not add up"));
}

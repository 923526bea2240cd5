//! Instants in words.

use leptos::prelude::*;
use occam_keys::components::when::When;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, Stage, key, screen};

#[wasm_bindgen_test]
async fn the_text_is_relative_and_the_exact_time_is_within_reach() {
    let at = key("", Some(3 * 60 * 60 * 1000)).last_used.expect("it was used");
    let _stage = Stage::of(move || view! { <When at now=Signal::stored(NOW)/> });

    assert_eq!(screen::one("time").text_content().as_deref(), Some("3 hours ago"));
    assert_eq!(
        screen::one("time").get_attribute("datetime").as_deref(),
        Some("2026-11-23T14:48:21Z")
    );
    let exact = screen::one("[role=tooltip]").text_content().expect("text");
    assert!(exact.contains("2026") && exact.contains("48") && exact.contains("UTC"), "{exact}");
    assert_eq!(screen::one(".when").tab_index(), 0, "it can be reached by keyboard and touch");
}

#[wasm_bindgen_test]
async fn escape_dismisses_the_exact_time_without_moving_focus() {
    let _stage = Stage::of(|| view! { <When at=NOW now=Signal::stored(NOW)/> });
    let when = screen::one(".when");
    when.focus().expect("it takes focus");
    screen::press("Escape");
    screen::until("it is dismissed", || screen::one(".when").has_attribute("data-dismissed")).await;
    assert_eq!(screen::focused(), *when);
}

//! Every state of the tour can be used by everybody: seen light and dark, wide and narrow, from left
//! to right and from right to left, with colours that the system forces, and at a zoom of 400 %.

use std::panic::resume_unwind;
use std::thread;

use e2e::browser::Browser;
use e2e::inspection;
use e2e::tour::CHAPTERS;

#[test]
fn no_state_breaks_a_rule_of_axe_or_loses_anything_to_zoom_or_forced_colours() {
    let faults: Vec<String> = thread::scope(|scope| {
        // As many walk at once as browsers may run.
        let walks = CHAPTERS.map(|chapter| {
            let walk = move || inspection::faults(&Browser::start(), chapter);
            thread::Builder::new()
                .name(format!("tour-{}", chapter.0))
                .spawn_scoped(scope, walk)
                .expect("a thread can be started")
        });
        let walk = |walk: thread::ScopedJoinHandle<'_, _>| walk.join();
        walks.into_iter().flat_map(|it| walk(it).unwrap_or_else(|why| resume_unwind(why))).collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

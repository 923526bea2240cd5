//! Every state of the tour can be used by everybody: seen light and dark, wide and narrow, from left
//! to right and from right to left, with colours that the system forces, and at a zoom of 400 %.

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
            let thread = thread::Builder::new().name(format!("tour-{}", chapter.0));
            (chapter.0, thread.spawn_scoped(scope, walk).expect("a thread can be started"))
        });
        let ends = walks.into_iter().map(|(chapter, walk)| {
            // What kept it from its end, it has said itself.
            walk.join().unwrap_or_else(|_| vec![format!("{chapter} did not come to its end")])
        });
        ends.flatten().collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

//! The checks at the end of every test can fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use e2e::scene::Scene;
use e2e::server::Server;

#[test]
fn what_the_server_writes_is_found_in_its_log_and_its_database() {
    let server = Server::start();
    let email = server.account().email.clone();
    assert!(server.traces_of(&email).iter().any(|place| place.starts_with("keys.db")));
    assert_eq!(server.traces_of("GET /keys/"), Vec::<String>::new());
    assert!(server.api().keys("no-token").is_err());
    assert_eq!(server.requests("GET /keys/ 401"), 1);
    assert_eq!(server.traces_of("GET /keys/"), ["the log"]);
    server.stop();
    assert_eq!(server.traces_of(&email), ["keys.db"]);
    assert_eq!(server.traces_of("GET /keys/"), ["the log"]);
}

#[test]
fn a_scene_does_not_end_well_with_an_error_a_violation_or_a_secret_in_the_database() {
    let scene = Scene::open();
    scene.open_site();
    scene.browser().script("console.error('planted')");
    assert!(ends_badly(scene).contains("planted"));

    // Not even when its line was expected.
    let scene = Scene::open();
    scene.open_site();
    scene.browser().script("document.body.setAttribute('style', 'color: red')");
    scene.expect_in_console("Content Security Policy");
    assert!(ends_badly(scene).contains("a violation"));

    let server = Server::start();
    let email = server.account().email.clone();
    let scene = Scene::with(server);
    scene.keep_secret(&email);
    assert!(ends_badly(scene).contains("a secret stands in"));
}

fn ends_badly(scene: Scene) -> String {
    let end = catch_unwind(AssertUnwindSafe(|| drop(scene)));
    let message = end.expect_err("the scene ends badly").downcast::<String>();
    *message.expect("it says why")
}

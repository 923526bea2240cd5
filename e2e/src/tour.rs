//! A walk through every state of the site. Whoever looks at all of them (the pictures, the rules of
//! accessibility) walks here, so that a new state is added in one place.
//!
//! Each chapter is a walk of its own, through servers of its own, in any browser that is at no
//! page in particular.

mod dialogs;
mod faults;
mod frame;
mod incidents;
mod table;

use serde_json::json;

use crate::browser::Browser;
use crate::keys::KeysPage;
use crate::server::Server;
use crate::sign_in::SignInPage;

/// A part of the tour, with its name.
pub type Chapter = (&'static str, fn(&Tour<'_>));

/// The whole tour.
pub const CHAPTERS: [Chapter; 8] = [
    ("frame", frame::walk),
    ("languages", frame::walk_in_arabic),
    ("table", table::walk),
    ("many keys", table::walk_many),
    ("dialogs", dialogs::walk),
    ("incidents", incidents::walk),
    ("faults", faults::walk),
    ("faults of creations", faults::walk_creations),
];

/// The page of all components, in a site that was built with it.
pub const STYLEGUIDE: Chapter = ("styleguide", frame::walk_styleguide);

/// Who walks, and what they do where they stop.
#[expect(missing_debug_implementations, reason = "it holds a closure")]
pub struct Tour<'a> {
    browser: &'a Browser,
    look: &'a dyn Fn(&str),
}

/// How somebody looks at a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The colours that they prefer: `light` or `dark`.
    pub scheme: &'static str,
    /// The width of their window, in CSS pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Whether the system chooses the colours.
    pub forced_colors: bool,
}

impl View {
    /// A desktop in these colours.
    pub const fn desktop(scheme: &'static str) -> Self {
        Self { scheme, width: 1280, height: 800, forced_colors: false }
    }

    /// A phone in these colours.
    pub const fn phone(scheme: &'static str) -> Self {
        Self { scheme, width: 390, height: 844, forced_colors: false }
    }

    /// A window of 1280 by 1024 pixels at a zoom of 400 % (WCAG 2.2, 1.4.10).
    pub const ZOOMED: Self =
        Self { scheme: "light", width: 320, height: 256, forced_colors: false };

    /// Looks at the page on show this way.
    pub fn take(self, browser: &Browser) {
        let Self { scheme, width, height, forced_colors } = self;
        browser.resize(width, height);
        let forced = if forced_colors { "active" } else { "none" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
            { "name": "forced-colors", "value": forced },
        ]);
        browser.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
        settle(browser);
    }
}

/// Waits until the page has been drawn as it is going to stay.
pub fn settle(browser: &Browser) {
    browser.script(
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
    );
    // What stays as its animation left it is still among the animations.
    const MOVING: &str =
        "return document.getAnimations().filter((it) => it.playState === 'running').length";
    browser.until("all movement to end", || browser.script(MOVING) == 0);
}

/// Walks through a chapter, and looks at each state that it leads to.
pub fn walk(browser: &Browser, (_, chapter): Chapter, look: &dyn Fn(&str)) {
    View::desktop("light").take(browser);
    chapter(&Tour { browser, look });
}

impl<'a> Tour<'a> {
    /// Stops at a state of this name.
    fn stop(&self, state: &str) {
        settle(self.browser);
        (self.look)(state);
        View::desktop("light").take(self.browser);
    }

    fn sign_in(&self, server: &Server) -> KeysPage<'a> {
        self.browser.goto(&server.origin());
        SignInPage::on(self.browser).sign_in(server.account());
        KeysPage::on(self.browser)
    }
}

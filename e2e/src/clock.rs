//! The clocks of a page, which a test can put forward: the wall clock and the one that only goes
//! forward. They stay so across a reload.

use std::time::Duration;

use crate::browser::Browser;

/// The clocks of every page of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a>(&'a Browser);

impl<'a> Clock<'a> {
    /// Those of every page from the next one on.
    pub fn of(browser: &'a Browser) -> Self {
        browser.before_every_page(
            "const wall = Date.now, monotonic = performance.now.bind(performance);
             const ahead = () => Number(localStorage.getItem('test.ahead') ?? 0);
             // A page begins at zero, however late it is.
             const start = ahead();
             Date.now = () => wall() + ahead();
             performance.now = () => monotonic() + ahead() - start;
             window.setClock = (millis) => localStorage.setItem('test.ahead', millis - wall());",
        );
        Self(browser)
    }

    /// Sets the wall clock to what this JavaScript says, in milliseconds since the Unix epoch; the
    /// other one goes on by as much.
    pub fn set(self, millis: &str) {
        self.0.script(&format!("window.setClock({millis})"));
    }

    /// Puts both clocks forward by this time.
    pub fn go_on(self, by: Duration) {
        self.set(&format!("Date.now() + {}", by.as_millis()));
    }
}

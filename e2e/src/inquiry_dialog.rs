//! The dialog that says what became of a key whose answer was lost.

use crate::browser::Browser;
use crate::locator::Locator;

/// The dialog.
#[derive(Clone, Copy, Debug)]
pub struct InquiryDialog<'a>(&'a Browser);

/// What the dialog says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// That the search goes on.
    Looking,
    /// That there are keys now that were not there before.
    Found,
    /// That there is none so far.
    NotFound,
    /// That nothing could be seen.
    Unseen,
}

/// The name under which the tab remembers, across a reload, what it asks about.
const NOTE: &str = "occam-keys.creation";

impl<'a> InquiryDialog<'a> {
    /// Waits until the dialog asks about the key of this name.
    #[track_caller]
    pub fn on(browser: &'a Browser, name: &str) -> Self {
        browser.heading(&format!("Was “{name}” made?")).wait();
        Self(browser)
    }

    /// What it says now.
    ///
    /// # Panics
    /// If it says none of what it may say.
    pub fn statement(self) -> Statement {
        let words = self.0.script(
            "return document.querySelector('dialog[open] .inquiry-verdict')?.innerText ?? ''",
        );
        let words = words.as_str().unwrap_or_default();
        let says = |part: &str| words.contains(part);
        match () {
            () if says("Looking for it in your list…") => Statement::Looking,
            () if says("in your list now that") => Statement::Found,
            () if says("Not found in your list so far.") => Statement::NotFound,
            () if says("Your list could not be read") => Statement::Unseen,
            () => panic!("the dialog says {words:?}"),
        }
    }

    /// Waits until it no longer looks, and gives what it says then.
    #[track_caller]
    pub fn until_decided(self) -> Statement {
        let mut statement = Statement::Looking;
        self.0.until("the search to come to an end", || {
            statement = self.statement();
            statement != Statement::Looking
        });
        statement
    }

    /// The UUIDs of the keys that it offers to revoke.
    pub fn offered(self) -> Vec<String> {
        let offered = self.0.script(
            "return [...document.querySelectorAll('dialog[open] .candidate')]
                .filter((it) => it.querySelector('button')?.innerText === 'Revoke it')
                .map((it) => [...it.querySelectorAll('code')].at(-1).innerText)",
        );
        let offered = offered.as_array().cloned().unwrap_or_default();
        offered.iter().filter_map(|uuid| uuid.as_str().map(str::to_owned)).collect()
    }

    /// What revokes the first key that was found.
    pub fn revoke(self) -> Locator<'a> {
        self.0.button("Revoke it")
    }

    /// What makes the same key again.
    pub fn again(self) -> Locator<'a> {
        self.0.button("Try again")
    }

    /// What makes another key.
    pub fn another(self) -> Locator<'a> {
        self.0.button("Make another")
    }

    /// What looks at the list again.
    pub fn look_again(self) -> Locator<'a> {
        self.0.button("Look again")
    }

    /// Closes the dialog.
    #[track_caller]
    pub fn close(self) {
        self.0.button("Close").click();
        self.0.css("dialog[open]").wait_gone();
    }
}

/// What the tab remembers of a creation whose outcome it does not know.
pub fn note(browser: &Browser) -> Option<String> {
    let note = browser.script(&format!("return sessionStorage.getItem('{NOTE}')"));
    note.as_str().map(str::to_owned)
}

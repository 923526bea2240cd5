//! The dialog that asks before a key is revoked.

use crate::browser::Browser;
use crate::locator::Locator;

/// The dialog.
#[derive(Clone, Copy, Debug)]
pub struct RevokeDialog<'a>(&'a Browser);

impl<'a> RevokeDialog<'a> {
    /// Waits until the dialog asks about the key of this name.
    #[track_caller]
    pub fn on(browser: &'a Browser, name: &str) -> Self {
        browser.heading(&format!("Revoke “{name}”?")).wait();
        Self(browser)
    }

    /// The field for the key's name.
    pub fn typed_name(self) -> Locator<'a> {
        self.0.css("dialog[open] input")
    }

    /// Confirms.
    #[track_caller]
    pub fn confirm(self) {
        self.0.button("Revoke key").click();
    }

    /// What the dialog complains of at the field.
    #[track_caller]
    pub fn complaint(self) -> String {
        self.0.css("dialog[open] .field [role=alert]:not(:empty)").text()
    }

    /// Waits until the dialog is closed.
    #[track_caller]
    pub fn until_closed(self) {
        self.0.css("dialog[open]").wait_gone();
    }
}

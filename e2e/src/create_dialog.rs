//! The dialog that makes a key and shows its secret once.

use crate::browser::Browser;
use crate::locator::Locator;

/// The dialog, in either of its two steps.
#[derive(Clone, Copy, Debug)]
pub struct CreateDialog<'a>(&'a Browser);

impl<'a> CreateDialog<'a> {
    /// Waits until the dialog asks for a name.
    #[track_caller]
    pub fn on(browser: &'a Browser) -> Self {
        browser.heading("Create an API key").wait();
        Self(browser)
    }

    /// The dialog that shows a secret already.
    #[track_caller]
    pub fn on_secret(browser: &'a Browser) -> Self {
        browser.css("dialog[open] .secret").wait();
        Self(browser)
    }

    /// The field for the name.
    pub fn name(self) -> Locator<'a> {
        self.0.field("Name")
    }

    /// The button that makes the key.
    pub fn submit(self) -> Locator<'a> {
        self.0.button("Create")
    }

    /// Names the key, makes it, and waits for the secret, still concealed.
    #[track_caller]
    pub fn create(self, name: &str) {
        self.name().fill(name);
        self.submit().click();
        self.until_it_shows(name);
    }

    /// Waits until the dialog shows the secret of the key of this name.
    #[track_caller]
    pub fn on_secret_of(browser: &'a Browser, name: &str) -> Self {
        let dialog = Self(browser);
        dialog.until_it_shows(name);
        dialog
    }

    /// Waits for the second step.
    #[track_caller]
    pub fn until_it_shows(self, name: &str) {
        self.0.heading(&format!("Copy the key “{name}” now")).wait();
    }

    /// The place of the secret as long as it is concealed.
    pub fn concealed(self) -> Locator<'a> {
        self.0.field("Key, concealed")
    }

    /// The secret, once it is revealed.
    pub fn secret(self) -> Locator<'a> {
        self.0.css("[data-testid=secret]")
    }

    /// Reveals the secret and gives it.
    #[track_caller]
    pub fn reveal(self) -> String {
        self.0.button("Reveal").click();
        let secret = self.secret().text();
        assert!(secret.starts_with("occ_"), "{:?} is no secret", secret);
        secret
    }

    /// Copies the secret.
    #[track_caller]
    pub fn copy(self) {
        self.0.button("Copy").click();
    }

    /// What is said of the attempt to copy.
    #[track_caller]
    pub fn status(self) -> String {
        self.0.css(".secret [role=status]:not(:empty)").text()
    }

    /// Says that the secret is saved, which closes the dialog.
    #[track_caller]
    pub fn close_as_saved(self) {
        self.0.button("I have saved it").click();
        self.until_closed();
    }

    /// Waits until the dialog asks whether to leave a secret that nobody has copied.
    #[track_caller]
    pub fn until_it_asks(self) {
        self.0.see("You have not copied this key. Close anyway?");
        self.0.until_focus_is_on("Keep open");
    }

    /// Waits until the dialog is closed.
    #[track_caller]
    pub fn until_closed(self) {
        self.0.css("dialog[open]").wait_gone();
    }
}

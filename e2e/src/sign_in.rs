//! The sign-in page.

use crate::browser::Browser;
use crate::locator::Locator;
use crate::server::Account;

/// The form that `index.html` holds.
#[derive(Clone, Copy, Debug)]
pub struct SignInPage<'a>(&'a Browser);

impl<'a> SignInPage<'a> {
    /// Waits until the form is on show.
    #[track_caller]
    pub fn on(browser: &'a Browser) -> Self {
        let page = Self(browser);
        browser.heading("Sign in to Occam Keys").wait();
        page
    }

    /// The user name.
    pub fn email(self) -> Locator<'a> {
        self.0.field("Email")
    }

    /// The password.
    pub fn password(self) -> Locator<'a> {
        self.0.field("Password")
    }

    /// The button.
    pub fn submit(self) -> Locator<'a> {
        self.0.button("Sign in")
    }

    /// Fills in the form and submits it.
    #[track_caller]
    pub fn sign_in(self, account: &Account) {
        self.email().fill(&account.email);
        self.password().fill(&account.password);
        self.submit().click();
    }

    /// What the form complains of, as soon as it does.
    #[track_caller]
    pub fn complaint(self) -> String {
        self.0.css("form [role=alert]:not(:empty)").text()
    }
}

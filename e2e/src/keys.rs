//! The page of all keys.

use crate::browser::Browser;
use crate::create_dialog::CreateDialog;
use crate::locator::Locator;
use crate::revoke_dialog::RevokeDialog;
use crate::usage::UsagePage;

/// The table of keys, with what is around it.
#[derive(Clone, Copy, Debug)]
pub struct KeysPage<'a>(&'a Browser);

impl<'a> KeysPage<'a> {
    /// Waits until the page is on show and the list has come.
    #[track_caller]
    pub fn on(browser: &'a Browser) -> Self {
        browser.heading("API keys").wait();
        browser.css("main [aria-busy=false]").wait();
        Self(browser)
    }

    /// The names in the table, from the top.
    pub fn names(self) -> Vec<String> {
        let names = self.0.script(
            "return [...document.querySelectorAll('[role=rowheader] bdi')].map(e => e.innerText)",
        );
        let names = names.as_array().cloned().unwrap_or_default();
        names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    /// Waits until the table shows keys of these names, in this order.
    #[track_caller]
    pub fn until_names_are(self, names: &[&str]) {
        self.0.until_or(
            || {
                let shown = self.names();
                (shown == names).then_some(()).ok_or_else(|| format!("it shows {shown:?}"))
            },
            &format!("the table to show {names:?}"),
        );
    }

    /// The field that searches the table.
    pub fn search(self) -> Locator<'a> {
        self.0.css("input[type=search]")
    }

    /// Sets the filter of this name (`used` or `created`) to a value as it stands in the address;
    /// empty for all keys.
    #[track_caller]
    pub fn filter(self, name: &str, value: &str) {
        // On a phone they are folded away, until one of them hides keys.
        let fold = self.0.css(".fold[aria-expanded=false]");
        if fold.is_there() {
            fold.click();
        }
        self.0.css(&format!("select[name={name}] option[value='{value}']")).click();
    }

    /// Chooses a key, or no longer.
    #[track_caller]
    pub fn choose(self, name: &str) {
        self.0.checkbox(&format!("Select {name}")).click();
    }

    /// Says that this key has leaked, by a shortcut and a paste.
    #[track_caller]
    pub fn begin_drill(self, leaked: &str) {
        self.0.press("l");
        self.0.until_focus_is_on("Paste here");
        self.0.paste(leaked);
    }

    /// Opens the dialog that makes a key.
    #[track_caller]
    pub fn open_creation(self) -> CreateDialog<'a> {
        self.0.button("Create key").click();
        CreateDialog::on(self.0)
    }

    /// Opens the dialog that asks whether to revoke a key.
    #[track_caller]
    pub fn open_revocation(self, name: &str) -> RevokeDialog<'a> {
        self.0.button(&format!("Revoke {name}")).click();
        RevokeDialog::on(self.0, name)
    }

    /// Opens the page of a key.
    #[track_caller]
    pub fn open_usage(self, name: &str) -> UsagePage<'a> {
        self.0.link(&format!("Usage of {name}")).click();
        UsagePage::on(self.0, name)
    }

    /// Asks for the list again.
    #[track_caller]
    pub fn refresh(self) {
        self.0.button("Refresh").click();
    }

    /// Signs out.
    #[track_caller]
    pub fn sign_out(self) {
        self.0.button("Sign out").click();
    }
}

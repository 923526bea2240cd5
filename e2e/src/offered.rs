//! The files that a page offers its user.

use serde_json::Value;

use crate::browser::Browser;

/// The last file that a page has offered: it is kept, instead of handed to the browser.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a>(&'a Browser);

impl<'a> Offered<'a> {
    /// By every page from the next one on.
    pub fn by(browser: &'a Browser) -> Self {
        browser.before_every_page(
            "const made = new Map();
             const make = URL.createObjectURL;
             URL.createObjectURL = (blob) => {
                 const address = make.call(URL, blob);
                 made.set(address, blob);
                 return address;
             };
             HTMLAnchorElement.prototype.click = function () {
                 window.offered = [this.download, made.get(this.href)];
             };",
        );
        Self(browser)
    }

    /// Waits for a file. Gives its name, and what this JavaScript makes of its `blob`.
    #[track_caller]
    pub fn file(self, read: &str) -> (Value, Value) {
        let browser = self.0;
        browser.until("a file", || browser.script("return Boolean(window.offered)") == true);
        let file = browser.script(&format!(
            "const [name, blob] = window.offered;
             delete window.offered;
             return ({read}).then((read) => [name, read]);"
        ));
        (file[0].clone(), file[1].clone())
    }

    /// Waits for a file of text. Gives its name and the text.
    #[track_caller]
    pub fn text(self) -> (String, String) {
        let (name, text) = self.file("blob.text()");
        let owned = |it: Value| it.as_str().unwrap_or_default().to_owned();
        (owned(name), owned(text))
    }
}

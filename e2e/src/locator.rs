//! Parts of a page, found as a user finds them: by what they are and what they are called.

use serde_json::{Value, json};

use crate::browser::{Browser, Engine, key};
use crate::webdriver::{ELEMENT, Refusal};

/// What a part of a page is, in the words of WAI-ARIA.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Button,
    Link,
    Heading,
    /// A field for a line of text, a password too.
    Textbox,
    Radio,
    Checkbox,
}

/// A part of the page. It is looked for anew each time something is done with it, until it is
/// there or the deadline has passed.
#[derive(Clone, Copy, Debug)]
pub struct Locator<'a> {
    browser: &'a Browser,
    sought: Sought<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Sought<'a> {
    Named(Role, &'a str),
    Css(&'a str),
}

/// Yields what matches a selector, and its texts: with a name, only what may be called so, by any of
/// the texts that a name is made of; without, all of it.
const CANDIDATES: &str = "
    const [selector, name] = arguments;
    const bare = (text) => text.replace(/\\s/g, '');
    const texts = (it) => {
        const labels = [...(it.ariaLabelledByElements ?? []), ...(it.labels ?? [])];
        return [it.ariaLabel ?? '', ...[...labels, it].map((part) => part.textContent)];
    };
    const all = [...document.querySelectorAll(selector)];
    const may = (it) => texts(it).some((text) => bare(text).includes(bare(name)));
    return {
        elements: name === null ? all : all.filter(may),
        texts: all.map((it) => texts(it).find((text) => text !== '') ?? ''),
    };
";

impl<'a> Locator<'a> {
    pub(crate) fn named(browser: &'a Browser, role: Role, name: &'a str) -> Self {
        Self { browser, sought: Sought::Named(role, name) }
    }

    pub(crate) fn css(browser: &'a Browser, selector: &'a str) -> Self {
        Self { browser, sought: Sought::Css(selector) }
    }

    /// Waits until it is there.
    #[track_caller]
    pub fn wait(self) -> Self {
        self.with("be there", |_| Ok(()));
        self
    }

    /// Waits until it is gone.
    #[track_caller]
    pub fn wait_gone(self) {
        self.browser.until(&format!("{} to be gone", self.in_words()), || !self.is_there());
    }

    /// Whether it is there at this moment. What is not there is looked for by its name alone, among
    /// all that have one: a test that something is gone must not rest on how this finds things.
    pub fn is_there(self) -> bool {
        let is_found = self.find().is_ok();
        match self.sought {
            Sought::Named(role, name) => {
                is_found || self.find_named(role, name, Value::Null).is_ok()
            }
            Sought::Css(_) => is_found,
        }
    }

    /// Clicks it.
    #[track_caller]
    pub fn click(self) {
        self.with("take a click", |id| {
            self.browser.session().post(&format!("element/{id}/click"), json!({}))
        });
    }

    /// Clicks it if it is there and takes a click at this moment. Whether it did.
    pub fn try_click(self) -> bool {
        self.find().is_ok_and(|id| {
            self.browser.session().post(&format!("element/{id}/click"), json!({})).is_ok()
        })
    }

    /// Clicks it twice, as fast as can be.
    #[track_caller]
    pub fn double_click(self) {
        let press = [
            json!({ "type": "pointerDown", "button": 0 }),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        self.with("take a double click", |id| {
            let mut actions =
                vec![json!({ "type": "pointerMove", "origin": { ELEMENT: id }, "x": 0, "y": 0 })];
            actions.extend(press.iter().chain(&press).cloned());
            let mouse = json!({ "type": "pointer", "id": "mouse", "actions": actions });
            self.browser.session().post("actions", json!({ "actions": [mouse] }))
        });
    }

    /// Writes into it with the keyboard, instead of what is in it.
    #[track_caller]
    pub fn fill(self, text: &str) {
        // WebDriver's own "clear" is no keystroke, and pages do not notice it.
        let instead = if text.is_empty() { key::BACKSPACE } else { text };
        if self.browser.engine() == Engine::Firefox {
            // Its driver writes nothing after a key that was let go of.
            self.click();
            self.browser.press_together(&[key::CONTROL, "a"]);
            return self.browser.write(instead);
        }
        self.with("take text", |id| {
            let text = format!("{}a{}{instead}", key::CONTROL, key::LET_GO);
            self.browser.session().post(&format!("element/{id}/value"), json!({ "text": text }))
        });
    }

    /// Presses a key in it.
    #[track_caller]
    pub fn press(self, key: &str) {
        self.with("take a key", |id| {
            self.browser.session().post(&format!("element/{id}/value"), json!({ "text": key }))
        });
    }

    /// Its text, as it can be seen.
    #[track_caller]
    pub fn text(self) -> String {
        self.read("text")
    }

    /// What is in it, if it is a field.
    #[track_caller]
    pub fn value(self) -> String {
        self.read("property/value")
    }

    /// Its accessible name.
    #[track_caller]
    pub fn name(self) -> String {
        self.read("computedlabel")
    }

    /// Its role.
    #[track_caller]
    pub fn role(self) -> String {
        self.read("computedrole")
    }

    /// Whether it is chosen, if it is a choice.
    #[track_caller]
    pub fn is_chosen(self) -> bool {
        self.with("be a choice", |id| self.browser.session().get(&format!("element/{id}/selected")))
            == Value::Bool(true)
    }

    #[track_caller]
    fn read(self, what: &str) -> String {
        let value = self.with(&format!("have {what}"), |id| {
            self.browser.session().get(&format!("element/{id}/{what}"))
        });
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Does something with it, as soon as it is there and the browser lets it be done. What the
    /// browser refuses has not happened, so it may be tried again.
    #[track_caller]
    fn with<T>(self, what: &str, act: impl Fn(&str) -> Result<T, Refusal>) -> T {
        self.browser.until_or(
            || {
                let id = self.find()?;
                act(&id).map_err(|refusal| refusal.to_string())
            },
            &format!("{} to {what}", self.in_words()),
        )
    }

    /// The WebDriver id of the first that is displayed and is what is sought.
    fn find(self) -> Result<String, String> {
        match self.sought {
            // To ask for the name of each button of a page takes longer than all else in a test.
            Sought::Named(role, name) => self.find_named(role, name, json!(name)),
            Sought::Css(selector) => self.find_displayed(selector),
        }
    }

    fn find_displayed(self, selector: &str) -> Result<String, String> {
        let body = json!({ "using": "css selector", "value": selector });
        let session = self.browser.session();
        let found = session.post("elements", body).map_err(|refusal| refusal.to_string())?;
        let found = ids(&found).find(|id| self.get(id, "displayed") == true);
        found.map(str::to_owned).ok_or_else(|| "there is none to be seen".to_owned())
    }

    /// The first of this role and name among the [`CANDIDATES`] for `text`.
    fn find_named(self, role: Role, name: &str, text: Value) -> Result<String, String> {
        let body = json!({ "script": CANDIDATES, "args": [role.selector(), text] });
        let found = self.browser.session().post("execute/sync", body);
        let found = found.map_err(|refusal| refusal.to_string())?;
        // What is hidden, or inert behind a dialog, has no role for the user.
        let is_sought = |id: &&str| {
            self.get(id, "computedlabel") == name && self.get(id, "computedrole") == role.name()
        };
        let id = ids(&found["elements"]).find(is_sought);
        id.map(str::to_owned).ok_or_else(|| format!("there are only {}", found["texts"]))
    }

    /// What the browser says of an element. One that goes away meanwhile is none that is sought.
    fn get(self, id: &str, what: &str) -> Value {
        self.browser.session().get(&format!("element/{id}/{what}")).unwrap_or_default()
    }

    fn in_words(self) -> String {
        match self.sought {
            Sought::Named(role, name) => format!("the {} {name:?}", role.name()),
            Sought::Css(selector) => format!("{selector:?}"),
        }
    }
}

fn ids(elements: &Value) -> impl Iterator<Item = &str> {
    elements.as_array().into_iter().flatten().filter_map(|element| element[ELEMENT].as_str())
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Link => "link",
            Self::Heading => "heading",
            Self::Textbox => "textbox",
            Self::Radio => "radio",
            Self::Checkbox => "checkbox",
        }
    }

    /// What may have this role. Whether it has, the browser says.
    fn selector(self) -> &'static str {
        match self {
            Self::Button => "button, [role=button]",
            Self::Link => "a[href]",
            Self::Heading => "h1, h2, h3",
            Self::Textbox => "input, textarea, [role=textbox]",
            Self::Radio => "input[type=radio]",
            Self::Checkbox => "input[type=checkbox]",
        }
    }
}

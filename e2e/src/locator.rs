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

    /// Whether it is there at this moment.
    pub fn is_there(self) -> bool {
        self.find().is_ok()
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
        let session = self.browser.session();
        let selector = match self.sought {
            Sought::Named(role, _) => role.selector(),
            Sought::Css(selector) => selector,
        };
        let body = json!({ "using": "css selector", "value": selector });
        let found = session.post("elements", body).map_err(|refusal| refusal.to_string())?;
        let mut names = Vec::new();
        for element in found.as_array().into_iter().flatten() {
            let Some(id) = element[ELEMENT].as_str() else { continue };
            // One that goes away meanwhile is none that is sought.
            let get = |what: &str| session.get(&format!("element/{id}/{what}")).unwrap_or_default();
            let (role, name) = match self.sought {
                Sought::Named(role, name) => (role, name),
                Sought::Css(_) if get("displayed") == true => return Ok(id.to_owned()),
                Sought::Css(_) => continue,
            };
            let label = get("computedlabel");
            // What is hidden, or inert behind a dialog, has no role for the user.
            if label == name && get("computedrole") == role.name() {
                return Ok(id.to_owned());
            }
            names.extend(label.as_str().map(str::to_owned));
        }
        Err(match self.sought {
            Sought::Named(..) => format!("there are only {names:?}"),
            Sought::Css(_) => "there is none to be seen".to_owned(),
        })
    }

    fn in_words(self) -> String {
        match self.sought {
            Sought::Named(role, name) => format!("the {} {name:?}", role.name()),
            Sought::Css(selector) => format!("{selector:?}"),
        }
    }
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

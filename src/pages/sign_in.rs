//! Signing in, by the form that `index.html` already holds.
//!
//! The form is there before the app is: it can be filled in, and submitted, while the wasm loads.
//! So this page draws no form. It adopts the one there is, tells it what to say, and takes over
//! what `boot.js` held back. When a session lapses, the same form moves into a layer over the page
//! as it stands, and back when its owner has signed in again: see [`again`].

pub mod again;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlFormElement, HtmlInputElement};

use crate::access::Access;
use crate::api::{ApiError, Client};
use crate::browser::{format, last_resort, page, timer};
use crate::components::notice::Notice;
use crate::components::submit::{in_seconds, pause, taking_long};
use crate::domain::names::visible;
use crate::domain::secret::Secret;
use crate::reactive::Effect;
use crate::route::Route;
use crate::session::{Kept, Owner, Parting, Reason};
use crate::words::tr;

/// How the API's documents word the same.
const DOCUMENTED_REFUSAL: &str = "Invalid email or password";

/// The parts of the form in `index.html`.
#[derive(Clone)]
struct StaticForm {
    page: HtmlElement,
    /// What moves between the page and the layer: all that is on the page.
    card: HtmlElement,
    form: HtmlFormElement,
    username: HtmlInputElement,
    password: HtmlInputElement,
    submit: HtmlElement,
    error: HtmlElement,
    notice: HtmlElement,
    /// Says that an answer takes long.
    patience: HtmlElement,
}

/// Shows the sign-in form while nobody is signed in, and signs in with it: asks `client`, begins the
/// session of `access`, and gives `on_notice` what the user should know once they are signed in.
/// Lasts as long as the current owner. Yields whether an attempt is under way.
pub fn adopt_form(client: Client, access: Access, on_notice: Callback<Notice>) -> RwSignal<bool> {
    let pending = RwSignal::new(false);
    let Some(form) = StaticForm::find() else {
        last_resort::show_failure();
        return pending;
    };
    let session = access.session();
    // What the API asks to wait before the next attempt, in seconds.
    let asked = RwSignal::new(None);
    let left = pause(move || asked.get());
    let long = taking_long(Memo::new(move |_| pending.get()));
    Effect::new({
        let form = form.clone();
        move |_| form.show_progress(pending.get(), long.get(), left.get())
    });

    let on_submit = Closure::<dyn Fn(web_sys::Event)>::new({
        let (access, form) = (access.clone(), form.clone());
        move |event: web_sys::Event| {
            event.prevent_default();
            // Guarded here and not only by a disabled button, so that Enter is covered.
            if pending.get_untracked() || left.get_untracked().is_some() {
                return;
            }
            pending.set(true);
            let attempt = attempt(access.clone(), client.clone(), form.clone(), on_notice);
            spawn_local(async move {
                let result = attempt.await;
                pending.try_set(false);
                asked.try_set(result.err().and_then(|error| error.retry_after()));
            });
        }
    });
    form.form.set_onsubmit(Some(on_submit.as_ref().unchecked_ref()));
    let on_submit = StoredValue::new_local(on_submit);
    let adopted = StoredValue::new_local(form.form.clone());
    on_cleanup(move || {
        adopted.with_value(|form| form.set_onsubmit(None));
        on_submit.dispose();
    });

    let lapsed = Memo::new(move |_| session.has_lapsed());
    form.take_over_early_submit();
    timer::when_idle(move || {
        // Whoever signs in already waits for the answer, and would wait for this first. There is
        // time again when the keys have been asked for.
        if pending.try_get_untracked() == Some(false) {
            format::prepare();
        }
    });
    Effect::new(move |_| match session.signed_out() {
        Some(reason) => form.enter(reason),
        None if lapsed.get() => {}
        None => form.leave(),
    });
    pending
}

/// One attempt to sign in.
async fn attempt(
    access: Access,
    client: Client,
    form: StaticForm,
    on_notice: Callback<Notice>,
) -> Result<(), ApiError> {
    form.complain("");
    let username = form.username.value().trim().to_owned();
    let password = Secret::new(form.password.value());
    match client.sign_in(&username, &password).await {
        Ok(tokens) => {
            let owner = access.session().owner_untracked();
            if owner.is_some_and(|owner| !owner.is(&username)) {
                // What the one before looked at is not for this one.
                page::replace_hash(Route::START);
            }
            if access.begin(username, tokens) == Kept::InMemoryOnly {
                on_notice.run(Notice::of(tr(
                    "This browser does not let the site store anything: a reload will sign you \
                     out.",
                )));
            }
            Ok(())
        }
        Err(error) => {
            let Complaint { words, field } = complaint(&error);
            form.complain(&words);
            // Only a password that was found wrong is thrown away; after a lost connection the
            // same one is to be tried again.
            let field = match field {
                Some(Field::Username) => &form.username,
                Some(Field::Password) => {
                    form.password.set_value("");
                    &form.password
                }
                None => return Err(error),
            };
            // A visible input takes focus.
            let _ = field.focus();
            Err(error)
        }
    }
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Username,
    Password,
}

/// What to say of a failed attempt.
#[derive(Debug, PartialEq, Eq)]
struct Complaint {
    words: String,
    /// The field that is to be filled in anew.
    field: Option<Field>,
}

fn complaint(error: &ApiError) -> Complaint {
    let (words, field) = match error {
        ApiError::Unauthorized => (wrong_credentials(), Some(Field::Password)),
        ApiError::Refused(Some(sentence)) if sentence == DOCUMENTED_REFUSAL => {
            (wrong_credentials(), Some(Field::Password))
        }
        // Another reason, such as a locked account, is worth its own words.
        ApiError::Refused(Some(sentence)) => (sentence.clone(), Some(Field::Password)),
        ApiError::Invalid(_) => {
            let username = error.about_field("username").map(|it| (it, Field::Username));
            let password = error.about_field("password").map(|it| (it, Field::Password));
            match username.or(password) {
                Some((words, Field::Username)) => {
                    (format!("{}: {words}", tr("Email")), Some(Field::Username))
                }
                Some((words, Field::Password)) => {
                    (format!("{}: {words}", tr("Password")), Some(Field::Password))
                }
                None => (error.to_string(), None),
            }
        }
        ApiError::NotFound => (ApiError::NotAKeyApi.to_string(), None),
        _ => (error.to_string(), None),
    };
    Complaint { words, field }
}

/// The words for a user name or a password that is wrong. They do not say which.
fn wrong_credentials() -> String {
    tr("The email or the password is wrong.")
}

impl StaticForm {
    fn find() -> Option<Self> {
        Some(Self {
            page: element("sign-in")?,
            card: element("sign-in-card")?,
            form: element("sign-in-form")?,
            username: element("username")?,
            password: element("password")?,
            submit: element("sign-in-submit")?,
            error: element("sign-in-error")?,
            notice: element("sign-in-notice")?,
            patience: element("sign-in-patience")?,
        })
    }

    fn enter(&self, reason: Reason) {
        // The form comes with the reload that follows.
        if reason == Reason::Leaving {
            return self.leave();
        }
        page::set_title(&tr("Sign in"));
        let words = match reason {
            Reason::NotYet | Reason::Leaving => String::new(),
            Reason::Left(Parting::Told) => tr("You are signed out."),
            Reason::Left(Parting::Untold) => {
                tr("You are signed out in this browser. The Key API could not be told, so the \
                 session ends there by itself.")
            }
            Reason::Left(Parting::Elsewhere) => tr("You signed out in another tab."),
        };
        self.notice.set_text_content(Some(&words));
        self.page.set_hidden(false);
        if reason == Reason::NotYet {
            // The form was there first: whoever is typing into it is not disturbed. But it may
            // have been hidden for a session that turned out to be none.
            return page::rescue_focus("#username");
        }
        // A visible input takes focus.
        let _ = self.username.focus();
    }

    /// Moves the form into the layer at `place`, for `owner` to sign in again.
    fn enter_layer(&self, place: &HtmlElement, owner: &Owner) {
        page::set_title(&tr("Sign in"));
        self.notice.set_text_content(Some(&tr("Your session has ended. Sign in again to go on.")));
        self.complain("");
        self.username.set_value(&owner.username);
        self.begin_at_password(true);
        // The place is an element, which takes children.
        let _ = place.append_child(&self.card);
        // A visible input takes focus.
        let _ = self.password.focus();
    }

    /// Chooses the field that a dialog gives the focus to.
    fn begin_at_password(&self, at_password: bool) {
        let (username, password): (&HtmlElement, &HtmlElement) = (&self.username, &self.password);
        // Any element takes the attribute.
        let _ = username.set_autofocus(!at_password);
        let _ = password.set_autofocus(at_password);
    }

    /// Moves the form back.
    fn leave_layer(&self) {
        self.begin_at_password(false);
        self.password.set_value("");
        self.complain("");
        // The page is an element, which takes children.
        let _ = self.page.append_child(&self.card);
    }

    /// Hides the form and empties the password. The user name stays for when the session ends.
    fn leave(&self) {
        self.page.set_hidden(true);
        self.password.set_value("");
        self.complain("");
    }

    /// Says on the button what the form waits for: an answer, or so many seconds.
    fn show_progress(&self, pending: bool, long: bool, left: Option<u32>) {
        let words = match (pending, left) {
            (true, _) => tr("Signing in…"),
            (false, Some(seconds)) => in_seconds(&tr("Sign in"), seconds),
            (false, None) => tr("Sign in"),
        };
        self.submit.set_text_content(Some(&words));
        let patience = if long { tr("This is taking longer than usual.") } else { String::new() };
        self.patience.set_text_content(Some(&patience));
        let is_disabled = pending || left.is_some();
        for (element, name, on) in [
            (self.submit.as_ref(), "aria-disabled", is_disabled),
            (self.form.as_ref(), "aria-busy", pending),
        ] {
            let element: &web_sys::Element = element;
            // These are valid attribute names.
            let _ = element.set_attribute(name, if on { "true" } else { "false" });
        }
    }

    fn complain(&self, words: &str) {
        self.error.set_text_content(Some(&visible(words)));
    }

    /// Submits again what was submitted before the app was there, and tells `boot.js` that it is.
    fn take_over_early_submit(&self) {
        let data = self.form.dataset();
        // `adopted` and `held` are valid names of data attributes.
        let _ = data.set("adopted", "");
        if data.get("held").is_some() {
            data.delete("held");
            // What was held back had passed the browser's validation; if it no longer does, the
            // browser says so, and the button must not go on promising.
            self.show_progress(false, false, None);
            let _ = self.form.request_submit();
        }
    }
}

fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::FieldError;

    #[track_caller]
    fn check(error: ApiError, words: &str, field: Option<Field>) {
        let complaint = complaint(&error);
        assert!(complaint.words.contains(words), "{complaint:?}");
        assert_eq!(complaint.field, field, "{complaint:?}");
    }

    #[test]
    fn only_a_judged_password_is_called_wrong() {
        let refused = |sentence: &str| ApiError::Refused(Some(sentence.to_owned()));
        check(refused("Invalid email or password"), &wrong_credentials(), Some(Field::Password));
        check(ApiError::Unauthorized, &wrong_credentials(), Some(Field::Password));
        check(refused("Account locked"), "Account locked", Some(Field::Password));
        check(ApiError::NotAKeyApi, "address of the API is wrong", None);
        check(ApiError::NotFound, "address of the API is wrong", None);
        check(ApiError::Offline, "You are offline", None);
        let too_short =
            FieldError { field: "username".to_owned(), message: "Too short".to_owned() };
        check(ApiError::Invalid(vec![too_short]), "Email: Too short", Some(Field::Username));
    }
}

//! A reminder to rotate a key on a day, as a file for the calendar: the Key API knows no expiry,
//! and nobody has to be asked for one.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::domain::rotation::reminder::Day;
use crate::reactive::heard;
use crate::words::tr;

/// A field for the day, and the button that yields the file.
#[component]
pub fn RotateReminder(
    /// The user wants to be reminded on this day.
    on_remind: Callback<Day>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let is_missing = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else {
            return;
        };
        let day = Day::parse(&field.value());
        is_missing.set(day.is_none());
        match day {
            Some(day) => on_remind.run(day),
            // A field on a page takes focus.
            None => drop(field.focus()),
        }
    };
    let complaint = move || is_missing.get().then(|| tr("Choose a day."));
    view! {
        <section class="panel" aria-labelledby="reminder-title">
            <h2 id="reminder-title">{tr("Reminder to rotate")}</h2>
            <p class="muted">
                {tr("Keys of this API do not expire. A file for your calendar reminds you to \
                     replace this one.")}
            </p>
            <form class="reminder" novalidate on:submit=heard(submit)>
                <div class="field">
                    <label for="reminder-day">{tr("On this day")}</label>
                    <input
                        id="reminder-day"
                        type="date"
                        node_ref=field
                        aria-describedby="reminder-error"
                        aria-invalid=move || is_missing.get().then_some("true")
                    />
                    <p id="reminder-error" class="field-error" role="alert">{complaint}</p>
                </div>
                <button type="submit" class="button">{tr("Reminder for the calendar")}</button>
            </form>
        </section>
    }
}

//! Messages that come, stay long enough to be read, and go.

/// The least time that a message stays, in seconds, before the time to read it.
const LEAST_SECONDS: usize = 10;

/// Letters that a slow reader reads in a second.
const LETTERS_PER_SECOND: usize = 8;

/// More than this many at once are not read by anybody: the oldest goes.
const MOST: usize = 4;

/// The messages on show, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toasts<T> {
    shown: Vec<Toast<T>>,
    next_id: u32,
}

/// A message on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast<T> {
    /// Its own, among all that were ever shown.
    pub id: u32,
    /// What it says.
    pub message: T,
    seconds_left: usize,
}

impl<T> Default for Toasts<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), next_id: 0 }
    }
}

impl<T: Clone + PartialEq> Toasts<T> {
    /// Shows a message of so many letters. One that is on show already takes its place anew.
    pub fn show(&mut self, message: T, letters: usize) {
        self.shown.retain(|toast| toast.message != message);
        if self.shown.len() == MOST {
            self.shown.remove(0);
        }
        let seconds_left = LEAST_SECONDS + letters.div_ceil(LETTERS_PER_SECOND);
        self.shown.push(Toast { id: self.next_id, message, seconds_left });
        self.next_id = self.next_id.wrapping_add(1);
    }

    /// A second has passed in which they could be read. Whether any goes.
    pub fn pass_second(&mut self) -> bool {
        let before = self.shown.len();
        for toast in &mut self.shown {
            toast.seconds_left = toast.seconds_left.saturating_sub(1);
        }
        self.shown.retain(|toast| toast.seconds_left > 0);
        self.shown.len() < before
    }

    /// The user has read this one.
    pub fn dismiss(&mut self, id: u32) {
        self.shown.retain(|toast| toast.id != id);
    }

    /// What is on show.
    pub fn shown(&self) -> &[Toast<T>] {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(letters: usize) -> usize {
        let mut toasts = Toasts::default();
        toasts.show("message", letters);
        let mut seconds = 1;
        while !toasts.pass_second() {
            seconds += 1;
        }
        seconds
    }

    #[test]
    fn a_message_stays_ten_seconds_and_as_long_as_it_takes_to_read() {
        assert_eq!(seconds(0), 10);
        assert_eq!(seconds(1), 11);
        assert_eq!(seconds(80), 20);
    }

    #[test]
    fn messages_stack_and_the_oldest_makes_room() {
        let mut toasts = Toasts::default();
        for message in ["a", "b", "c", "d", "e"] {
            toasts.show(message, 0);
        }
        let shown: Vec<_> = toasts.shown().iter().map(|toast| toast.message).collect();
        assert_eq!(shown, ["b", "c", "d", "e"]);
    }

    #[test]
    fn the_same_message_is_shown_once_and_as_new() {
        let mut toasts = Toasts::default();
        toasts.show("a", 0);
        toasts.show("b", 0);
        let first = toasts.shown()[0].id;
        for _ in 0..9 {
            assert!(!toasts.pass_second());
        }
        toasts.show("a", 0);
        assert!(toasts.pass_second(), "the other one has had its time");
        let shown: Vec<_> = toasts.shown().iter().map(|toast| toast.message).collect();
        assert_eq!(shown, ["a"]);
        assert_ne!(toasts.shown()[0].id, first, "it is announced again");
    }

    #[test]
    fn only_the_one_that_was_dismissed_goes() {
        let mut toasts = Toasts::default();
        toasts.show("a", 0);
        toasts.show("b", 0);
        let id = toasts.shown()[0].id;
        toasts.dismiss(id);
        toasts.dismiss(id);
        assert_eq!(toasts.shown().len(), 1);
        assert_eq!(toasts.shown()[0].message, "b");
    }
}

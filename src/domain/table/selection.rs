//! Which keys are chosen, by identity: neither a refresh nor another order changes what is chosen.

use std::collections::HashSet;

use crate::domain::key::KeyId;

/// The chosen keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    chosen: HashSet<KeyId>,
    /// Where a range begins: the key that was chosen or let go last.
    anchor: Option<KeyId>,
}

/// How much of what is on show is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing.
    None,
    /// Some, but not all.
    Some,
    /// All.
    All,
}

impl Selection {
    /// Chooses `id`, or lets it go.
    pub fn toggle(&mut self, id: KeyId) {
        if !self.chosen.remove(&id) {
            self.chosen.insert(id);
        }
        self.anchor = Some(id);
    }

    /// Does to every key from the last one that was toggled to `id`, as they stand in `shown`,
    /// what toggling `id` would do to it. Without a beginning that is on show, only `id` is toggled.
    pub fn extend(&mut self, id: KeyId, shown: &[KeyId]) {
        let place = |of: KeyId| shown.iter().position(|it| *it == of);
        let (Some(from), Some(to)) = (self.anchor.and_then(place), place(id)) else {
            return self.toggle(id);
        };
        let choose = !self.contains(id);
        for id in &shown[from.min(to)..=from.max(to)] {
            match choose {
                true => self.chosen.insert(*id),
                false => self.chosen.remove(id),
            };
        }
        self.anchor = Some(id);
    }

    /// Chooses all of `shown`, or lets them go if all of them are chosen.
    pub fn toggle_all(&mut self, shown: &[KeyId]) {
        match self.extent(shown) {
            Extent::All => {
                for id in shown {
                    self.chosen.remove(id);
                }
            }
            Extent::None | Extent::Some => self.chosen.extend(shown),
        }
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Chooses exactly `ids`.
    pub fn set(&mut self, ids: impl IntoIterator<Item = KeyId>) {
        *self = Self { chosen: ids.into_iter().collect(), anchor: None };
    }

    /// Lets go of keys that no longer are.
    pub fn keep_only(&mut self, exists: impl Fn(KeyId) -> bool) {
        self.chosen.retain(|id| exists(*id));
    }

    /// Whether `id` is chosen.
    pub fn contains(&self, id: KeyId) -> bool {
        self.chosen.contains(&id)
    }

    /// How many are chosen.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// How much of `shown` is chosen.
    pub fn extent(&self, shown: &[KeyId]) -> Extent {
        match shown.iter().filter(|id| self.contains(**id)).count() {
            0 => Extent::None,
            count if count == shown.len() => Extent::All,
            _ => Extent::Some,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u8]) -> Vec<KeyId> {
        let id = |number: &u8| format!("00000000-0000-0000-0000-{number:012}").parse();
        numbers.iter().map(|number| id(number).expect("a uuid")).collect()
    }

    fn chosen(selection: &Selection) -> Vec<KeyId> {
        let mut chosen: Vec<KeyId> = selection.chosen.iter().copied().collect();
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn a_range_goes_from_the_last_key_to_this_one_as_they_stand() {
        let shown = ids(&[5, 3, 1, 4, 2]);
        let mut selection = Selection::default();
        selection.toggle(shown[1]);
        selection.extend(shown[3], &shown);
        assert_eq!(chosen(&selection), ids(&[1, 3, 4]));
        selection.extend(shown[2], &shown);
        assert_eq!(chosen(&selection), ids(&[3]), "a range that ends on a chosen key lets go");
    }

    #[test]
    fn a_range_whose_beginning_is_hidden_is_one_key() {
        let mut selection = Selection::default();
        selection.toggle(ids(&[9])[0]);
        let shown = ids(&[1, 2, 3]);
        selection.extend(shown[2], &shown);
        assert_eq!(chosen(&selection), ids(&[3, 9]), "what is hidden stays chosen");
    }

    #[test]
    fn all_means_all_on_show() {
        let shown = ids(&[1, 2]);
        let mut selection = Selection::default();
        selection.toggle(ids(&[9])[0]);
        assert_eq!(selection.extent(&shown), Extent::None);
        selection.toggle(shown[0]);
        assert_eq!(selection.extent(&shown), Extent::Some);
        selection.toggle_all(&shown);
        assert_eq!((selection.extent(&shown), selection.len()), (Extent::All, 3));
        selection.toggle_all(&shown);
        assert_eq!(chosen(&selection), ids(&[9]));
    }

    #[test]
    fn a_key_that_is_gone_is_not_chosen() {
        let mut selection = Selection::default();
        selection.set(ids(&[1, 2]));
        selection.keep_only(|id| id == ids(&[2])[0]);
        assert_eq!(chosen(&selection), ids(&[2]));
        selection.clear();
        assert!(selection.is_empty());
    }
}

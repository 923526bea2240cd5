//! The rotations that are under way, and what of them outlives the page: which keys, which counters
//! and when; never a name or a secret.

use std::fmt::Write as _;

use contract::Timestamp;

use super::evidence::{NewKey, OldKey, Restart, Watch};
use super::habit::Habit;
use super::{Rotation, Step};
use crate::domain::journal::entry::Figures;
use crate::domain::key::KeyId;
use crate::domain::renewal::Moment;
use crate::domain::time::END_OF_TIME;

/// How many rotations there are at most.
pub const MOST: usize = 20;

/// Rotations, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotations {
    all: Vec<Rotation>,
}

/// Why a rotation cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotBegin {
    /// The key is being rotated, or takes the place of another.
    UnderWay,
    /// There are [`MOST`].
    TooMany,
}

impl Rotations {
    /// All of them, those that are over as well.
    pub fn all(&self) -> &[Rotation] {
        &self.all
    }

    /// The rotation that this key is part of, as the old key or as the new one.
    pub fn of(&self, id: KeyId) -> Option<&Rotation> {
        self.all.iter().find(|it| it.old() == id || it.successor() == Some(id))
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, id: KeyId) -> Option<&mut Rotation> {
        self.all.iter_mut().find(|it| it.old() == id || it.successor() == Some(id))
    }

    /// Begins with the rotation of this key. One of it that is over makes room.
    ///
    /// # Errors
    /// Why it cannot begin.
    pub fn begin(&mut self, old: KeyId) -> Result<&mut Rotation, CannotBegin> {
        if self.of(old).is_some_and(|it| !it.is_over()) {
            return Err(CannotBegin::UnderWay);
        }
        self.dismiss(old);
        if self.all.len() >= MOST
            && let Some(over) = self.all.iter().position(Rotation::is_over)
        {
            self.all.remove(over);
        }
        if self.all.len() >= MOST {
            return Err(CannotBegin::TooMany);
        }
        self.all.push(Rotation::of(old));
        self.all.last_mut().ok_or(CannotBegin::TooMany)
    }

    /// Takes in the counters of a key, whatever rotation it is part of.
    pub fn see(&mut self, id: KeyId, figures: Figures, at: Moment) {
        if let Some(rotation) = self.of_mut(id) {
            rotation.see(id, figures, at);
        }
    }

    /// The dialog in which a successor was to be made is closed.
    pub fn give_up(&mut self) {
        self.all.iter_mut().for_each(Rotation::give_up);
    }

    /// Whether a successor that is about to be made here is made already by what `kept` says, which
    /// another tab has kept.
    pub fn is_overtaken_by(&self, kept: &Self) -> bool {
        let is_made = |old| kept.of(old).is_some_and(|it| it.successor().is_some());
        self.all.iter().any(|it| *it.step() == Step::Creating && is_made(it.old()))
    }

    /// This key is gone.
    pub fn gone(&mut self, id: KeyId) {
        if let Some(rotation) = self.of_mut(id) {
            rotation.gone(id);
        }
    }

    /// Forgets the rotation of this key, if it is over: its user has read how it ended.
    pub fn dismiss(&mut self, old: KeyId) {
        self.all.retain(|it| it.old() != old || !it.is_over());
    }

    /// What is to be kept, a line for each rotation that is not over.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for rotation in &self.all {
            write_rotation(&mut text, rotation);
        }
        text
    }

    /// Goes on with what [`Rotations::write`] wrote. What cannot be read, or would be one rotation
    /// too many, is left out.
    ///
    /// A step that hangs on an open dialog is taken back, and a revocation whose answer nobody
    /// waited for is none: the list of keys says whether the key is gone.
    pub fn read(text: &str) -> Self {
        let mut rotations = Self::default();
        for rotation in text.lines().filter_map(read_rotation) {
            let is_new = |id: KeyId| rotations.of(id).is_none();
            if is_new(rotation.old()) && rotation.successor().is_none_or(is_new) {
                rotations.all.push(rotation);
            }
            if rotations.all.len() == MOST {
                break;
            }
        }
        rotations
    }
}

/// One line: what step it is, the keys, and for a watch the hand-over, the habit and what is known
/// of each key, with `;` between them.
fn write_rotation(text: &mut String, rotation: &Rotation) {
    let old = rotation.old();
    // Writing into a string cannot fail.
    let _ = match rotation.step() {
        Step::Over(_) => return,
        Step::Chosen | Step::Creating => write!(text, "c;{old}"),
        Step::Unsaved(new) => write!(text, "s;{old};{new}"),
        Step::HandingOver(new) => write!(text, "h;{old};{new}"),
        Step::Watching { new, watch, .. } | Step::Revoking { new, watch } => {
            let _ = write!(text, "w;{old};{new};");
            write_watch(text, watch);
            Ok(())
        }
    };
    text.push('\n');
}

fn write_watch(text: &mut String, watch: &Watch) {
    let (requests, millis, pause) = watch.habit.parts();
    let _ = write!(text, "{},{requests},{millis},{pause};", watch.begun.unix_millis());
    if let Some(old) = &watch.old {
        write_counters(text, &old.counters);
        let restart = match old.restart {
            None => 0,
            Some(Restart::Used) => 1,
            Some(Restart::Reset) => 2,
        };
        let _ = write!(text, "{},{},", old.since.unix_millis(), old.silent);
        if let Some(last) = old.last {
            let _ = write!(text, "{}", last.wall);
        }
        let _ = write!(text, ",{},{restart}", old.requests);
    }
    text.push(';');
    if let Some(new) = &watch.new {
        write_counters(text, &new.start);
        write_counters(text, &new.counters);
        let _ = write!(text, "{}", new.before_silence);
    }
}

fn write_counters(text: &mut String, counters: &Figures) {
    let Figures { completed, successful, failed, .. } = counters;
    let _ = write!(text, "{completed},{successful},{failed},");
}

fn read_rotation(line: &str) -> Option<Rotation> {
    let mut parts = line.split(';');
    let step = parts.next()?;
    let old: KeyId = parts.next()?.parse().ok()?;
    let mut rotation = Rotation::of(old);
    if step != "c" {
        let new: KeyId = parts.next()?.parse().ok().filter(|new| *new != old)?;
        rotation.step = match step {
            "s" => Step::Unsaved(new),
            "h" => Step::HandingOver(new),
            "w" => {
                let watch = read_watch(parts.next()?, parts.next()?, parts.next()?)?;
                Step::Watching { new, watch, trouble: None }
            }
            _ => return None,
        };
    }
    parts.next().is_none().then_some(rotation)
}

fn read_watch(start: &str, old: &str, new: &str) -> Option<Watch> {
    let mut numbers = Numbers(start.split(','));
    let mut watch = Watch::new(Habit::default(), numbers.time()?);
    watch.habit = Habit::new(numbers.count()?, numbers.span()?, numbers.span()?);
    numbers.end()?;
    if !old.is_empty() {
        watch.old = Some(read_old(Numbers(old.split(',')))?);
    }
    if !new.is_empty() {
        watch.new = Some(read_new(Numbers(new.split(',')))?);
    }
    Some(watch)
}

fn read_old(mut numbers: Numbers<'_>) -> Option<OldKey> {
    let old = OldKey {
        counters: numbers.counters()?,
        since: numbers.time()?,
        silent: numbers.span()?,
        last: numbers.look()?,
        is_of_this_page: false,
        requests: numbers.count()?,
        restart: match numbers.count()? {
            0 => None,
            1 => Some(Restart::Used),
            2 => Some(Restart::Reset),
            _ => return None,
        },
    };
    numbers.end()?;
    Some(old)
}

fn read_new(mut numbers: Numbers<'_>) -> Option<NewKey> {
    let new = NewKey {
        start: numbers.counters()?,
        counters: numbers.counters()?,
        before_silence: numbers.count()?,
        last: None,
    };
    numbers.end()?;
    // Counters that had gone down would have made a new start.
    (!new.counters.added_since(&new.start).reset).then_some(new)
}

/// The numbers between the commas of one part, from the first on.
struct Numbers<'a>(std::str::Split<'a, char>);

impl Numbers<'_> {
    fn count(&mut self) -> Option<u64> {
        self.0.next()?.parse().ok()
    }

    /// Milliseconds that are not negative.
    fn span(&mut self) -> Option<i64> {
        i64::try_from(self.count()?).ok()
    }

    fn time(&mut self) -> Option<Timestamp> {
        time(self.0.next()?)
    }

    /// When a look was made, or nothing.
    fn look(&mut self) -> Option<Option<Moment>> {
        match self.0.next()? {
            "" => Some(None),
            text => Some(Some(Moment { wall: time(text)?.unix_millis(), monotonic: None })),
        }
    }

    fn counters(&mut self) -> Option<Figures> {
        let (completed, successful, failed) = (self.count()?, self.count()?, self.count()?);
        Some(Figures { completed, successful, failed, ..Figures::default() })
    }

    fn end(&mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// An instant that a browser can name.
fn time(text: &str) -> Option<Timestamp> {
    let millis: i64 = text.parse().ok()?;
    let is_in_time = (-END_OF_TIME..=END_OF_TIME).contains(&millis);
    is_in_time.then(|| Timestamp::from_unix_millis(millis))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::creation::Custody;
    use crate::domain::rotation::End;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_000);

    /// The key of this number.
    pub(in crate::domain::rotation) fn id(number: u32) -> KeyId {
        format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid")
    }

    fn at(millis: i64) -> Moment {
        Moment { wall: NOW.unix_millis() + millis, monotonic: Some(millis) }
    }

    fn counted(successful: u64, failed: u64) -> Figures {
        Figures { completed: successful + failed, successful, failed, ..Figures::default() }
    }

    /// Three rotations at different steps, the third one watched.
    fn some() -> Rotations {
        let mut rotations = Rotations::default();
        for old in [1, 3, 5] {
            let rotation = rotations.begin(id(old)).expect("there is room");
            assert!(rotation.create());
            if old > 1 {
                rotation.show(Some(id(old + 1)));
            }
            if old > 3 {
                rotation.close(Custody::Copied);
                rotation.hand_over(Habit::new(7, 1_000, 9), NOW);
            }
        }
        rotations.see(id(5), counted(100, 20), at(0));
        rotations.see(id(6), counted(1, 0), at(0));
        rotations.see(id(6), counted(7, 2), at(30_000));
        rotations.see(id(5), counted(103, 20), at(30_000));
        rotations.see(id(5), counted(103, 20), at(90_000));
        rotations
    }

    #[test]
    fn a_successor_that_was_made_elsewhere_overtakes_whoever_is_about_to_make_it() {
        let here = some();
        let mut kept = some();
        assert!(!here.is_overtaken_by(&kept));
        kept.of_mut(id(1)).expect("it is there").show(Some(id(2)));
        assert!(here.is_overtaken_by(&kept));
        assert!(!kept.is_overtaken_by(&here), "it is made there");
        assert!(!Rotations::default().is_overtaken_by(&kept));
    }

    #[test]
    fn the_record_is_keys_counters_and_times() {
        let zeros = "00000000-0000-0000-0000-00000000000";
        let expected = format!(
            "c;{zeros}1\ns;{zeros}3;{zeros}4\nw;{zeros}5;{zeros}6;1795456101000,7,1000,9;\
             123,103,20,1795456131000,60000,1795456191000,3,1;1,1,0,9,7,2,7\n"
        );
        assert_eq!(some().write(), expected);
    }

    #[test]
    fn a_rotation_goes_on_where_it_was_left() {
        let rotations = Rotations::read(&some().write());
        assert_eq!(rotations.write(), some().write());
        assert_eq!(rotations.of(id(1)).map(Rotation::step), Some(&Step::Chosen));
        assert_eq!(rotations.of(id(4)).map(Rotation::step), Some(&Step::Unsaved(id(4))));
        let seen = |rotations: &Rotations| rotations.of(id(6))?.watch().map(Watch::seen);
        assert!(seen(&rotations).is_some_and(|seen| seen.silent == 60_000));
        assert_eq!(seen(&rotations), seen(&some()));
    }

    #[test]
    fn a_rotation_that_is_over_is_not_kept_and_is_read_until_it_is_dismissed() {
        let mut rotations = some();
        rotations.gone(id(5));
        assert_eq!(rotations.of(id(5)).map(Rotation::step), Some(&Step::Over(End::OldIsGone)));
        assert_eq!(Rotations::read(&rotations.write()).all().len(), 2);
        rotations.dismiss(id(1));
        rotations.dismiss(id(5));
        assert_eq!(rotations.all().len(), 2, "one that is under way stays");
        assert_eq!(rotations.of(id(5)), None);
    }

    #[test]
    fn a_key_is_part_of_one_rotation_at_a_time() {
        let mut rotations = some();
        for taken in [1, 3, 4, 5, 6] {
            assert_eq!(rotations.begin(id(taken)), Err(CannotBegin::UnderWay), "{taken}");
        }
        rotations.gone(id(6));
        for free in [5, 6] {
            assert_eq!(rotations.begin(id(free)).map(|it| it.old()), Ok(id(free)));
        }
        assert_eq!(rotations.all().len(), 4, "what was over has made room");
    }

    #[test]
    fn there_are_twenty_at_most_and_those_that_are_over_go_first() {
        let mut rotations = Rotations::default();
        for old in 0..20 {
            assert!(rotations.begin(id(old)).is_ok(), "{old}");
        }
        assert_eq!(rotations.begin(id(99)), Err(CannotBegin::TooMany));
        let text = format!("{}c;{}\n", rotations.write(), id(99));
        assert_eq!(Rotations::read(&text), rotations);
        rotations.gone(id(7));
        assert!(rotations.begin(id(99)).is_ok());
        assert_eq!((rotations.all().len(), rotations.of(id(7))), (20, None));
    }

    #[test]
    fn what_is_no_rotation_is_left_out_and_takes_no_other_with_it() {
        let [a, b] = [id(1), id(2)];
        let old = "123,103,20,1795456131000,60000,1795456191000,3,1";
        let new = "1,1,0,9,7,2,7";
        let good = format!("w;{a};{b};0,7,1000,9;{old};{new}");
        assert_eq!(Rotations::read(&good).all().len(), 1);
        for bad in [
            String::new(),
            "null".to_owned(),
            format!("x;{a};{b}"),
            "c;nobody".to_owned(),
            format!("c;{a};{b}"),
            format!("s;{a}"),
            format!("s;{a};{a}"),
            format!("h;{a};{b};"),
            format!("w;{a};{b};0,7,1000,9;{old}"),
            format!("w;{a};{b};0,7,1000;{old};{new}"),
            format!("w;{a};{b};0,7,-1000,9;{old};{new}"),
            format!("w;{a};{b};0,7,1000,9;{old},4;{new}"),
            format!("w;{a};{b};0,7,1000,9;{old};{new},1"),
            format!("w;{a};{b};0,7,1000,9;123,103,20,0,-1,0,3,1;{new}"),
            format!("w;{a};{b};0,7,1000,9;123,103,20,0,1,0,3,3;{new}"),
            format!("w;{a};{b};0,7,1000,9;123,103,20,0,1,8640000000000001,3,1;{new}"),
            format!("w;{a};{b};0,7,1000,9;{old};1,1,0,0,1,0,1"),
            format!("w;{a};{b};0,7,1000,9;{old};NaN,1,0,9,7,2,7"),
        ] {
            let text = format!("{bad}\nc;{}\n", id(9));
            let read = Rotations::read(&text);
            assert_eq!(read.all(), [Rotation::of(id(9))], "{bad}");
        }
        let twice = format!("s;{a};{b}\nc;{b}\nc;{a}\ns;{};{a}\n", id(3));
        assert_eq!(Rotations::read(&twice).all().len(), 1, "a key is part of one");
    }
}

//! Random lives of two keys and of whoever watches them, against what truly happened.

use proptest::collection::vec;
use proptest::prelude::*;

use super::evidence::Why;
use super::record::Rotations;
use super::record::tests::id;
use super::*;

const MINUTE: i64 = 60_000;
const START: i64 = 1_795_456_101_000;

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Time passes.
    Pass(i64),
    /// A request is made, and succeeds or fails.
    Request(Side, bool),
    /// The page looks at a key.
    Look(Side),
    /// The wall clock is set by so much.
    Set(i64),
    /// The page goes, and comes back from its record.
    Leave,
    /// The counters of a key are lost.
    Reset(Side),
    /// The user asks for the old key to be revoked; and takes it back, if they can.
    Ask,
}

/// The world as it is, which no page knows.
struct World {
    time: i64,
    wall: i64,
    monotonic: i64,
    counters: [Figures; 2],
    /// When the old key was last used, or first looked at.
    disturbed: i64,
    /// The same, as it was at the last look at it; and when that was.
    disturbed_before_look: i64,
    looked: i64,
    /// Successful requests with the new key since the first look at it.
    used: Option<u64>,
    rotations: Rotations,
    /// The clock was set, the page was left, since the last look at the old key.
    was_set: bool,
    was_left: bool,
    /// The clock was set while no page was open, which nobody can tell.
    is_misled: bool,
    /// How long the old key was silent as far as looks tell, and the last one: the counters, the
    /// wall clock, and the other one if it was this page's.
    silent: i64,
    last: Option<(Figures, i64, Option<i64>)>,
}

impl World {
    fn new(habit: Habit) -> Self {
        let mut rotations = Rotations::default();
        let rotation = rotations.begin(id(1)).expect("there is room");
        assert!(rotation.create());
        rotation.show(Some(id(2)));
        rotation.close(Custody::Copied);
        rotation.hand_over(habit, Timestamp::from_unix_millis(START));
        let old = Figures { completed: 50, successful: 40, failed: 10, ..Figures::default() };
        Self {
            time: 0,
            wall: START,
            monotonic: 0,
            counters: [old, Figures::default()],
            disturbed: 0,
            disturbed_before_look: 0,
            looked: 0,
            used: None,
            rotations,
            was_set: false,
            was_left: false,
            is_misled: false,
            silent: 0,
            last: None,
        }
    }

    fn now(&self) -> Moment {
        Moment { wall: self.wall, monotonic: Some(self.monotonic) }
    }

    fn rotation(&mut self) -> &mut Rotation {
        self.rotations.of_mut(id(1)).expect("it is never over")
    }

    fn pass(&mut self, millis: i64) {
        self.time += millis;
        self.wall += millis;
        self.monotonic += millis;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Pass(millis) => self.pass(millis),
            Event::Request(side, succeeds) => {
                let counters = &mut self.counters[side as usize];
                counters.completed += 1;
                counters.successful += u64::from(succeeds);
                counters.failed += u64::from(!succeeds);
                match (side, &mut self.used) {
                    (Side::Old, _) => self.disturbed = self.time,
                    (Side::New, Some(used)) => *used += u64::from(succeeds),
                    (Side::New, None) => {}
                }
            }
            Event::Look(side) => self.look(side),
            Event::Set(by) => {
                self.wall += by;
                self.was_set |= by != 0;
            }
            Event::Leave => {
                self.rotations = Rotations::read(&self.rotations.write());
                self.monotonic = 0;
                self.was_left = true;
                if let Some((_, _, monotonic)) = &mut self.last {
                    *monotonic = None;
                }
            }
            Event::Reset(side) => self.counters[side as usize] = Figures::default(),
            Event::Ask => {
                let now = self.now();
                if self.rotation().revoke(now).is_ok() {
                    self.rotation().stay();
                }
            }
        }
    }

    fn look(&mut self, side: Side) {
        let (counters, now) = (self.counters[side as usize], self.now());
        self.rotations.see(id(1 + side as u32), counters, now);
        if side == Side::New {
            self.used.get_or_insert(0);
            return;
        }
        self.is_misled |= self.was_set && self.was_left && self.last.is_some();
        (self.was_set, self.was_left) = (false, false);
        if self.last.is_none() {
            self.disturbed = self.time;
        }
        (self.disturbed_before_look, self.looked) = (self.disturbed, self.time);
        // The same as the documents say it: time between two looks with the same counters.
        let same = self.last.filter(|(before, _, _)| *before == counters);
        self.silent = same.map_or(0, |(_, wall, monotonic)| {
            let wall = now.wall - wall;
            let passed = monotonic.map_or(wall, |before| wall.min(self.monotonic - before));
            self.silent + passed.max(0)
        });
        self.last = Some((counters, now.wall, now.monotonic));
    }
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Old), Just(Side::New)]
}

/// Whatever happens, without a loss of counters.
fn event() -> impl Strategy<Value = Event> {
    let set = prop_oneof![Just(7 * 24 * 60 * MINUTE), Just(-MINUTE), -90 * MINUTE..90 * MINUTE];
    prop_oneof![
        4 => (0..2 * MINUTE).prop_map(Event::Pass),
        5 => (0..40 * MINUTE).prop_map(Event::Pass),
        1 => (0..400 * MINUTE).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(|ok| Event::Request(Side::Old, ok)),
        3 => any::<bool>().prop_map(|ok| Event::Request(Side::New, ok)),
        12 => side().prop_map(Event::Look),
        1 => set.prop_map(Event::Set),
        1 => Just(Event::Leave),
        2 => Just(Event::Ask),
    ]
}

fn event_or_reset() -> impl Strategy<Value = Event> {
    prop_oneof![12 => event(), 1 => side().prop_map(Event::Reset)]
}

/// From a key that is used all the time to one of which nothing is known.
fn habit() -> impl Strategy<Value = Habit> {
    let rate = prop_oneof![3 => 1..200 * MINUTE, 1 => 0..i64::MAX];
    let pause = prop_oneof![3 => Just(0), 1 => 0..100 * MINUTE];
    (0..100_u64, rate, pause)
        .prop_map(|(requests, millis, pause)| Habit::new(requests, millis, pause))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn nothing_is_offered_before_the_old_key_was_truly_silent_and_the_new_one_truly_used(
        habit in habit(), events in vec(event(), 0..40),
    ) {
        let mut world = World::new(habit);
        for event in events {
            world.happen(event);
            let (now, silent) = (world.now(), world.silent);
            let watch = *world.rotation().watch().expect("it is watched");
            prop_assert_eq!(watch.seen().silent, silent);
            match watch.verdict(now) {
                Ok(()) => {
                    // What happened after the last look, two minutes ago at most, nobody can know.
                    let truly = world.looked - world.disturbed_before_look;
                    prop_assert!(world.is_misled || truly >= habit.watch_millis());
                    prop_assert!(silent >= habit.watch_millis());
                    prop_assert!(world.used.is_some_and(|used| used > 0));
                }
                Err(refusal) => {
                    prop_assert_eq!(refusal.left, (habit.watch_millis() - silent).max(0));
                    prop_assert!(refusal.why != Why::TooEarly || refusal.left > 0);
                }
            }
        }
    }

    #[test]
    fn lost_counters_never_make_a_silence_longer_than_looks_tell(
        habit in habit(), events in vec(event_or_reset(), 0..40),
    ) {
        let mut world = World::new(habit);
        for event in events {
            world.happen(event);
            let (now, silent) = (world.now(), world.silent);
            let watch = *world.rotation().watch().expect("it is watched");
            prop_assert!(watch.seen().silent <= silent);
            if watch.verdict(now).is_ok() {
                prop_assert!(silent >= habit.watch_millis() && watch.seen().new_successful > 0);
            }
        }
    }

    #[test]
    fn an_old_key_that_stays_silent_is_offered_once_the_new_one_is_used(
        habit in habit(), events in vec(event_or_reset(), 0..40), looks in 1..40_i64,
        leaves in any::<bool>(),
    ) {
        let mut world = World::new(habit);
        events.into_iter().for_each(|event| world.happen(event));
        let both = |world: &mut World| {
            world.happen(Event::Look(Side::New));
            world.happen(Event::Look(Side::Old));
        };
        both(&mut world);
        world.happen(Event::Request(Side::New, true));
        for _ in 0..looks {
            world.pass(habit.watch_millis() / looks + 1);
            if leaves {
                world.happen(Event::Leave);
            }
            both(&mut world);
        }
        let now = world.now();
        prop_assert_eq!(world.rotation().verdict(now), Ok(()));
        prop_assert_eq!(world.rotation().revoke(now), Ok(id(1)));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_record_reads_back_as_what_was_left(
        habit in habit(), events in vec(event_or_reset(), 0..40),
    ) {
        let mut world = World::new(habit);
        for event in events {
            world.happen(event);
            let text = world.rotations.write();
            let mut left = world.rotations.clone();
            if let Some(Step::Watching { watch, .. }) = left.of_mut(id(1)).map(|it| &mut it.step) {
                watch.leave();
            }
            let read = Rotations::read(&text);
            prop_assert_eq!(&read, &left);
            prop_assert_eq!(read.write(), text);
        }
    }

    #[test]
    fn a_damaged_record_never_panics_and_offers_nothing_by_itself(
        habit in habit(), events in vec(event_or_reset(), 0..20),
        damage in vec((any::<prop::sample::Index>(), "[-0-9a-z,;\n\\PC]{0,3}"), 1..4),
    ) {
        let mut world = World::new(habit);
        events.into_iter().for_each(|event| world.happen(event));
        let mut text: Vec<char> = world.rotations.write().chars().collect();
        for (place, other) in damage {
            let place = place.index(text.len() + 1);
            let until = (place + 1).min(text.len());
            text.splice(place..until, other.chars());
        }
        let text: String = text.into_iter().collect();
        let mut read = Rotations::read(&text);
        prop_assert_eq!(Rotations::read(&read.write()), read.clone());
        let now = world.now();
        for rotation in read.all() {
            prop_assert!(rotation.verdict(now).is_err());
        }
        read.see(id(1), world.counters[0], now);
        read.see(id(2), world.counters[1], now);
        let _ = read.all().iter().map(|it| it.verdict(now)).collect::<Vec<_>>();
    }

    #[test]
    fn garbage_never_panics(text in prop_oneof![any::<String>(), "[whsc;,0-9\n-]{0,200}"]) {
        let read = Rotations::read(&text);
        prop_assert_eq!(Rotations::read(&read.write()), read);
    }

    #[test]
    fn a_watch_is_never_shorter_or_longer_than_it_may_be(requests: u64, millis: i64, pause: i64) {
        let habit = Habit::new(requests, millis, pause);
        let watch = habit.watch_millis();
        prop_assert!((habit::SHORTEST_MILLIS..=habit::LONGEST_MILLIS).contains(&watch));
        if let Some(expected) = habit.expected(watch)
            && watch < habit::LONGEST_MILLIS
        {
            prop_assert!(expected >= habit::ENOUGH_EXPECTED);
        }
        let (requests, millis, pause) = habit.parts();
        prop_assert_eq!(Habit::new(requests, millis, pause), habit);
    }
}

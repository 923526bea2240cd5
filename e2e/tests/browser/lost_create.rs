//! A key whose answer was lost: what is said of it is true, no key is left without an offer to
//! revoke it, and nothing is sent that nobody asked for.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use e2e::browser::{Browser, key};
use e2e::create_dialog::CreateDialog;
use e2e::inquiry_dialog::{InquiryDialog, Statement, note};
use e2e::keys::KeysPage;
use e2e::proxy::Calls;
use e2e::proxy::fault::{CutPoint, Fault};
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::server::Server;
use fastrand::Rng;

const NAME: &str = "ci-bot";
/// How many times as fast the time of pages runs.
const FACTOR: u32 = 10;
/// How often each cut is tried, unless `OCCAM_KEYS_SEEDS` says otherwise.
const SEEDS: u64 = 5;
/// So many browsers share the work.
const BROWSERS: u64 = 2;
/// A page that is not a secure context has no Web Locks.
const NO_LOCKS: &str =
    "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })";
/// What the console says of every exchange that was cut.
const CUT: &str = "net::ERR_";

/// What the page says, held against what the server's database holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    runs: usize,
    wrong_statements: usize,
    orphans_without_offer: usize,
    second_puts: usize,
}

/// Where an exchange is cut.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// By the network.
    Wire(CutPoint),
    /// By leaving the page, when the server has not heard of the request or has answered it.
    Left { is_made: bool },
}

#[test]
fn wherever_a_creation_is_cut_the_truth_is_told_and_no_key_is_left_behind() {
    let seeds = env::var("OCCAM_KEYS_SEEDS").ok().and_then(|text| text.parse().ok());
    let seeds: u64 = seeds.unwrap_or(SEEDS);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for browser in 0..BROWSERS {
            let tally = &tally;
            scope.spawn(move || {
                cut_everywhere((0..seeds).filter(|it| it % BROWSERS == browser), tally)
            });
        }
    });
    let tally = tally.into_inner().expect("nobody failed while counting");
    let Tally { runs, wrong_statements, orphans_without_offer, second_puts } = tally;
    // Past the capture of the test's output: these figures are to be seen when all is well.
    let _ = writeln!(
        io::stdout(),
        "lost create: {runs} runs, {wrong_statements} wrong statements, \
         {orphans_without_offer} orphans without an offer, {second_puts} second PUTs"
    );
    let expected = usize::try_from(seeds).expect("a small number") * (CutPoint::ALL.len() + 1);
    assert_eq!(tally, Tally { runs: expected, ..Tally::default() });
}

fn cut_everywhere(seeds: impl Iterator<Item = u64>, tally: &Mutex<Tally>) {
    let mut seeds = seeds.peekable();
    if seeds.peek().is_none() {
        return;
    }
    let scene = Scene::behind_proxy(Server::start());
    scene.expect_in_console(CUT);
    let page = scene.sign_in();
    scene.hasten(FACTOR);
    for seed in seeds {
        for (number, point) in CutPoint::ALL.into_iter().map(Some).chain([None]).enumerate() {
            let mut random = Rng::with_seed(seed * 100 + number as u64);
            let cut = match point {
                // A slow server may be slow by any time before the last look at the list.
                Some(CutPoint::LateCommit(_)) => {
                    let late = Duration::from_millis(500 + random.u64(..6_500));
                    Cut::Wire(CutPoint::LateCommit(late))
                }
                Some(CutPoint::MidBody(500)) => Cut::Wire(CutPoint::MidBody(random.u16(..1_000))),
                Some(point) => Cut::Wire(point),
                None => Cut::Left { is_made: random.u64(..2) == 1 },
            };
            let run = Run { scene: &scene, page, name: format!("cut-{number}-seed-{seed}") };
            let before = tally.lock().expect("nobody failed while counting").wrongs();
            run.perform(cut, &mut random, tally);
            let mut tally = tally.lock().expect("nobody failed while counting");
            tally.runs += 1;
            if tally.wrongs() > before {
                eprintln!("seed {seed}: {cut:?} went wrong");
            }
        }
    }
}

impl Tally {
    fn wrongs(&self) -> usize {
        self.wrong_statements + self.orphans_without_offer + self.second_puts
    }
}

struct Run<'a> {
    scene: &'a Scene,
    page: KeysPage<'a>,
    name: String,
}

impl Run<'_> {
    fn perform(&self, cut: Cut, random: &mut Rng, tally: &Mutex<Tally>) {
        let (scene, name) = (self.scene, self.name.as_str());
        let (browser, proxy) = (scene.browser(), scene.proxy());
        if random.u64(..3) == 0 {
            // One of the same name that is nobody's orphan.
            scene.server.api().create(&scene.tokens().access, name);
            self.page.refresh();
            browser.button(&format!("Revoke {name}")).wait();
        }
        let before = self.keys();
        let puts = proxy.seen(Operation::Create);
        let answered = proxy.answered(Operation::Create);
        let fault = match cut {
            Cut::Wire(point) => Fault::Cut(point),
            Cut::Left { is_made: true } => Fault::StallBody(0),
            Cut::Left { is_made: false } => Fault::StallHeaders,
        };
        proxy.inject(Operation::Create, Calls::Nth(1), fault);
        let creation = self.page.open_creation();
        creation.name().fill(name);
        creation.submit().click();
        let mut asked = 1;
        if matches!(cut, Cut::Left { .. }) {
            browser.until("the request to be held", || proxy.held() > 0);
            browser.reload_against_advice();
        }

        let dialog = InquiryDialog::on(browser, name);
        self.check_note();
        let statement = dialog.until_decided();
        if matches!(cut, Cut::Wire(CutPoint::LateCommit(_))) {
            // A key that comes within the time for which the list is looked at counts.
            browser.until("the late commit", || proxy.answered(Operation::Create) > answered);
        }
        let made: BTreeSet<_> = self.keys().difference(&before).cloned().collect();
        let offered: BTreeSet<_> = dialog.offered().into_iter().collect();
        {
            let mut tally = tally.lock().expect("nobody failed while counting");
            let is_true = match statement {
                Statement::Found => made == offered && !made.is_empty(),
                Statement::NotFound => made.is_empty(),
                Statement::Unseen | Statement::Looking => true,
            };
            tally.wrong_statements += usize::from(!is_true);
            tally.orphans_without_offer += made.difference(&offered).count();
        }
        proxy.heal();

        match (statement, random.u64(..3)) {
            (Statement::Found, 0) => {
                dialog.revoke().click();
                let dialog = RevokeDialog::on(browser, name);
                dialog.confirm();
                dialog.until_closed();
                browser.until("the key to be gone", || self.keys() == before);
            }
            (Statement::Found, 1) => {
                dialog.another().click();
                let creation = CreateDialog::on(browser);
                assert_eq!(creation.name().value(), name);
                creation.submit().click();
                asked += 1;
                self.take_secret();
            }
            (Statement::NotFound, 0 | 1) => {
                dialog.again().click();
                asked += 1;
                self.take_secret();
                assert_eq!(self.keys().difference(&before).count(), 1);
            }
            _ => dialog.close(),
        }
        browser.until("the note to be gone", || note(browser).is_none());
        let put = proxy.seen(Operation::Create) - puts;
        tally.lock().expect("nobody failed while counting").second_puts += put.abs_diff(asked);
    }

    /// What outlives a reload says what was asked for, and no secret.
    fn check_note(&self) {
        let note = note(self.scene.browser()).expect("there is a note");
        assert!(note.contains(&self.name), "{note}");
        for secret in self.scene.proxy().secrets() {
            assert!(!note.contains(&secret.text), "{note}");
        }
    }

    /// Takes the secret of the key that was made in the end, which is one.
    fn take_secret(&self) {
        let creation = CreateDialog::on_secret_of(self.scene.browser(), &self.name);
        let secret = creation.reveal();
        assert!(self.scene.server.api().exchange(&secret).is_ok());
        creation.close_as_saved();
    }

    fn keys(&self) -> BTreeSet<String> {
        keys(self.scene)
    }
}

/// The UUIDs of all keys that the server has.
fn keys(scene: &Scene) -> BTreeSet<String> {
    let keys = scene.server.api().keys(&scene.tokens().access).expect("the token works");
    keys.into_iter().map(|key| key.uuid).collect()
}

/// Signs in, and asks for a key when the exchange is cut at this point.
fn lose<'a>(scene: &'a Scene, cut: CutPoint) -> InquiryDialog<'a> {
    scene.expect_in_console(CUT);
    let page = scene.sign_in();
    scene.hasten(FACTOR);
    scene.proxy().inject(Operation::Create, Calls::Nth(1), Fault::Cut(cut));
    let creation = page.open_creation();
    // The list that the dialog reads comes before every look at what became of the key.
    scene.browser().until("the list to be read", || scene.proxy().answered(Operation::List) > 1);
    creation.name().fill(NAME);
    creation.submit().click();
    InquiryDialog::on(scene.browser(), NAME)
}

#[test]
fn a_key_that_comes_after_the_last_look_is_the_one_that_trying_again_yields() {
    let scene = Scene::behind_proxy(Server::start());
    let (browser, proxy) = (scene.browser(), scene.proxy());
    let dialog = lose(&scene, CutPoint::LateCommit(Duration::from_secs(30)));
    assert_eq!(dialog.until_decided(), Statement::NotFound);
    browser.until("the late key", || keys(&scene).len() == 1);
    assert_eq!(dialog.statement(), Statement::NotFound, "nobody has looked since");

    dialog.again().click();
    let creation = CreateDialog::on_secret_of(browser, NAME);
    let secret = creation.reveal();
    assert_eq!(keys(&scene).len(), 1, "the server made no second key");
    assert!(scene.server.api().exchange(&secret).is_ok(), "it is the secret of that key");
    let attempts: BTreeSet<_> = proxy
        .requests()
        .into_iter()
        .filter(|seen| seen.operation == Operation::Create)
        .map(|seen| seen.request.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(attempts.len(), 1, "both requests are one attempt");
    assert!(attempts.iter().all(Option::is_some));
    creation.close_as_saved();
    browser.until("the note to be gone", || note(browser).is_none());
    assert_eq!(proxy.seen(Operation::Create), 2);
}

#[test]
fn what_became_of_a_key_is_not_judged_without_the_list() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    scene.expect_in_console("status of 500");
    let failure = Fault::Answer(Answer::json(500, "{}"));
    // The dialog reads the list when it is opened, and that is not the question here.
    scene.proxy().inject(Operation::List, Calls::From(3), failure);
    let dialog = lose(&scene, CutPoint::BeforeStatus);
    assert_eq!(dialog.until_decided(), Statement::Unseen);
    assert!(note(browser).is_some());

    dialog.close();
    browser.see("We do not know what became of the key");
    browser.button("Find out").click();
    let dialog = InquiryDialog::on(browser, NAME);
    scene.proxy().heal();
    dialog.look_again().click();
    browser.until("the key to be found", || dialog.statement() == Statement::Found);
    // The button went from under it.
    assert_eq!(browser.script("return document.activeElement.id"), "create-title");
    assert_eq!(dialog.offered(), keys(&scene).into_iter().collect::<Vec<_>>());
}

#[test]
fn a_creation_that_was_cut_by_leaving_the_page_is_asked_about_by_itself() {
    let scene = Scene::behind_proxy(Server::start());
    let (browser, proxy) = (scene.browser(), scene.proxy());
    let page = scene.sign_in();
    scene.hasten(FACTOR);
    proxy.inject(Operation::Create, Calls::Nth(1), Fault::StallBody(500));
    let creation = page.open_creation();
    creation.name().fill(NAME);
    creation.submit().click();
    browser.until("the request to be held", || proxy.held() > 0);
    browser.reload_against_advice();
    let dialog = InquiryDialog::on(browser, NAME);
    browser.see("The page was left before the answer came.");
    assert_eq!(dialog.until_decided(), Statement::Found);
    proxy.heal();
    dialog.revoke().click();
    let revocation = RevokeDialog::on(browser, NAME);
    revocation.confirm();
    revocation.until_closed();
    page.until_names_are(&[]);
    assert_eq!(keys(&scene).len(), 0);

    browser.reload();
    browser.heading("No API keys yet").wait();
    assert!(!browser.css("dialog[open]").is_there(), "it is settled");
    assert_eq!(proxy.seen(Operation::Create), 1);
}

#[test]
fn a_duplicated_tab_leaves_the_question_to_the_tab_that_asked_first() {
    let scene = Scene::behind_proxy_in_whole_browser();
    let browser = scene.browser();
    scene.proxy().inject(Operation::Create, Calls::Nth(1), Fault::StallBody(0));
    let page = scene.sign_in();
    scene.hasten(FACTOR);
    let creation = page.open_creation();
    creation.name().fill(NAME);
    creation.submit().click();
    browser.until("the request to be held", || scene.proxy().held() > 0);
    let (first, second) = (browser.tab(), browser.duplicate_tab());
    browser.go_to_tab(&second);
    page.until_names_are(&[NAME]);
    browser.until("the copy of the note to be gone", || note(browser).is_none());
    assert!(!browser.css("dialog[open]").is_there());

    browser.go_to_tab(&first);
    assert!(note(browser).is_some());
    scene.proxy().heal();
    let creation = CreateDialog::on_secret_of(browser, NAME);
    creation.reveal();
    creation.close_as_saved();
    browser.until("the note to be gone", || note(browser).is_none());
}

/// The key that it may yield must not become the successor of another, whose revocation would follow.
#[test]
fn a_lost_answer_is_asked_about_before_a_key_is_made_in_the_place_of_another() {
    const OTHER: &str = "payments";
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(OTHER);
    scene.hasten(FACTOR);
    lose_unseen(&scene, page, CutPoint::BeforeAnyByte);
    page.open_usage(OTHER);
    browser.button("Rotate").click();
    browser.button("Make the new key").click();
    let dialog = InquiryDialog::on(browser, NAME);
    scene.proxy().heal();
    dialog.look_again().click();
    browser.until("the key not to be found", || dialog.statement() == Statement::NotFound);
    dialog.again().click();
    let creation = CreateDialog::on_secret_of(browser, NAME);
    scene.keep_secret(&creation.reveal());
    creation.close_as_saved();
    browser.button("Make the new key").wait();
    assert!(!browser.page_text().contains("New key: "), "it is nobody's successor");
    browser.button("Make the new key").click();
    assert_eq!(CreateDialog::on(browser).name().value(), "payments-2");
}

#[test]
fn a_successor_whose_answer_was_lost_is_still_the_successor() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.hasten(FACTOR);
    page.open_usage(NAME);
    browser.button("Rotate").click();
    browser.button("Make the new key").click();
    let successor = lose_unseen_in(&scene, CreateDialog::on(browser), CutPoint::BeforeAnyByte);
    scene.proxy().heal();
    browser.button("Make the new key").click();
    let dialog = InquiryDialog::on(browser, &successor);
    dialog.look_again().click();
    browser.until("the key not to be found", || dialog.statement() == Statement::NotFound);
    dialog.again().click();
    let creation = CreateDialog::on_secret_of(browser, &successor);
    scene.keep_secret(&creation.reveal());
    creation.close_as_saved();
    browser.see(&format!("New key: {successor}"));
}

#[test]
fn to_replace_a_lost_secret_does_not_make_a_lost_answer_forgotten() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    lose_secret(&scene);
    scene.hasten(FACTOR);
    scene.signed_in();
    lose_unseen(&scene, KeysPage::on(browser), CutPoint::BeforeStatus);
    browser.button("Replace").click();
    InquiryDialog::on(browser, NAME).close();
    browser.see("We do not know what became of the key");
    assert!(note(browser).is_some());
}

/// Loses the answer to a creation, and closes the dialog that could not find out what became of it.
fn lose_unseen(scene: &Scene, page: KeysPage<'_>, cut: CutPoint) {
    let creation = page.open_creation();
    creation.name().fill(NAME);
    lose_unseen_in(scene, creation, cut);
}

/// The same in a dialog that is open. Gives the name in it.
fn lose_unseen_in(scene: &Scene, creation: CreateDialog<'_>, cut: CutPoint) -> String {
    let failure = Fault::Answer(Answer::json(500, "{}"));
    scene.expect_in_console(CUT);
    scene.expect_in_console("status of 500");
    let name = creation.name().value();
    scene.proxy().inject(Operation::List, Calls::From(1), failure);
    scene.proxy().inject(Operation::Create, Calls::Nth(1), Fault::Cut(cut));
    creation.submit().click();
    let dialog = InquiryDialog::on(scene.browser(), &name);
    assert_eq!(dialog.until_decided(), Statement::Unseen);
    dialog.close();
    scene.browser().see("We do not know what became of the key");
    name
}

/// A copy of the tab on show, in which there are no locks either, and goes on in it.
fn go_to_copy_without_locks(scene: &Scene) {
    let browser = scene.browser();
    let kept = browser.script("return JSON.stringify(sessionStorage)");
    browser.open_tab();
    browser.before_every_page(NO_LOCKS);
    scene.open_site();
    browser.script(&format!("Object.assign(sessionStorage, JSON.parse({kept}))"));
    browser.reload();
}

#[test]
fn where_there_are_no_locks_a_copy_asks_which_tab_is_at_a_creation_and_leaves_it_there() {
    let scene = Scene::behind_proxy_in_whole_browser();
    let browser = scene.browser();
    scene.proxy().inject(Operation::Create, Calls::Nth(1), Fault::StallBody(0));
    browser.before_every_page(NO_LOCKS);
    let page = scene.sign_in();
    let creation = page.open_creation();
    creation.name().fill(NAME);
    creation.submit().click();
    browser.until("the request to be held", || scene.proxy().held() > 0);
    let first = browser.tab();
    go_to_copy_without_locks(&scene);
    page.until_names_are(&[NAME]);
    browser.until("the copy of the note to be gone", || note(browser).is_none());
    assert!(!browser.css("dialog[open]").is_there());

    browser.go_to_tab(&first);
    assert!(note(browser).is_some());
    scene.proxy().heal();
    let creation = CreateDialog::on_secret_of(browser, NAME);
    creation.reveal();
    creation.close_as_saved();
}

#[test]
fn a_second_creation_does_not_make_the_first_one_forgotten() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    scene.proxy().inject(Operation::List, Calls::From(3), Fault::Answer(Answer::json(500, "{}")));
    scene.expect_in_console("status of 500");
    let dialog = lose(&scene, CutPoint::BeforeStatus);
    dialog.close();
    browser.see("We do not know what became of the key");
    browser.button("Create key").click();
    // The key that may be nobody's comes first.
    scene.proxy().heal();
    let dialog = InquiryDialog::on(browser, NAME);
    browser.until("the key to be found", || {
        if dialog.statement() == Statement::Unseen {
            dialog.look_again().click();
        }
        dialog.statement() == Statement::Found
    });
    assert_eq!(dialog.offered().len(), 1);
    dialog.close();
    browser.see_no("We do not know what became of the key");
}

/// Makes a key and reloads the page before anybody has confirmed that it is saved. Gives its secret.
fn lose_secret(scene: &Scene) -> String {
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create(NAME);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    browser.reload_against_advice();
    browser.see("You created “ci-bot” and never confirmed saving its key. Replace it?");
    secret
}

fn guarded(browser: &Browser) -> bool {
    !browser.script("return sessionStorage.getItem('occam-keys.unconfirmed')").is_null()
}

#[test]
fn a_secret_that_a_reload_took_is_replaced_and_the_old_key_is_revoked_once_the_new_one_is_saved() {
    let scene = Scene::open();
    let lost = lose_secret(&scene);
    let browser = scene.browser();
    browser.button("Replace").click();
    let dialog = CreateDialog::on_secret_of(browser, NAME);
    browser.see("Once it is saved, the key that it replaces is revoked.");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    let access = scene.tokens().access;
    assert_eq!(scene.server.api().keys(&access).expect("the token works").len(), 2, "not before");
    dialog.close_as_saved();
    browser.see("“ci-bot” is replaced: the old key was revoked.");
    KeysPage::on(browser).until_names_are(&[NAME]);
    assert!(scene.server.api().exchange(&lost).is_err(), "the old key is dead");
    assert!(scene.server.api().exchange(&secret).is_ok(), "the new one works");
    assert!(!guarded(browser));
    browser.reload();
    KeysPage::on(browser).until_names_are(&[NAME]);
    browser.see_no("never confirmed");
}

#[test]
fn a_replacement_that_nobody_keeps_revokes_nothing_and_the_question_stays() {
    let scene = Scene::open();
    let lost = lose_secret(&scene);
    let browser = scene.browser();
    browser.button("Replace").click();
    let dialog = CreateDialog::on_secret_of(browser, NAME);
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Close without copying").click();
    dialog.until_closed();
    browser.see("never confirmed saving its key");
    assert!(scene.server.api().exchange(&lost).is_ok(), "the old key lives");
    browser.button("It is saved").click();
    browser.see_no("never confirmed saving its key");
    assert!(!guarded(browser), "the user has said so");
}

/// Whoever has the secret after all would be cut off. The list on show does not know of it.
#[test]
fn a_key_that_was_used_meanwhile_is_not_revoked_by_itself_when_its_replacement_is_saved() {
    let scene = Scene::behind_proxy(Server::start());
    let lost = lose_secret(&scene);
    let (browser, proxy) = (scene.browser(), scene.proxy());
    browser.button("Replace").click();
    let dialog = CreateDialog::on_secret_of(browser, NAME);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    scene.expect_in_console("status of 500");
    proxy.inject(Operation::List, Calls::From(1), Fault::Answer(Answer::json(500, "{}")));
    scene.use_key(&lost, 1);
    browser.button("I have saved it").click();
    let dialog = RevokeDialog::on(browser, NAME);
    assert_eq!(proxy.seen(Operation::Revoke), 0, "its user is asked");
    browser.see("This list may be out of date.");
    proxy.heal();
    dialog.typed_name().fill(NAME);
    dialog.confirm();
    dialog.until_closed();
    assert!(scene.server.api().exchange(&lost).is_err(), "the old key is dead");
    assert!(scene.server.api().exchange(&secret).is_ok(), "the new one works");
    assert!(!guarded(browser));
}

#[test]
fn a_secret_that_was_lost_can_be_revoked_instead_of_replaced() {
    let scene = Scene::open();
    let lost = lose_secret(&scene);
    let browser = scene.browser();
    browser.button("Revoke it").click();
    let dialog = RevokeDialog::on(browser, NAME);
    dialog.confirm();
    dialog.until_closed();
    browser.see_no("never confirmed saving its key");
    assert!(scene.server.api().exchange(&lost).is_err(), "it is dead");
    assert!(!guarded(browser));
}

#[test]
fn an_old_key_that_cannot_be_revoked_stays_on_offer_with_the_reason() {
    let scene = Scene::behind_proxy(Server::start());
    let lost = lose_secret(&scene);
    let browser = scene.browser();
    let answer = Answer::json(500, "{}");
    scene.proxy().inject(Operation::Revoke, Calls::Nth(1), Fault::Answer(answer));
    scene.expect_in_console("status of 500");
    browser.button("Replace").click();
    let dialog = CreateDialog::on_secret_of(browser, NAME);
    dialog.reveal();
    dialog.close_as_saved();
    browser.see("The new “ci-bot” is saved, but the old key still works.");
    browser.see("The Key API failed (status 500).");
    browser.button("Revoke it").click();
    let dialog = RevokeDialog::on(browser, NAME);
    dialog.confirm();
    dialog.until_closed();
    browser.see_no("but the old key still works");
    assert!(scene.server.api().exchange(&lost).is_err(), "it is dead");
}

#[test]
fn a_duplicated_tab_leaves_a_secret_on_show_to_the_tab_that_shows_it() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create(NAME);
    let (first, second) = (browser.tab(), browser.duplicate_tab());
    browser.go_to_tab(&second);
    page.until_names_are(&[NAME]);
    browser.until("the copy of the note to be gone", || !guarded(browser));
    browser.see_no("never confirmed saving its key");
    browser.go_to_tab(&first);
    assert!(guarded(browser));
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    browser.until("the note to be gone", || !guarded(browser));
}

#[test]
fn where_there_are_no_locks_a_copy_asks_which_tab_shows_a_secret_and_leaves_it_there() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    browser.before_every_page(NO_LOCKS);
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create(NAME);
    let first = browser.tab();
    go_to_copy_without_locks(&scene);
    page.until_names_are(&[NAME]);
    browser.until("the copy of the note to be gone", || !guarded(browser));
    browser.see_no("never confirmed saving its key");

    browser.go_to_tab(&first);
    assert!(guarded(browser));
    scene.keep_secret(&dialog.reveal());
    browser.reload_against_advice();
    browser.see("You created “ci-bot” and never confirmed saving its key. Replace it?");
}

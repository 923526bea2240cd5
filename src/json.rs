//! JSON (RFC 8259), as much of it as the app reads and writes: small, because the sign-in waits for
//! it.
//!
//! A text is checked once as a whole. Its values are then read where they stand, and what nobody
//! asks for is stepped over, however deep it is. Nothing here recurses.
//!
//! Architecture Invariant: this module knows the notation and nothing else. A value may hold a
//! credential, so it has no `Debug`.

use std::borrow::Cow;

/// A value in a text that has been checked.
#[derive(Clone, Copy)]
pub struct Value<'a>(&'a str);

/// The values of an array, in order.
pub struct Items<'a>(Reader<'a>);

/// An object that is being written.
pub struct Object(String);

/// The value that a text is, with nothing but white space around it. `None` if it is not JSON.
pub fn parse(text: &[u8]) -> Option<Value<'_>> {
    let mut reader = Reader { text: str::from_utf8(text).ok()?, at: 0 };
    let value = reader.value()?;
    reader.next().is_none().then_some(value)
}

impl<'a> Value<'a> {
    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The text of a string; `None` for anything else, and for half a surrogate pair.
    pub fn text(self) -> Option<String> {
        self.unescaped().map(Cow::into_owned)
    }

    fn unescaped(self) -> Option<Cow<'a, str>> {
        let mut rest = self.0.strip_prefix('"')?.strip_suffix('"')?;
        let mut text = String::new();
        while let Some((before, after)) = rest.split_once('\\') {
            text.push_str(before);
            let (escape, after) = after.split_at_checked(1)?;
            rest = after;
            text.push(match *escape.as_bytes().first()? {
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => {
                    let (first, after) = unit(rest)?;
                    rest = after;
                    match first {
                        0xd800..0xdc00 => {
                            let (second, after) = unit(rest.strip_prefix("\\u")?)?;
                            rest = after;
                            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                            char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)?
                        }
                        _ => char::from_u32(first)?,
                    }
                }
                itself => char::from(itself),
            });
        }
        if text.is_empty() {
            return Some(Cow::Borrowed(rest));
        }
        text.push_str(rest);
        Some(Cow::Owned(text))
    }

    /// A whole number that is written as one, without a fraction or an exponent.
    pub fn whole(self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// A number, as close as it gets: to the last digit or two. `None` for anything else, and for
    /// one that is too large.
    pub fn number(self) -> Option<f64> {
        let positive = self.0.strip_prefix('-').unwrap_or(self.0);
        let mut mantissa = 0_u64;
        // The power of ten that the mantissa is to be multiplied by.
        let mut exponent = 0_i64;
        let mut is_fraction = false;
        for (at, digit) in positive.bytes().enumerate() {
            match digit {
                b'.' => is_fraction = true,
                // More digits than this make no difference.
                b'0'..=b'9' if mantissa < 1_000_000_000_000_000_000 => {
                    mantissa = mantissa * 10 + u64::from(digit - b'0');
                    exponent -= i64::from(is_fraction);
                }
                b'0'..=b'9' => exponent += i64::from(!is_fraction),
                b'e' | b'E' => {
                    let written = positive.get(at + 1..)?;
                    // What no integer holds is far out of any range.
                    let far = if written.starts_with('-') { i64::MIN } else { i64::MAX };
                    exponent = exponent.saturating_add(written.parse().unwrap_or(far));
                    break;
                }
                _ => return None,
            }
        }
        let mut number = mantissa as f64;
        let mut left = exponent.unsigned_abs();
        while left > 0 && number != 0.0 && number.is_finite() {
            // No larger power of ten is a number.
            let step = left.min(308);
            let power = power_of_ten(step);
            number = if exponent < 0 { number / power } else { number * power };
            left -= step;
        }
        let number = if self.0.starts_with('-') { -number } else { number };
        number.is_finite().then_some(number)
    }

    /// The values of an array; `None` for anything else.
    pub fn items(self) -> Option<Items<'a>> {
        self.0.starts_with('[').then_some(Items(Reader { text: self.0, at: 1 }))
    }

    /// The members of these names of an object; `None` for anything else, for a name that comes
    /// twice, and for one that is no text.
    pub fn members<const N: usize>(self, names: [&str; N]) -> Option<[Option<Value<'a>>; N]> {
        let mut found = [None; N];
        self.find(&names, &mut found)?;
        Some(found)
    }

    fn find(self, names: &[&str], found: &mut [Option<Value<'a>>]) -> Option<()> {
        if !self.0.starts_with('{') {
            return None;
        }
        let mut reader = Reader { text: self.0, at: 1 };
        while reader.next()? != b'}' {
            let name = reader.value()?.unescaped()?;
            reader.take(b':')?;
            let value = reader.value()?;
            let slot = names.iter().zip(&mut *found).find(|(asked, _)| **asked == name);
            if slot.is_some_and(|(_, slot)| slot.replace(value).is_some()) {
                return None;
            }
            if reader.next()? == b',' {
                reader.at += 1;
            }
        }
        Some(())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let Self(reader) = self;
        if reader.next()? == b']' {
            return None;
        }
        let value = reader.value()?;
        if reader.next()? == b',' {
            reader.at += 1;
        }
        Some(value)
    }
}

impl Default for Object {
    fn default() -> Self {
        Self("{".to_owned())
    }
}

impl Object {
    /// The same with one more member, a string.
    pub fn text(self, name: &str, value: &str) -> Self {
        let mut written = String::with_capacity(value.len() + 2);
        quote(&mut written, value);
        self.raw(name, &written)
    }

    /// The same with one more member: a string, or null.
    pub fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self.raw(name, "null"),
        }
    }

    /// The same with one more member, which is JSON already.
    pub fn raw(self, name: &str, json: &str) -> Self {
        let Self(mut text) = self;
        if text.len() > 1 {
            text.push(',');
        }
        quote(&mut text, name);
        text.push(':');
        text.push_str(json);
        Self(text)
    }

    /// The whole object.
    pub fn end(self) -> String {
        let Self(mut text) = self;
        text.push('}');
        text
    }
}

/// A string as JSON has it.
pub fn quoted(text: &str) -> String {
    let mut written = String::new();
    quote(&mut written, text);
    written
}

fn quote(into: &mut String, text: &str) {
    into.push('"');
    for it in text.chars() {
        match it {
            '"' | '\\' => {
                into.push('\\');
                into.push(it);
            }
            '\0'..' ' => {
                into.push_str(if it < '\u{10}' { "\\u000" } else { "\\u001" });
                into.extend(char::from_digit(u32::from(it) & 0xf, 16));
            }
            _ => into.push(it),
        }
    }
    into.push('"');
}

/// Ten to this power, which is at most 308.
fn power_of_ten(power: u64) -> f64 {
    // By squaring, which is exact as far as a power of ten can be.
    let (mut power, mut base, mut product) = (power, 10.0, 1.0);
    while power > 0 {
        if power & 1 == 1 {
            product *= base;
        }
        base *= base;
        power >>= 1;
    }
    product
}

/// The four hexadecimal digits of a `\u`, and what comes after.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    let digit = |sum: u32, digit: char| Some(sum * 16 + digit.to_digit(16)?);
    Some((digits.chars().try_fold(0, digit)?, after))
}

/// A text, and how far it is read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What comes after the white space.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                next => return Some(next),
            }
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    /// Steps over a value, and checks it.
    fn value(&mut self) -> Option<Value<'a>> {
        self.next()?;
        let start = self.at;
        // How what is open ends, from the outside in.
        let mut open = Vec::new();
        loop {
            let first = self.next()?;
            match first {
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b'[' | b'{' => {
                    self.at += 1;
                    // The brackets of a pair stand two apart in ASCII.
                    let end = first + 2;
                    if self.next()? != end {
                        open.push(end);
                        self.name_in(end)?;
                        continue;
                    }
                    self.at += 1;
                }
                _ => {
                    let rest = self.text.get(self.at..)?;
                    let word =
                        ["null", "true", "false"].into_iter().find(|it| rest.starts_with(*it));
                    self.at += word?.len();
                }
            }
            // A value has ended, and perhaps what it was in.
            loop {
                let Some(end) = open.last().copied() else {
                    return self.text.get(start..self.at).map(Value);
                };
                let next = self.next()?;
                self.at += 1;
                if next == b',' {
                    self.name_in(end)?;
                    break;
                }
                if next != end {
                    return None;
                }
                open.pop();
            }
        }
    }

    /// Steps over the name of a member, if it is in an object.
    fn name_in(&mut self, end: u8) -> Option<()> {
        if end == b'}' {
            self.string()?;
            self.take(b':')?;
        }
        Some(())
    }

    /// Steps over a string, if one is next.
    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            // Most of a long answer is in strings, and most of a string is plain.
            let rest = self.text.as_bytes().get(self.at..)?;
            let plain = rest.iter().position(|it| matches!(it, b'"' | b'\\' | 0..0x20))?;
            self.at += plain + 1;
            match rest.get(plain)? {
                b'"' => return Some(()),
                b'\\' => {
                    let escape = self.peek()?;
                    self.at += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            unit(self.text.get(self.at..)?)?;
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    /// Steps over a number.
    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            // No other digit comes after it.
            Some(b'0') => self.at += 1,
            _ => self.run()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.run()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.run()?;
        }
        Some(())
    }

    /// Steps over one digit or more.
    fn run(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Known;

    use super::*;

    /// Holds a value against what another reader makes of the same text. Names that come twice are
    /// refused here and the last one counts there, so `members` is only asked about the others.
    fn check(value: Value<'_>, known: &Known) {
        assert_eq!(value.is_null(), known.is_null());
        assert_eq!(value.text().as_deref(), known.as_str());
        assert_eq!(value.whole().filter(|it| *it != 0), known.as_i64().filter(|it| *it != 0));
        match (value.number(), known.as_f64()) {
            (Some(read), Some(known)) => {
                assert!((read - known).abs() <= known.abs() * 1e-14 + 1e-307, "{read} {known}");
            }
            (read, known) => assert_eq!(read, known),
        }
        assert_eq!(value.items().is_some(), known.is_array());
        for (value, known) in
            value.items().into_iter().flatten().zip(known.as_array().into_iter().flatten())
        {
            check(value, known);
        }
        assert_eq!(value.items().map(Iterator::count), known.as_array().map(Vec::len));
        for (name, known) in known.as_object().into_iter().flatten() {
            if let Some([value, absent]) = value.members([name, "absent"]) {
                check(value.expect("it is there"), known);
                assert!(absent.is_none());
            }
        }
    }

    /// The same of a text that may be none. What a reader knows that is all text and no number is
    /// too large is not for it to refuse.
    fn hold(text: &[u8]) {
        let known = serde_json::from_slice::<Known>(text);
        let value = parse(text);
        match (&value, &known) {
            (Some(value), Ok(known)) => check(*value, known),
            (None, Err(_)) => {}
            // What that reader cannot hold although it is JSON.
            (Some(_), Err(error)) => {
                let reason = error.to_string();
                let is_known =
                    ["number out of range", "surrogate", "hex escape", "recursion limit"];
                assert!(is_known.iter().any(|it| reason.contains(it)), "{reason}: {text:?}");
            }
            (None, Ok(_)) => panic!("{:?}", String::from_utf8_lossy(text)),
        }
    }

    fn any_json() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|it| it.to_string()),
            any::<i64>().prop_map(|it| it.to_string()),
            any::<u64>().prop_map(|it| it.to_string()),
            any::<f64>().prop_map(|it| serde_json::to_string(&it).expect("it is written")),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?",
            any::<String>().prop_map(|it| serde_json::to_string(&it).expect("it is written")),
            "\"(\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud83d\\\\ude00|[a-zé]){0,4}\"",
        ];
        scalar.prop_recursive(4, 24, 4, |inner| {
            let space = "[ \n\r\t]{0,2}";
            let items = (space, prop::collection::vec(inner.clone(), 0..4));
            let member = ("[ab\\PC]{0,2}", inner);
            let members = (space, prop::collection::vec(member, 0..4));
            prop_oneof![
                items.prop_map(|(space, it)| {
                    format!("{space}[{space}{}{space}]", it.join(&format!("{space},")))
                }),
                members.prop_map(|(space, it)| {
                    let member = |(name, value): &(String, String)| {
                        let name = serde_json::to_string(name).expect("it is written");
                        format!("{space}{name}{space}:{space}{value}{space}")
                    };
                    let members: Vec<_> = it.iter().map(member).collect();
                    format!("{{{space}{}}}{space}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_read_as_others_read_it(text in any_json()) {
            hold(text.as_bytes());
        }

        #[test]
        fn what_is_damaged_is_refused_as_others_refuse_it(
            text in any_json(),
            at in any::<prop::sample::Index>(),
            with in "[\\[\\]{}:,\"\\\\0-9eE.+\\- \u{0}\u{1f}ntfé]{0,2}",
            length in 0..3_usize,
        ) {
            let mut bytes = text.into_bytes();
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, with.bytes());
            hold(&bytes);
        }

        #[test]
        fn no_text_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            hold(&bytes);
        }

        #[test]
        fn what_is_written_is_read_by_others(name in any::<String>(), text in any::<String>()) {
            let object = Object::default().text(&name, &text).optional_text("n", None).raw("1", "1");
            let known: Known = serde_json::from_str(&object.end()).expect("it is JSON");
            if name != "n" && name != "1" {
                prop_assert_eq!(known[&name].as_str(), Some(&*text));
            }
            prop_assert_eq!(&known["1"], &Known::from(1));
            let known: String = serde_json::from_str(&quoted(&text)).expect("it is JSON");
            prop_assert_eq!(known, text);
        }
    }

    #[test]
    fn depth_costs_nothing_and_a_text_that_breaks_off_is_none() {
        let deep = format!("{}{}", "[{\"a\":".repeat(100_000), "}]".repeat(100_000));
        assert!(parse(deep.replace(":}", ":1}").as_bytes()).is_some());
        for broken in
            ["", " ", "[", "{", "\"", "[1", "{\"a\"", "{\"a\":", "1 2", "[1,]", "{,}", "\u{feff}1"]
        {
            assert!(parse(broken.as_bytes()).is_none(), "{broken}");
        }
    }

    #[test]
    fn a_name_that_comes_twice_is_only_in_the_way_of_who_asks_for_it() {
        let object = parse(br#"{"a": 1, "\u0062": 2, "a": 3}"#).expect("it is JSON");
        assert!(object.members(["a"]).is_none());
        let [b] = object.members(["b"]).expect("an object");
        assert_eq!(b.and_then(Value::whole), Some(2));
    }

    #[test]
    fn numbers_are_exact_as_far_as_times_and_counts_go_and_end_where_floats_do() {
        let number = |text: &str| parse(text.as_bytes()).expect("it is JSON").number();
        for whole in [0_i64, 1, 1_795_456_701, 1_795_456_701_000, (1 << 53) - 1] {
            assert_eq!(number(&whole.to_string()), Some(whole as f64));
            assert_eq!(number(&format!("-{whole}.000e0")), Some(-(whole as f64)));
        }
        assert_eq!(number("1.795456701E+9"), Some(1_795_456_701.0));
        assert_eq!(number("1e22"), Some(1e22));
        for large in ["1e309", "-1e999", "1e99999999999999999999", "179e307"] {
            assert_eq!(number(large), None, "{large}");
        }
        for small in ["1e-999", "0e99999999999999999999", "1e-99999999999999999999"] {
            assert_eq!(number(small), Some(0.0), "{small}");
        }
    }
}

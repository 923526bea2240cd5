//! Making, recognising and hashing the secrets this server hands out.
//!
//! All of them carry 256 bits from the operating system, so a plain SHA-256 is enough to store
//! them: there is nothing to guess, and a slow hash would only slow every request down.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

/// What every API key begins with, so that people and secret scanners recognise one.
const API_KEY_PREFIX: &str = "occ_";

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 62^43 is the first power above 2^256.
const RANDOM_CHARS: usize = 43;
/// 62^6 is the first power above 2^32.
const CHECK_CHARS: usize = 6;
/// How much of an API key the masked form shows at its start.
const SHOWN_CHARS: usize = 8;

/// The SHA-256 of a secret: what the database keeps in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

/// A bearer token or a refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Token(SecretString);

/// An API key: `occ_`, 256 random bits in base 62, and six characters that are the CRC-32 of
/// all before them. The check tells a mistyped key from a wrong one without a look-up.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey(SecretString);

/// What a used refresh token is mixed with to give its successors. Known alone, it is worthless.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salt(pub(crate) [u8; 32]);

/// Which of the two successors of a refresh token is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Successor {
    Access,
    Refresh,
}

impl Token {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        Ok(Self(base62(&random_bytes()?).into()))
    }

    /// A token as a client presents it.
    pub(crate) fn presented(text: &str) -> Self {
        Self(text.into())
    }

    /// The token that follows this one. Whoever holds this token and the salt can make it again,
    /// so the answer of a refresh can be repeated though it is stored nowhere; whoever holds
    /// only one of the two learns nothing.
    pub(crate) fn successor(&self, which: Successor, salt: &Salt) -> Self {
        let label: &[u8] = match which {
            Successor::Access => b"access",
            Successor::Refresh => b"refresh",
        };
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.expose().as_bytes())
            .expect("HMAC takes a key of any length");
        mac.update(label);
        mac.update(&salt.0);
        Self(base62(&mac.finalize().into_bytes().into()).into())
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.expose())
    }

    /// The text, for the answer that hands it out.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl ApiKey {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut text = API_KEY_PREFIX.to_owned() + &base62(&random_bytes()?);
        let check = check_of(&text);
        text.push_str(&check);
        Ok(Self(text.into()))
    }

    /// The key that `text` is, if it has the form of one and its check is right.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(API_KEY_PREFIX)?;
        let well_formed = random.len() == RANDOM_CHARS + CHECK_CHARS
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, check) = text.split_at_checked(API_KEY_PREFIX.len() + RANDOM_CHARS)?;
        (well_formed && check == check_of(body)).then(|| Self(text.into()))
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.expose())
    }

    /// The shown start of the key.
    pub(crate) fn prefix(&self) -> &str {
        &self.expose()[..SHOWN_CHARS]
    }

    /// The shown end of the key.
    pub(crate) fn last_four(&self) -> &str {
        let text = self.expose();
        &text[text.len() - 4..]
    }

    /// The text, for the answer that hands it out.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Digest {
    fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl Salt {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        random_bytes().map(Self)
    }
}

/// Bytes from the operating system's random number generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// 256 bits as a number in base 62, padded to its full width.
fn base62(bytes: &[u8; 32]) -> String {
    let mut number = *bytes;
    let mut digits = [0; RANDOM_CHARS];
    for digit in digits.iter_mut().rev() {
        // Long division of the big-endian number by 62; what remains is the next digit.
        let mut remainder = 0_u32;
        for byte in &mut number {
            let part = remainder << 8 | u32::from(*byte);
            *byte = (part / 62) as u8;
            remainder = part % 62;
        }
        *digit = BASE62[remainder as usize];
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

fn check_of(text: &str) -> String {
    let mut number = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [0; CHECK_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[number % 62];
        number /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_is_the_number_in_full_width() {
        assert_eq!(base62(&[0; 32]), "0".repeat(RANDOM_CHARS));
        let mut sixty_two = [0; 32];
        sixty_two[31] = 62;
        assert_eq!(base62(&sixty_two), format!("{}10", "0".repeat(RANDOM_CHARS - 2)));
        // 2^256 - 1 in base 62, from an independent calculation.
        assert_eq!(base62(&[255; 32]), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
    }

    #[test]
    fn an_api_key_is_recognised_by_its_form_and_its_check() {
        let key = ApiKey::random().expect("the system has random numbers");
        let text = key.expose();
        assert_eq!(text.len(), 53);
        assert_eq!(key.prefix(), &text[..8]);
        assert_eq!(key.last_four(), &text[49..]);
        assert!(ApiKey::parse(text).is_some());
        for wrong in [
            "",
            "occ_",
            &text[..52],
            &format!("{text}0"),
            &text.replace("occ_", "ocd_"),
            &format!("{}é", &text[..51]),
            &format!("{}{}", &text[..52], if text.ends_with('0') { '1' } else { '0' }),
        ] {
            assert!(ApiKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_check_is_the_common_crc_32() {
        // 0xCBF43926, the check value of CRC-32/ISO-HDLC, in base 62.
        assert_eq!(check_of("123456789"), "3jZRME");
    }

    #[test]
    fn a_successor_needs_both_the_token_and_the_salt() {
        let token = Token::presented("a");
        let next = |token: &Token, which, salt| token.successor(which, &Salt([salt; 32]));
        let first = next(&token, Successor::Refresh, 1);
        assert_eq!(first.expose(), next(&token, Successor::Refresh, 1).expose());
        for other in [
            next(&token, Successor::Access, 1),
            next(&token, Successor::Refresh, 2),
            next(&Token::presented("b"), Successor::Refresh, 1),
        ] {
            assert_ne!(first.expose(), other.expose());
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let key = ApiKey::random().expect("the system has random numbers");
        assert!(!format!("{key:?}").contains(key.expose()));
        let token = Token::random().expect("the system has random numbers");
        assert!(!format!("{token:?}").contains(token.expose()));
    }
}

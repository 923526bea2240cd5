//! The forms in which a new key is taken to where it is used.
//!
//! Only some of them hold the key itself. The others read it from an environment variable or ask
//! for it, so that it gets neither into a program's source nor into a shell's history.

/// A form in which a key, or the way to it, is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snippet {
    /// The key and nothing else.
    #[default]
    Key,
    /// `NAME=…`, as a POSIX shell reads it.
    Variable,
    /// A line of a `.env` file.
    DotEnv,
    /// A call by `curl`, which asks for the key.
    Curl,
    /// Rust that reads the variable.
    Rust,
    /// Python that reads the variable.
    Python,
    /// JavaScript that reads the variable.
    JavaScript,
}

impl Snippet {
    /// All there are, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Key,
        Self::Variable,
        Self::DotEnv,
        Self::Curl,
        Self::Rust,
        Self::Python,
        Self::JavaScript,
    ];

    /// Whether the key itself is in it. Whoever has copied one that does not hold it, does not have
    /// the key.
    pub fn holds_key(self) -> bool {
        matches!(self, Self::Key | Self::Variable | Self::DotEnv)
    }

    /// The text for the key `secret` called `name`, at the Key API at `api`, for example
    /// `https://keys.example.com`.
    pub fn write(self, name: &str, secret: &str, api: &str) -> String {
        let variable = variable(name);
        match self {
            Self::Key => secret.to_owned(),
            Self::Variable => format!("{variable}={}", in_shell(secret)),
            Self::DotEnv => format!("{variable}={}", in_dot_env(secret)),
            // `printf` belongs to the shell, so the key is in no list of processes either.
            Self::Curl => format!(
                "# Paste the key when asked, and press Enter: it is neither shown nor remembered.\n\
                 printf 'Key: '; read -rs {variable}; echo\n\
                 printf %s \"${variable}\" |\n  \
                 curl -sSG --data-urlencode key@- {}",
                in_shell(&format!("{api}/auth/access-token")),
            ),
            Self::Rust => format!(
                "let key = std::env::var(\"{variable}\").expect(\"{variable} is not set\");"
            ),
            Self::Python => format!("import os\n\nkey = os.environ[\"{variable}\"]"),
            Self::JavaScript => format!(
                "const key = process.env.{variable};\n\
                 if (!key) throw new Error(\"{variable} is not set\");"
            ),
        }
    }

    /// What a file of it is called for the key called `name`.
    pub fn file_name(self, name: &str) -> String {
        let extension = match self {
            Self::Key => "txt",
            Self::Variable | Self::DotEnv => "env",
            Self::Curl => "sh",
            Self::Rust => "rs",
            Self::Python => "py",
            Self::JavaScript => "js",
        };
        let stem = variable(name).to_ascii_lowercase().replace('_', "-");
        format!("{stem}.{extension}")
    }
}

/// The name of an environment variable for the key called `name`: capitals, digits and `_` (POSIX,
/// Environment Variables), with `KEY` as its last word, so that it is none that a system knows.
pub fn variable(name: &str) -> String {
    let mut variable = String::with_capacity(name.len() + 4);
    for it in name.chars() {
        if it.is_ascii_alphanumeric() {
            variable.push(it.to_ascii_uppercase());
        } else if !variable.is_empty() && !variable.ends_with('_') {
            variable.push('_');
        }
    }
    let variable = variable.trim_end_matches('_');
    if variable.is_empty() {
        return "API_KEY".to_owned();
    }
    let before = if variable.starts_with(|it: char| it.is_ascii_digit()) { "KEY_" } else { "" };
    let after = if variable == "KEY" || variable.ends_with("_KEY") { "" } else { "_KEY" };
    format!("{before}{variable}{after}")
}

/// A word of a POSIX shell (2.2 Quoting): as it is where nothing in it means anything.
fn in_shell(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "_-./:@%+,".contains(it);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A value of a `.env` file. Between single quotes nothing means anything; what cannot stand there
/// stands between double quotes, escaped.
fn in_dot_env(text: &str) -> String {
    if !text.contains(['\'', '\n', '\r']) {
        return format!("'{text}'");
    }
    let mut quoted = String::with_capacity(text.len() + 8);
    quoted.push('"');
    for it in text.chars() {
        match it {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', it]),
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

// The scripts are held against a real shell, which no browser has.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::process::Command;

    use super::*;

    const API: &str = "https://keys.example.com";
    const NASTY: &str = "a'b\"c$HOME `id` \\ !x #y;*?[é]~{a,b}\nz";

    /// What a real shell makes of a script.
    fn shell(script: &str, input: &str) -> String {
        use std::io::Write;
        let mut shell = Command::new("bash")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut stdin = shell.stdin.take().expect("it is piped");
        stdin.write_all(input.as_bytes()).expect("it reads");
        drop(stdin);
        let output = shell.wait_with_output().expect("it ends");
        String::from_utf8(output.stdout).expect("text")
    }

    #[test]
    fn a_variable_is_called_like_the_key_and_never_like_what_a_system_knows() {
        for (name, expected) in [
            ("ci-bot", "CI_BOT_KEY"),
            ("Billing, production", "BILLING_PRODUCTION_KEY"),
            ("path", "PATH_KEY"),
            ("api key", "API_KEY"),
            ("key", "KEY"),
            ("monkey", "MONKEY_KEY"),
            ("2nd", "KEY_2ND_KEY"),
            ("--x--", "X_KEY"),
            ("鍵", "API_KEY"),
            ("a'; rm -rf / #", "A_RM_RF_KEY"),
        ] {
            assert_eq!(variable(name), expected, "{name}");
        }
    }

    #[test]
    fn a_shell_reads_back_the_very_key_whatever_is_in_it() {
        for secret in [NASTY, "occ_AbC-123", "", "it's", "-n", "a=b"] {
            let line = Snippet::Variable.write("ci-bot", secret, API);
            let read = shell(&format!("{line}\nprintf %s \"$CI_BOT_KEY\""), "");
            assert_eq!(read, secret, "{line}");
        }
        let plain = Snippet::Variable.write("ci-bot", "occ_AbC-123", API);
        assert_eq!(plain, "CI_BOT_KEY=occ_AbC-123", "what takes no quotes has none");
    }

    #[test]
    fn a_line_of_a_dot_env_file_is_one_line_and_expands_nothing() {
        let line = |secret| Snippet::DotEnv.write("ci-bot", secret, API);
        assert_eq!(line("occ_$a#b"), "CI_BOT_KEY='occ_$a#b'");
        assert_eq!(line("it's $5"), r#"CI_BOT_KEY="it's \$5""#);
        assert!(!line(NASTY).contains('\n'));
    }

    #[test]
    fn curl_asks_for_the_key_and_has_it_in_no_list_of_processes() {
        let script = Snippet::Curl.write("ci-bot", "occ_secret", "https://keys.example.com/a b");
        assert!(!script.contains("occ_secret"));
        // In the place of curl stands what tells its arguments and its input.
        let spy = format!("curl() {{ printf '[%s]' \"$@\"; cat; }}\n{script}");
        let told = shell(&spy, "it's \\ occ_secret\n");
        assert_eq!(
            told,
            "Key: \n[-sSG][--data-urlencode][key@-]\
             [https://keys.example.com/a b/auth/access-token]it's \\ occ_secret",
        );
    }

    #[test]
    fn what_holds_the_key_says_so_and_nothing_else_holds_it() {
        for snippet in Snippet::ALL {
            let holds = snippet.write("ci-bot", "occ_secret", API).contains("occ_secret");
            assert_eq!(snippet.holds_key(), holds, "{snippet:?}");
        }
    }

    #[test]
    fn a_name_can_break_neither_a_program_nor_the_name_of_a_file() {
        let name = "\"); evil(\"../../x\u{202E}";
        for snippet in [Snippet::Rust, Snippet::Python, Snippet::JavaScript] {
            let text = snippet.write(name, "s", API);
            assert!(text.contains("EVIL_X_KEY") && !text.contains("evil"), "{text}");
        }
        assert_eq!(Snippet::Key.file_name(name), "evil-x-key.txt");
        assert_eq!(Snippet::DotEnv.file_name("ci-bot"), "ci-bot-key.env");
    }
}

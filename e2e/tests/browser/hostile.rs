//! Names and messages that somebody hostile wrote.

use e2e::scene::Scene;
use serde_json::json;

/// A Key API that says what the test tells it.
const API: &str = include_str!("hostile/api.js");
/// What acts in the page.
pub(crate) const HANDS: &str = include_str!("hands.js");
/// What puts the payloads everywhere.
const DRIVE: &str = include_str!("hostile/drive.js");

/// What would run, load, close an element early or turn the text around it, if it were not text.
const PAYLOADS: [&str; 60] = [
    "<script>window.__pwn=1</script>",
    "<img src=x onerror=window.__pwn=1>",
    "<svg onload=window.__pwn=1>",
    "<svg><script>window.__pwn=1</script></svg>",
    "<body onload=window.__pwn=1>",
    "<iframe srcdoc='<script>parent.__pwn=1</script>'>",
    "<iframe src=javascript:parent.__pwn=1>",
    "<a href=javascript:window.__pwn=1>x</a>",
    "<details open ontoggle=window.__pwn=1>",
    "<input autofocus onfocus=window.__pwn=1>",
    "<video><source onerror=window.__pwn=1></video>",
    "<audio src=x onerror=window.__pwn=1>",
    "<object data=javascript:window.__pwn=1>",
    "<embed src=javascript:window.__pwn=1>",
    "<marquee onstart=window.__pwn=1>",
    "<math><mtext><img src=x onerror=window.__pwn=1>",
    "<style>@import 'http://elsewhere.invalid/x';</style>",
    "<link rel=stylesheet href=http://elsewhere.invalid/x>",
    "<base href=http://elsewhere.invalid/>",
    "<meta http-equiv=refresh content='0;url=javascript:window.__pwn=1'>",
    "<form action=http://elsewhere.invalid/><button>Revoke key</button>",
    "<template><script>window.__pwn=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.__pwn=1>'>",
    "\"><script>window.__pwn=1</script>",
    "'><img src=x onerror=window.__pwn=1>",
    "\" onmouseover=\"window.__pwn=1",
    "' autofocus onfocus='window.__pwn=1",
    "</title><script>window.__pwn=1</script>",
    "</textarea><script>window.__pwn=1</script>",
    "</bdi></code></td><td>forged</td>",
    "--><script>window.__pwn=1</script><!--",
    "]]><script>window.__pwn=1</script>",
    "<!--<img src=x onerror=window.__pwn=1>-->",
    "javascript:window.__pwn=1",
    "data:text/html,<script>parent.__pwn=1</script>",
    "{{constructor.constructor('window.__pwn=1')()}}",
    "${window.__pwn=1}",
    "<%= window.__pwn=1 %>",
    "\\x3cscript\\x3ewindow.__pwn=1\\x3c/script\\x3e",
    "\\u003cscript\\u003ewindow.__pwn=1",
    "&lt;script&gt;window.__pwn=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.__pwn=1&#62;",
    "%3Cscript%3Ewindow.__pwn=1%3C/script%3E",
    "<<script>script>window.__pwn=1</script>",
    "<ScRiPt>window.__pwn=1</sCrIpT>",
    "<img/src=x/onerror=window.__pwn=1>",
    "<b>bold</b>",
    "'; DROP TABLE keys; --",
    "ci\u{202E}tob-ic",
    "\u{202D}\u{202E}gnp.exe",
    "\u{2067}isolated\u{2066}twice",
    "\u{2069}\u{202C}closed too often",
    "\u{200F}right\u{200E}left\u{61C}",
    "ci\u{200B}-\u{200C}b\u{200D}o\u{2060}t\u{FEFF}",
    "soft\u{AD}hyphen",
    "line\u{2028}and\u{2029}paragraph",
    "control\u{7}\u{1B}[31mred",
    "new\nline\tand\rmore",
    "مفتاح 123 שלום",
    "Z\u{351}\u{36B}a\u{343}l\u{364}g\u{342}o\u{34B}",
];

#[test]
fn sixty_hostile_texts_in_every_field_stay_text_and_in_their_place() {
    // In halves: of a longer list, only the rows in sight would be drawn.
    let made: u64 = PAYLOADS.chunks(PAYLOADS.len() / 2).map(put_in_every_field).sum();
    assert_eq!(made, 58, "all but those with control characters were keys' names");
}

/// Yields how many of the texts can be names of keys.
fn put_in_every_field(payloads: &[&str]) -> u64 {
    let scene = Scene::open();
    scene.browser().before_every_page(API);
    scene.browser().goto(&scene.origin());
    let drive = format!("const PAYLOADS = {};\n{HANDS}{DRIVE}", json!(payloads));
    let result = scene.browser().script(&drive);
    let wrong: Vec<&str> =
        result["wrong"].as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let made = result["made"].as_u64().unwrap_or_default();
    let checks = payloads.len() as u64 * (1 + 3 + 4 + 1 + 5) + 2 + made * 3 + 12;
    assert_eq!(result["checks"], checks);
    made
}

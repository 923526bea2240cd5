//! Requests that wait until the test lets them go: what happens in between can then be looked at
//! without any race.

use crate::browser::Browser;

/// Requests of the page that are held back before they are sent.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a>(&'a Browser);

impl<'a> Hold<'a> {
    /// Holds, in the page on show, the requests of this method whose path ends like this.
    pub fn here(browser: &'a Browser, method: &str, path_end: &str) -> Self {
        browser.script(&script(method, path_end));
        Self(browser)
    }

    /// Holds such requests in every page from the next one on, from its beginning.
    pub fn from_the_next_page_on(browser: &'a Browser, method: &str, path_end: &str) -> Self {
        browser.before_every_page(&script(method, path_end));
        Self(browser)
    }

    /// How many requests wait.
    pub fn count(self) -> u64 {
        self.0.script("return window.heldRequests.length").as_u64().unwrap_or_default()
    }

    /// Waits until a request waits.
    #[track_caller]
    pub fn until_it_holds(self) {
        self.0.until("a request to be held", || self.count() > 0);
    }

    /// Lets all of them go, and holds no more in this page.
    pub fn let_go(self) {
        self.0.script("window.letRequestsGo()");
    }
}

fn script(method: &str, path_end: &str) -> String {
    format!(
        "(() => {{
            const send = window.fetch;
            let holding = true;
            window.heldRequests = [];
            window.letRequestsGo = () => {{
                holding = false;
                for (const go of window.heldRequests.splice(0)) go();
            }};
            window.fetch = async (what, ...rest) => {{
                const url = new URL(what.url ?? what, location);
                const method = what.method ?? 'GET';
                if (holding && method === '{method}' && url.pathname.endsWith('{path_end}')) {{
                    await new Promise((go) => window.heldRequests.push(go));
                }}
                return send(what, ...rest);
            }};
        }})()"
    )
}

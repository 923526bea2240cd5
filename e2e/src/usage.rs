//! The page of one key.

use crate::browser::Browser;

/// A key's facts and the chart of its usage.
#[derive(Clone, Copy, Debug)]
pub struct UsagePage<'a>(&'a Browser);

impl<'a> UsagePage<'a> {
    /// Waits until the page of the key of this name is on show.
    #[track_caller]
    pub fn on(browser: &'a Browser, name: &str) -> Self {
        browser.heading(name).wait();
        Self(browser)
    }

    /// What the chart says to those who do not see it.
    #[track_caller]
    pub fn chart(self) -> String {
        let chart = self.0.css("svg[role=img]").wait();
        // Chromium calls the role by its newer name, ARIA 1.3's "image".
        assert_eq!(chart.role(), "image", "the chart is one picture");
        chart.name()
    }

    /// Asks for the figures again until the chart's name has `part` in it.
    #[track_caller]
    pub fn refresh_until_chart_says(self, part: &str) {
        self.0.until_or(
            || {
                let chart = self.chart();
                if chart.contains(part) {
                    return Ok(());
                }
                self.0.button("Refresh").click();
                Err(format!("it says {chart:?}"))
            },
            &format!("the chart to say {part:?}"),
        );
    }
}

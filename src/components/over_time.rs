//! What the charts of what came over time share.

use crate::domain::chart::picture::PLOT_SIZE;
use crate::domain::chart::scale::Frame;
use crate::words::tr;

/// The drawing's own size: it is stretched to where it stands.
pub(super) const VIEW_BOX: &str = "0 0 600 100";

/// The frame of a drawing of that size, for these times in milliseconds, and values up to `top`.
pub(super) fn frame(times: (i64, i64), top: f64) -> Frame {
    Frame::new(PLOT_SIZE.0, PLOT_SIZE.1, times, top)
}

/// What was said of what came, and if a counter went back meanwhile, that it may be more.
pub(super) fn with_reset(said: String, reset: bool) -> String {
    match reset {
        true => [said, tr("A counter went back meanwhile, so there may be more.")].join(" "),
        false => said,
    }
}

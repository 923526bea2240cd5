//! A channel between the tabs of this site.

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// One end of a channel, open until this is dropped. Whatever any other end of the same name
/// posts arrives here.
#[derive(Debug)]
pub struct Channel {
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Channel {
    /// Opens an end; `None` if the browser refuses.
    pub fn open(name: &str, on_message: impl Fn(&str) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                on_message(&text);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { channel, _on_message: on_message })
    }

    /// Posts to all ends of this name.
    pub fn post_once(name: &str, text: &str) {
        if let Ok(channel) = BroadcastChannel::new(name) {
            // A text can always be posted.
            let _ = channel.post_message(&text.into());
            channel.close();
        }
    }

    /// Posts to all other ends.
    pub fn post(&self, text: &str) {
        // A text can always be posted.
        let _ = self.channel.post_message(&text.into());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

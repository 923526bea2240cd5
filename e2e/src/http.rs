//! JSON over plain HTTP, for the Key API and for WebDriver.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

/// The status and the body of an answer; null if the body is no JSON.
pub(crate) type Answer = (u16, Value);

/// Long enough for a browser to start on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(90);

/// A client that takes every status for an answer and uses no proxy.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .build()
        .into()
}

/// Sends a request and reads the answer to its end.
pub(crate) fn send(agent: &Agent, request: Request<String>) -> Result<Answer, ureq::Error> {
    let (parts, body) = request.into_parts();
    // A request without a body is not one with an empty body.
    let mut response = match body.is_empty() {
        true => agent.run(Request::from_parts(parts, ()))?,
        false => agent.run(Request::from_parts(parts, body))?,
    };
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string()?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

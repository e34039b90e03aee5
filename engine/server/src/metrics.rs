//! What is counted, and its text for Prometheus (exposition format 0.0.4) at `/metrics`.

use crate::hall::Hall;
use std::fmt::Write;

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// REST requests answered.
    pub requests: u64,
    /// Of them refused: status 400 and above.
    pub refused: u64,
    /// Of them refused by a limit: 429 and 418.
    pub limited: u64,
    /// Messages of the WebSocket API answered.
    pub calls: u64,
    /// Messages of market streams' connections.
    pub messages: u64,
    /// Connections ended for sending too much.
    pub floods: u64,
    /// Commands done again from the journal at the start.
    pub restored: u64,
}

/// Writes the metrics.
pub fn write(hall: &mut Hall, connections: usize, out: &mut String) {
    let counted = hall.counted;
    let rows: [(&str, &str, &str, u64); 13] = [
        ("bot4_exchange_requests_total", "counter", "REST requests answered.", counted.requests),
        ("bot4_exchange_requests_refused_total", "counter", "REST requests refused: status 400 and above.", counted.refused),
        ("bot4_exchange_requests_limited_total", "counter", "REST requests refused by a limit: 429 and 418.", counted.limited),
        ("bot4_exchange_api_calls_total", "counter", "Messages of the WebSocket API answered.", counted.calls),
        ("bot4_exchange_stream_messages_total", "counter", "Messages on connections of market streams.", counted.messages),
        ("bot4_exchange_floods_total", "counter", "Connections ended for sending more than five messages a second.", counted.floods),
        ("bot4_exchange_commands_total", "counter", "Commands done since the start.", hall.floor.commands),
        ("bot4_exchange_commands_restored", "gauge", "Commands done again from the journal at the start.", counted.restored),
        ("bot4_exchange_user_events_total", "counter", "User data events told.", hall.push.told.0),
        ("bot4_exchange_stream_events_total", "counter", "Market stream events told.", hall.push.told.1),
        ("bot4_exchange_connections", "gauge", "Open connections.", connections as u64),
        ("bot4_exchange_websockets", "gauge", "Open WebSocket connections.", hall.sessions.len() as u64),
        ("bot4_exchange_subscriptions", "gauge", "Subscriptions to market streams.", hall.sessions.subscriptions() as u64),
    ];
    for (name, kind, help, value) in rows {
        // Writing into memory cannot fail.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    let seconds = hall.clock.now().div_euclid(1_000_000);
    let name = "bot4_exchange_time_seconds";
    let _ = writeln!(out, "# HELP {name} The venue's time, seconds since 1970 UTC.\n# TYPE {name} gauge\n{name} {seconds}");
}

//! A server of HTTP and WebSocket on one thread: sockets on one side, a [`Service`] on the other.
//!
//! One thread, level-triggered epoll, no runtime: what is served is a single state that commands change one after the other, so more threads
//! would only wait for each other. Order of a turn: new connections → what arrived, connection by connection → the service's own time → all
//! that is to be written. A connection that breaks a rule, is idle too long or does not read what it asked for ends; no other one notices.

mod turn;
mod wires;

pub use turn::Server;
pub use wires::{Token, Wires};

use crate::http::Request;
use std::net::IpAddr;
use std::time::Duration;

/// What becomes of a connection after what was just handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It goes on.
    Keep,
    /// It ends once everything is written.
    Close,
    /// It ends at once, unwritten bytes and all: a cable cut.
    Cut,
    /// It speaks WebSocket from here on; the service has written the answer to the handshake.
    Upgrade,
}

/// What is served.
pub trait Service {
    /// Answers a request by writing to the connection's output.
    fn request(&mut self, from: Token, peer: IpAddr, request: &Request<'_>, wires: &mut Wires) -> Next;
    /// Takes a text message of a WebSocket.
    fn message(&mut self, from: Token, text: &str, wires: &mut Wires) -> Next;
    /// Takes note of a control frame of a WebSocket (it has been answered); venues count them.
    fn control(&mut self, from: Token, wires: &mut Wires) -> Next;
    /// Takes note that a WebSocket is gone; its token will not come again.
    fn closed(&mut self, from: Token);
    /// Does what is due and returns how long nothing will be.
    fn tick(&mut self, wires: &mut Wires) -> Duration;
}

/// What a server allows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most connections; more are closed as they come.
    pub connections: usize,
    /// The most bytes a connection leaves unread before it ends.
    pub unread_bytes: usize,
    /// How long a request may take to arrive, and a connection may be idle between two.
    pub idle: Duration,
    /// How often a WebSocket is pinged.
    pub ping: Duration,
    /// How long a WebSocket may be silent.
    pub silence: Duration,
}

impl Default for Limits {
    /// Returns the times of Binance Spot's streams (ping every 20 s, pong within a minute) and room for 8,000 connections.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connections: 8_000, unread_bytes: 16 << 20, idle: seconds(120), ping: seconds(20), silence: seconds(80) }
    }
}

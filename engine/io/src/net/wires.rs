//! The connections of a server, and what is to be written to each.

use crate::websocket::{self, Kind, Reader};
use std::net::{IpAddr, TcpStream};
use std::time::Instant;

/// Names a connection; a place that is used again has another generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    pub(super) place: u32,
    pub(super) generation: u32,
}

impl Token {
    /// The token of no connection: what is written to it is lost. For tests of a service without sockets.
    pub const NOWHERE: Self = Self { place: u32::MAX, generation: 0 };

    /// Returns the token as one number, for tables.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.place)
    }
}

pub(super) enum Protocol {
    Http,
    WebSocket(Reader),
}

pub(super) struct Wire {
    pub stream: TcpStream,
    pub peer: IpAddr,
    pub generation: u32,
    pub input: Vec<u8>,
    pub output: Vec<u8>,
    /// How much of the output is written.
    pub sent: usize,
    pub protocol: Protocol,
    /// Nothing more is read; it ends once everything is written.
    pub is_closing: bool,
    /// It ends now.
    pub is_cut: bool,
    /// It stands in the list of those with something to do.
    pub is_dirty: bool,
    /// epoll tells when it can be written.
    pub is_waiting: bool,
    pub heard: Instant,
    pub pinged: Instant,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, peer: IpAddr, generation: u32, now: Instant) -> Self {
        Self {
            stream,
            peer,
            generation,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            protocol: Protocol::Http,
            is_closing: false,
            is_cut: false,
            is_dirty: false,
            is_waiting: false,
            heard: now,
            pinged: now,
        }
    }

    pub(super) fn is_websocket(&self) -> bool {
        matches!(self.protocol, Protocol::WebSocket(_))
    }
}

/// All connections.
#[derive(Default)]
pub struct Wires {
    pub(super) wires: Vec<Option<Wire>>,
    pub(super) free: Vec<u32>,
    pub(super) dirty: Vec<u32>,
    pub(super) open: usize,
    pub(super) generation: u32,
}

impl Wires {
    /// Returns how many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open
    }

    /// Returns where to append what is to be written to a connection; none where it is gone.
    pub fn output(&mut self, to: Token) -> Option<&mut Vec<u8>> {
        let wire = self.wires.get_mut(to.place as usize)?.as_mut().filter(|wire| wire.generation == to.generation && !wire.is_cut)?;
        if !wire.is_dirty {
            wire.is_dirty = true;
            self.dirty.push(to.place);
        }
        Some(&mut wire.output)
    }

    /// Writes a text message to a WebSocket.
    pub fn text(&mut self, to: Token, text: &[u8]) {
        if let Some(output) = self.output(to) {
            websocket::write(output, Kind::Text, text);
        }
    }

    /// Ends a connection once everything is written; a WebSocket is told the code.
    pub fn close(&mut self, to: Token, code: u16) {
        let is_open = self.get(to.place).is_some_and(|wire| wire.generation == to.generation && !wire.is_closing);
        if !is_open {
            return;
        }
        let is_websocket = self.get(to.place).is_some_and(|wire| wire.is_websocket());
        if let Some(output) = self.output(to).filter(|_| is_websocket) {
            websocket::write(output, Kind::Close, &code.to_be_bytes());
        }
        if let Some(wire) = self.get(to.place) {
            wire.is_closing = true;
        }
    }

    /// Ends a connection once everything is written, without a word.
    pub fn finish(&mut self, to: Token) {
        if self.output(to).is_some()
            && let Some(wire) = self.get(to.place)
        {
            wire.is_closing = true;
        }
    }

    /// Ends a connection at once, unwritten bytes and all.
    pub fn cut(&mut self, to: Token) {
        if self.output(to).is_some()
            && let Some(wire) = self.get(to.place)
        {
            wire.is_cut = true;
        }
    }

    pub(super) fn get(&mut self, place: u32) -> Option<&mut Wire> {
        self.wires.get_mut(place as usize)?.as_mut()
    }

    pub(super) fn add(&mut self, stream: TcpStream, peer: IpAddr, now: Instant) -> Token {
        self.generation = self.generation.wrapping_add(1);
        let wire = Wire::new(stream, peer, self.generation, now);
        let place = self.free.pop().unwrap_or_else(|| {
            self.wires.push(None);
            (self.wires.len() - 1) as u32
        });
        self.wires[place as usize] = Some(wire);
        self.open += 1;
        Token { place, generation: self.generation }
    }

    /// Forgets a connection, which closes its socket; tells whether it spoke WebSocket, and its token.
    pub(super) fn remove(&mut self, place: u32) -> Option<(Token, bool)> {
        let wire = self.wires.get_mut(place as usize)?.take()?;
        self.free.push(place);
        self.open -= 1;
        Some((Token { place, generation: wire.generation }, wire.is_websocket()))
    }
}

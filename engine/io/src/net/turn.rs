//! The turns of a server: what epoll tells, reading, parsing, writing, ending.

use super::wires::{Protocol, Token, Wires};
use super::{Limits, Next, Service};
use crate::http::{self, Request};
use crate::websocket::{self, Kind, Message, Reader};
use rustix::event::epoll::{self, EventData, EventFlags};
use std::io::{self, ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// epoll's name of the listening socket.
const LISTENER: u64 = u64::MAX;
/// The most bytes read from one connection in one turn: the others wait meanwhile.
const TURN_BYTES: usize = 256 * 1024;
/// The most connections taken in one turn.
const TURN_CONNECTIONS: usize = 256;
/// Events asked for at once.
const EVENTS: usize = 256;
/// Buffers that grew beyond this are given back once they are empty.
const KEPT_BYTES: usize = 64 * 1024;
/// How often idle connections are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// A server that is listening.
pub struct Server {
    listener: TcpListener,
    epoll: OwnedFd,
    limits: Limits,
    wires: Wires,
    scratch: Vec<u8>,
    swept: Instant,
}

impl Server {
    /// Listens on an address; port 0: one that is free.
    ///
    /// # Errors
    /// Returns the system's error where the address cannot be had.
    pub fn listen(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        let scratch = vec![0; 64 * 1024];
        Ok(Self { listener, epoll, limits, wires: Wires::default(), scratch, swept: Instant::now() })
    }

    /// Returns the address it listens on.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Waits at most `wait` and does one turn; returns how long the service has nothing to do.
    ///
    /// # Errors
    /// Returns the system's error where epoll itself fails; what goes wrong with one connection ends that one.
    pub fn turn(&mut self, service: &mut impl Service, wait: Duration) -> io::Result<Duration> {
        let wait = rustix::event::Timespec { tv_sec: wait.as_secs().min(3600) as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
        let mut room = [const { MaybeUninit::uninit() }; EVENTS];
        let events: &[epoll::Event] = match epoll::wait(&self.epoll, &mut room, Some(&wait)) {
            Ok((events, _)) => events,
            Err(rustix::io::Errno::INTR) => &[],
            Err(error) => return Err(error.into()),
        };
        let now = Instant::now();
        for event in events {
            let (data, flags) = (event.data.u64(), event.flags);
            if data == LISTENER {
                self.accept(now);
                continue;
            }
            let place = data as u32;
            if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR | EventFlags::RDHUP) {
                self.read(place, service, now);
            }
            if flags.contains(EventFlags::OUT) {
                self.write(place, service);
            }
        }
        let wait = service.tick(&mut self.wires);
        if now.duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.sweep(service, now);
        }
        self.flush(service);
        Ok(wait)
    }

    fn accept(&mut self, now: Instant) {
        for _ in 0..TURN_CONNECTIONS {
            // Any error is of one connection that came and went, or of too many files: the next turn tries again.
            let Ok((stream, peer)) = self.listener.accept() else { return };
            if self.wires.open() >= self.limits.connections || stream.set_nonblocking(true).is_err() || stream.set_nodelay(true).is_err() {
                continue;
            }
            let token = self.wires.add(stream, peer.ip(), now);
            let Some(wire) = self.wires.get(token.place) else { continue };
            let flags = EventFlags::IN | EventFlags::RDHUP;
            if epoll::add(&self.epoll, &wire.stream, EventData::new_u64(u64::from(token.place)), flags).is_err() {
                self.wires.remove(token.place);
            }
        }
    }

    /// Reads what arrived and hands it on; a half-closed connection still gets its answers.
    fn read(&mut self, place: u32, service: &mut impl Service, now: Instant) {
        let Some(wire) = self.wires.get(place) else { return };
        let (mut taken, mut is_over) = (0, false);
        while taken < TURN_BYTES {
            match wire.stream.read(&mut self.scratch) {
                Ok(0) => {
                    is_over = true;
                    break;
                }
                Ok(count) => {
                    taken += count;
                    if !wire.is_closing {
                        wire.input.extend_from_slice(&self.scratch[..count]);
                    }
                    if count < self.scratch.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.end(place, service),
            }
        }
        if taken > 0 {
            wire.heard = now;
            if !wire.is_closing {
                self.handle(place, service);
            }
        }
        if is_over && let Some(wire) = self.wires.get(place) {
            wire.is_closing = true;
            if wire.sent == wire.output.len() {
                return self.end(place, service);
            }
            // It is read no more: without this epoll would tell of its end again and again.
            let _ = epoll::modify(&self.epoll, &wire.stream, EventData::new_u64(u64::from(place)), EventFlags::OUT);
            wire.is_waiting = true;
        }
    }

    /// Hands the whole requests or messages of a connection's input to the service.
    fn handle(&mut self, place: u32, service: &mut impl Service) {
        let Some(wire) = self.wires.get(place) else { return };
        let (token, peer) = (Token { place, generation: wire.generation }, wire.peer);
        let mut input = std::mem::take(&mut wire.input);
        let mut from = 0;
        while from < input.len() {
            let Some(wire) = self.wires.get(place).filter(|wire| !wire.is_closing && !wire.is_cut) else { break };
            let used = match &mut wire.protocol {
                Protocol::Http => self.request(token, peer, &input[from..], service),
                Protocol::WebSocket(reader) => {
                    let reader = std::mem::take(reader);
                    self.message(token, reader, &mut input[from..], service)
                }
            };
            if used == 0 {
                break;
            }
            from += used;
        }
        if let Some(wire) = self.wires.get(place) {
            input.drain(..from);
            if input.is_empty() && input.capacity() > KEPT_BYTES {
                input = Vec::new();
            }
            wire.input = input;
        }
    }

    /// Handles one request; returns how many bytes it took, 0 where more must arrive.
    fn request(&mut self, token: Token, peer: std::net::IpAddr, bytes: &[u8], service: &mut impl Service) -> usize {
        match Request::read(bytes) {
            Ok(None) => 0,
            Ok(Some((request, used))) => {
                let next = service.request(token, peer, &request, &mut self.wires);
                if next == Next::Upgrade
                    && let Some(wire) = self.wires.get(token.place)
                {
                    wire.protocol = Protocol::WebSocket(Reader::default());
                }
                self.settle(token, if next == Next::Keep && !request.is_kept { Next::Close } else { next });
                used
            }
            Err(bad) => {
                if let Some(output) = self.wires.output(token) {
                    http::answer(output, bad.status(), "text/plain", b"", http::reason(bad.status()).as_bytes(), false);
                }
                self.settle(token, Next::Close);
                bytes.len()
            }
        }
    }

    /// Handles one frame, as `request`.
    fn message(&mut self, token: Token, mut reader: Reader, bytes: &mut [u8], service: &mut impl Service) -> usize {
        let (used, next) = match reader.read(bytes) {
            Ok(None) => (0, Next::Keep),
            Ok(Some((used, None))) => (used, Next::Keep),
            Ok(Some((used, Some(message)))) => match message {
                Message::Text(text) => (used, service.message(token, text, &mut self.wires)),
                Message::Ping(payload) => {
                    if let Some(output) = self.wires.output(token) {
                        websocket::write(output, Kind::Pong, payload);
                    }
                    (used, service.control(token, &mut self.wires))
                }
                Message::Pong(_) => (used, service.control(token, &mut self.wires)),
                Message::Close => {
                    self.wires.close(token, 1000);
                    (used, Next::Keep)
                }
            },
            Err(broken) => {
                self.wires.close(token, broken.code());
                (0, Next::Keep)
            }
        };
        if let Some(wire) = self.wires.get(token.place) {
            wire.protocol = Protocol::WebSocket(reader);
        }
        self.settle(token, next);
        used
    }

    fn settle(&mut self, token: Token, next: Next) {
        match next {
            Next::Keep | Next::Upgrade => {}
            Next::Cut => self.wires.cut(token),
            Next::Close => {
                if let Some(wire) = self.wires.get(token.place) {
                    wire.is_closing = true;
                }
                self.wires.output(token);
            }
        }
    }

    fn flush(&mut self, service: &mut impl Service) {
        let mut dirty = std::mem::take(&mut self.wires.dirty);
        for place in dirty.drain(..) {
            if let Some(wire) = self.wires.get(place) {
                wire.is_dirty = false;
                self.write(place, service);
            }
        }
        if self.wires.dirty.is_empty() {
            self.wires.dirty = dirty;
        }
    }

    fn write(&mut self, place: u32, service: &mut impl Service) {
        let Some(wire) = self.wires.get(place) else { return };
        if wire.is_cut || wire.output.len() - wire.sent > self.limits.unread_bytes {
            return self.end(place, service);
        }
        while wire.sent < wire.output.len() {
            match wire.stream.write(&wire.output[wire.sent..]) {
                Ok(0) => return self.end(place, service),
                Ok(count) => wire.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wire.output.drain(..wire.sent);
                    wire.sent = 0;
                    if !wire.is_waiting {
                        wire.is_waiting = true;
                        let flags = EventFlags::IN | EventFlags::RDHUP | EventFlags::OUT;
                        let _ = epoll::modify(&self.epoll, &wire.stream, EventData::new_u64(u64::from(place)), flags);
                    }
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.end(place, service),
            }
        }
        wire.sent = 0;
        wire.output.clear();
        if wire.output.capacity() > KEPT_BYTES {
            wire.output = Vec::new();
        }
        if wire.is_closing {
            return self.end(place, service);
        }
        if wire.is_waiting {
            wire.is_waiting = false;
            let flags = EventFlags::IN | EventFlags::RDHUP;
            let _ = epoll::modify(&self.epoll, &wire.stream, EventData::new_u64(u64::from(place)), flags);
        }
    }

    /// Ends idle connections and pings the WebSockets.
    fn sweep(&mut self, service: &mut impl Service, now: Instant) {
        for place in 0..self.wires.wires.len() as u32 {
            let Some(wire) = self.wires.get(place) else { continue };
            let silent = now.duration_since(wire.heard);
            let allowed = if wire.is_websocket() { self.limits.silence } else { self.limits.idle };
            if silent > allowed {
                self.end(place, service);
            } else if wire.is_websocket() && now.duration_since(wire.pinged) >= self.limits.ping {
                wire.pinged = now;
                let token = Token { place, generation: wire.generation };
                if let Some(output) = self.wires.output(token) {
                    websocket::write(output, Kind::Ping, b"");
                }
            }
        }
    }

    fn end(&mut self, place: u32, service: &mut impl Service) {
        if let Some((token, true)) = self.wires.remove(place) {
            service.closed(token);
        }
    }
}

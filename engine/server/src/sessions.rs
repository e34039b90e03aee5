//! WebSocket connections: what each has subscribed to, and who is to be told what.

use bot4_exchange::Account;
use bot4_exchange::binance::streams::Stream;
use bot4_io::net::Token;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// The most streams of a connection (Binance Spot, "WebSocket limits").
pub const MOST_STREAMS: usize = 1024;
/// The most messages a second of a connection of streams (same page).
const MOST_MESSAGES: u32 = 5;

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// Market streams; true: each event within `{stream, data}`.
    Streams(bool),
    /// The WebSocket API.
    Api,
}

/// A WebSocket connection.
pub struct Session {
    /// What it speaks.
    pub speaks: Speaks,
    /// Where it comes from.
    pub peer: std::net::IpAddr,
    /// Streams by name, in order of subscription.
    pub streams: Vec<(String, Option<Stream>)>,
    /// The key it is logged on with: name, account, since when.
    pub logon: Option<(String, Account, i64)>,
    /// User data subscriptions: number, account.
    pub users: Vec<(u64, Account)>,
    /// Number of the next one.
    pub next: u64,
    /// When it was opened, venue time.
    pub since: i64,
    /// Whether its answers carry `rateLimits`.
    pub with_limits: bool,
    messages: (Instant, u32),
}

impl Session {
    fn new(speaks: Speaks, peer: std::net::IpAddr, since: i64) -> Self {
        Self {
            speaks,
            peer,
            streams: Vec::new(),
            logon: None,
            users: Vec::new(),
            next: 0,
            since,
            with_limits: true,
            messages: (Instant::now(), 0),
        }
    }

    /// Counts a message; tells whether it was one too many.
    pub fn is_flood(&mut self, now: Instant) -> bool {
        if now.duration_since(self.messages.0).as_millis() >= 1000 {
            self.messages = (now, 0);
        }
        self.messages.1 += 1;
        self.messages.1 > MOST_MESSAGES
    }
}

/// Who is told a stream.
#[derive(Default)]
pub struct Audience {
    /// Its name.
    pub name: String,
    /// Who gets the event alone.
    pub plain: Vec<Token>,
    /// Who gets it within `{stream, data}`.
    pub wrapped: Vec<Token>,
    /// Begin of the bar that was told last.
    pub told: i64,
}

/// All WebSocket connections.
#[derive(Default)]
pub struct Sessions {
    sessions: HashMap<Token, Session>,
    /// Audiences by stream.
    pub audiences: BTreeMap<Stream, Audience>,
    users: HashMap<Account, Vec<(Token, u64)>>,
}

impl Sessions {
    /// Adds a connection.
    pub fn open(&mut self, token: Token, speaks: Speaks, peer: std::net::IpAddr, now: i64) {
        self.sessions.insert(token, Session::new(speaks, peer, now));
    }

    /// Returns a connection.
    pub fn get(&mut self, token: Token) -> Option<&mut Session> {
        self.sessions.get_mut(&token)
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Returns every connection.
    pub fn tokens(&self) -> impl Iterator<Item = Token> + '_ {
        self.sessions.keys().copied()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Returns how many subscriptions to streams there are.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.sessions.values().map(|session| session.streams.len()).sum()
    }

    /// Forgets a connection.
    pub fn close(&mut self, token: Token) {
        let Some(session) = self.sessions.remove(&token) else { return };
        for (_, stream) in session.streams {
            self.leave(token, stream);
        }
        for (_, account) in session.users {
            self.drop_user(token, account, None);
        }
    }

    /// Subscribes to a stream; a name that means nothing is kept and never told, as the venue does. Tells whether there was room.
    pub fn subscribe(&mut self, token: Token, name: &str, stream: Option<Stream>) -> bool {
        let Some(session) = self.sessions.get_mut(&token) else { return true };
        if session.streams.iter().any(|(known, _)| known == name) {
            return true;
        }
        if session.streams.len() >= MOST_STREAMS || name.len() > 100 {
            return false;
        }
        session.streams.push((name.to_owned(), stream));
        let is_wrapped = session.speaks == Speaks::Streams(true);
        if let Some(stream) = stream {
            let audience = self.audiences.entry(stream).or_default();
            name.clone_into(&mut audience.name);
            if is_wrapped { audience.wrapped.push(token) } else { audience.plain.push(token) }
        }
        true
    }

    /// Ends a subscription.
    pub fn unsubscribe(&mut self, token: Token, name: &str) {
        let Some(session) = self.sessions.get_mut(&token) else { return };
        let Some(at) = session.streams.iter().position(|(known, _)| known == name) else { return };
        let (_, stream) = session.streams.remove(at);
        self.leave(token, stream);
    }

    /// Wraps the events of a connection from now on, or no longer.
    pub fn wrap(&mut self, token: Token, is_wrapped: bool) {
        let Some(session) = self.sessions.get_mut(&token) else { return };
        session.speaks = Speaks::Streams(is_wrapped);
        let streams = session.streams.clone();
        for (name, stream) in streams {
            self.unsubscribe(token, &name);
            self.subscribe(token, &name, stream);
        }
    }

    fn leave(&mut self, token: Token, stream: Option<Stream>) {
        let Some(stream) = stream else { return };
        let Some(audience) = self.audiences.get_mut(&stream) else { return };
        for list in [&mut audience.plain, &mut audience.wrapped] {
            if let Some(at) = list.iter().position(|known| *known == token) {
                list.swap_remove(at);
            }
        }
        if audience.plain.is_empty() && audience.wrapped.is_empty() {
            self.audiences.remove(&stream);
        }
    }

    /// Subscribes a connection to an account's user data; returns the subscription's number.
    pub fn add_user(&mut self, token: Token, account: Account) -> u64 {
        let Some(session) = self.sessions.get_mut(&token) else { return 0 };
        let number = session.next;
        session.next += 1;
        session.users.push((number, account));
        self.users.entry(account).or_default().push((token, number));
        number
    }

    /// Ends subscriptions of a connection to user data: one, or all of an account.
    pub fn drop_user(&mut self, token: Token, account: Account, number: Option<u64>) {
        let is_it = |which: u64| number.is_none_or(|number| number == which);
        if let Some(listeners) = self.users.get_mut(&account) {
            listeners.retain(|(whose, which)| *whose != token || !is_it(*which));
        }
        if let Some(session) = self.sessions.get_mut(&token) {
            session.users.retain(|(which, whose)| *whose != account || !is_it(*which));
        }
    }

    /// Returns who is told an account's user data: connection, subscription.
    #[must_use]
    pub fn listeners(&self, account: Account) -> &[(Token, u64)] {
        self.users.get(&account).map_or(&[], Vec::as_slice)
    }
}

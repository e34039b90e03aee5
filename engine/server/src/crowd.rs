//! Who makes the market beside clients: agents from a seed, or a recording.

use crate::recording::{Mirror, Recording};
use bot4_exchange::Micros;
use bot4_exchange::agents::Agents;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::Report;
use bot4_exchange::venue::Exchange;
use std::fmt;
use std::sync::Arc;

/// Symbols that agents trade, and the prices they begin at, units of 1e-8.
const AGENTS_AT: [(&str, i64); 4] = [("BTCUSDT", 60_000 * ONE), ("ETHUSDT", 3_000 * ONE), ("BNBUSDT", 600 * ONE), ("SOLUSDT", 150 * ONE)];

/// Where the market comes from. Its text is part of what a journal is of.
#[derive(Debug, Clone)]
pub enum Source {
    /// Clients' own orders are all there is.
    Nothing,
    /// Agents, drawn from a seed.
    Agents(u64),
    /// A recording.
    Recording(Arc<Recording>),
}

impl fmt::Display for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => to.write_str("empty"),
            Self::Agents(seed) => write!(to, "agents {seed}"),
            Self::Recording(recording) => write!(to, "recording {:016x}", recording.digest()),
        }
    }
}

impl Source {
    /// Opens the accounts of whoever makes the market.
    ///
    /// # Errors
    /// One sentence where the profile has no room for them.
    pub fn begin(&self, venue: &mut Exchange, now: Micros) -> Result<Vec<Crowd>, String> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::Recording(recording) => Ok(vec![Crowd::Recording(Box::new(Mirror::new(recording.clone(), venue)?))]),
            Self::Agents(seed) => {
                let mut crowd = Vec::new();
                for (at, (name, price)) in AGENTS_AT.into_iter().enumerate() {
                    let Some(symbol) = venue.profile().symbol(name) else { continue };
                    crowd.push(Crowd::Agents(Box::new(Agents::new(venue, symbol, price, seed.wrapping_add(at as u64), now)?)));
                }
                Ok(crowd)
            }
        }
    }
}

/// Who acts by the clock.
pub enum Crowd {
    /// The agents of one symbol.
    Agents(Box<Agents>),
    /// A recording.
    Recording(Box<Mirror>),
}

impl Crowd {
    /// Returns when the next act is due; none where there is no more.
    #[must_use]
    pub fn next(&self) -> Option<Micros> {
        match self {
            Self::Agents(agents) => Some(agents.next()),
            Self::Recording(mirror) => mirror.next(),
        }
    }

    /// Does the act that is due at a time.
    pub fn run(&mut self, at: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        match self {
            Self::Agents(agents) => agents.run(at, venue, tell),
            Self::Recording(mirror) => mirror.run(at, venue, tell),
        }
    }

    /// Goes on at a later time; a recording goes on where it was, since its times are its own.
    pub fn resume(&mut self, now: Micros) {
        if let Self::Agents(agents) = self {
            agents.resume(now);
        }
    }

    /// Makes the market ready for a client's command.
    pub fn prepare(&mut self, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        if let Self::Recording(mirror) = self {
            mirror.recover(now, venue, tell);
        }
    }

    /// Hears what a client's command did.
    pub fn heard(&mut self, reports: &[Report], now: Micros) {
        if let Self::Recording(mirror) = self {
            mirror.heard(reports, now);
        }
    }

    /// Returns the recording that is played: its symbol, when it ends, whether it is over.
    #[must_use]
    pub fn recording(&self) -> Option<(&str, Micros, bool)> {
        match self {
            Self::Agents(_) => None,
            Self::Recording(mirror) => {
                let recording = mirror.recording();
                Some((&recording.symbol, recording.end(), mirror.is_over()))
            }
        }
    }
}

//! The whole of a running venue: clock, accounts, keys, limits, connections, and the state they act on.

use crate::clock::Clock;
use crate::crowd::Source;
use crate::faults::Faults;
use crate::floor::{Floor, Restored};
use crate::keys::{KeySetting, Keys};
use crate::limits::Gate;
use crate::push::Push;
use crate::recording::{Changes, Prints, Recording};
use crate::sessions::Sessions;
use bot4_exchange::command::Command;
use bot4_exchange::profile::Profile;
use bot4_exchange::{Account, Micros};
use bot4_io::journal::Durability;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How a venue is set up; written by `bot4 exchange serve`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on.
    pub address: String,
    /// Profile as JSON; none: Binance Spot.
    #[serde(default)]
    pub profile: Option<serde_json::Value>,
    /// Accounts by name: balances they begin with, decimals as texts by asset.
    pub accounts: Vec<AccountSetting>,
    /// Keys.
    pub keys: Vec<KeySetting>,
    /// Folder of the journal; none: nothing survives the end.
    #[serde(default)]
    pub state: Option<PathBuf>,
    /// Whether every commit waits for the disk.
    #[serde(default)]
    pub fsync: bool,
    /// Whether limits are in force.
    #[serde(default = "yes")]
    pub limits: bool,
    /// Venue time at the start, milliseconds since 1970 UTC; none: the machine's.
    #[serde(default)]
    pub start_ms: Option<i64>,
    /// Speed, thousandths of the machine's.
    #[serde(default = "real")]
    pub speed: u64,
    /// What goes wrong, as a script (TOML).
    #[serde(default)]
    pub faults: Option<String>,
    /// Seed of the agents that trade; none: nobody but clients does.
    #[serde(default)]
    pub agents: Option<u64>,
    /// What the recording is of whose columns are given beside; none: there is no recording.
    #[serde(default)]
    pub recording: Option<crate::recording::Setting>,
}

/// An account and what it begins with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSetting {
    /// Its name.
    pub name: String,
    /// Balances: decimals by asset.
    #[serde(default)]
    pub balances: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn real() -> u64 {
    crate::clock::REAL
}

/// A running venue.
pub struct Hall {
    /// The venue's time.
    pub clock: Clock,
    /// Accounts, orders, market data, journal.
    pub floor: Floor,
    /// Keys.
    pub keys: Keys,
    /// Accounts by name, in the order of opening.
    pub accounts: Vec<String>,
    /// WebSocket connections.
    pub sessions: Sessions,
    /// What is told without being asked.
    pub push: Push,
    /// Limits.
    pub limits: Gate,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What was counted.
    pub counted: crate::metrics::Counted,
    /// Answers are written here before they are framed.
    pub(crate) answer: Vec<u8>,
    pub(crate) frame: Vec<u8>,
    settings: Settings,
    source: Source,
}

impl Hall {
    /// Returns a venue as it is set up, its journal done again.
    ///
    /// # Errors
    /// One sentence: which setting is wrong, and the fix.
    pub fn new(settings: &Settings, columns: Option<(Changes, Prints)>) -> Result<Self, String> {
        let accounts: Vec<String> = settings.accounts.iter().map(|account| account.name.clone()).collect();
        let mut keys = Keys::default();
        for setting in &settings.keys {
            let found = accounts.iter().position(|name| *name == setting.account);
            let at = found.ok_or_else(|| format!("key of account `{}`: there is no such account", setting.account))?;
            keys.add(setting, at as Account + 1)?;
        }
        let source = source(settings, columns)?;
        let stated = match &source {
            Source::Recording(recording) => Some(recording.begin()),
            _ => settings.start_ms.map(|ms| ms.saturating_mul(1000)),
        };
        let (mut floor, restored) = floor(settings, &source, stated.unwrap_or_else(Clock::wall))?;
        // Making the venue took its time: the clock begins only now.
        let begin = stated.unwrap_or_else(Clock::wall).max(restored.last);
        if restored.commands > 0 {
            floor.resume(begin).map_err(|fault| fault.text)?;
        }
        let faults = Faults::new(settings.faults.as_deref(), begin)?;
        floor.feed.keep(faults.oldest());
        let limits = Gate::new(&floor.profile.rate_limits, accounts.len(), settings.limits);
        let mut hall = Self {
            clock: Clock::new(begin, settings.speed),
            floor,
            keys,
            accounts,
            sessions: Sessions::default(),
            push: Push::default(),
            limits,
            faults,
            counted: crate::metrics::Counted::default(),
            answer: Vec::new(),
            frame: Vec::new(),
            settings: settings.clone(),
            source,
        };
        hall.counted.restored = restored.commands;
        if restored.commands == 0 {
            hall.endow(&settings.accounts)?;
        }
        Ok(hall)
    }

    /// Gives the accounts what they begin with.
    fn endow(&mut self, accounts: &[AccountSetting]) -> Result<(), String> {
        let now = self.clock.now();
        for (at, account) in accounts.iter().enumerate() {
            for (name, amount) in &account.balances {
                let asset =
                    self.floor.profile.asset(name).ok_or_else(|| format!("account {}: the venue has no asset `{name}`", account.name))?;
                let amount = money_of(amount).ok_or_else(|| format!("account {}: `{amount}` is no amount of {name}", account.name))?;
                self.floor.run(&Command::Credit(at as Account + 1, asset, amount), now).map_err(|fault| fault.text)?;
            }
        }
        self.floor.commit()
    }

    /// Returns how many commands of the journal were done again at the start.
    #[must_use]
    pub fn restored(&self) -> u64 {
        self.counted.restored
    }

    /// Makes what was done durable: the end.
    ///
    /// # Errors
    /// One sentence where the journal cannot be written.
    pub fn end(&mut self) -> Result<(), String> {
        self.floor.commit()
    }

    /// Begins anew: accounts as they were set up, empty books, an empty journal. Time goes on.
    ///
    /// # Errors
    /// One sentence where the journal cannot be removed or begun.
    pub fn reset(&mut self) -> Result<(), String> {
        let settings = self.settings.clone();
        // The old journal must be closed before its files go.
        self.floor.close();
        if let Some(folder) = &settings.state {
            crate::floor::remove(folder)?;
        }
        let now = self.clock.now();
        self.floor = floor(&settings, &self.source, now)?.0;
        self.limits.forget();
        self.faults = Faults::new(settings.faults.as_deref(), now)?;
        self.floor.feed.keep(self.faults.oldest());
        self.counted.restored = 0;
        self.endow(&settings.accounts)
    }

    /// Returns an account by its name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<Account> {
        self.accounts.iter().position(|known| known == name).map(|at| at as Account + 1)
    }

    /// Returns how many commands were done since the start.
    #[must_use]
    pub fn floor_commands(&self) -> u64 {
        self.floor.commands
    }

    /// Returns the sum of every asset over all accounts, the venue's own included.
    #[must_use]
    pub fn supply(&self) -> Vec<i64> {
        let of = |asset: usize| {
            let both = |account| self.floor.exchange.balance(account, asset as u16);
            (0..self.floor.exchange.accounts() as Account).map(both).map(|(free, locked)| free + locked).sum()
        };
        (0..self.floor.profile.assets.len()).map(of).collect()
    }

    /// Returns the venue's time.
    pub fn now(&mut self) -> Micros {
        self.clock.now()
    }
}

/// Returns where the market comes from.
fn source(settings: &Settings, columns: Option<(Changes, Prints)>) -> Result<Source, String> {
    match (&settings.recording, columns, settings.agents) {
        (Some(setting), Some((changes, prints)), _) => Ok(Source::Recording(Arc::new(Recording::new(setting, changes, prints)?))),
        (None, None, Some(seed)) => Ok(Source::Agents(seed)),
        (None, None, None) => Ok(Source::Nothing),
        _ => Err("a recording is its description and its columns: state both or neither".to_owned()),
    }
}

/// Returns the venue of the settings, its journal done again.
fn floor(settings: &Settings, source: &Source, begin: Micros) -> Result<(Floor, Restored), String> {
    let mut profile = match &settings.profile {
        None => Profile::binance_spot(),
        Some(json) => Profile::read(&json.to_string())?,
    };
    if let Source::Recording(recording) = source {
        recording.fit(&mut profile);
    }
    profile.room.accounts = profile.room.accounts.max(settings.accounts.len() as u32 + 1);
    let mut floor = Floor::new(profile, settings.accounts.len())?;
    let mut restored = Restored::default();
    if let Some(folder) = &settings.state {
        let durability = if settings.fsync { Durability::Fsync } else { Durability::PageCache };
        restored = floor.restore(folder, durability, source.clone(), begin)?;
    } else {
        floor.populate(source.clone(), begin)?;
    }
    Ok((floor, restored))
}

/// Returns the amount of a decimal.
#[must_use]
pub fn money_of(text: &str) -> Option<i64> {
    bot4_exchange::profile::decimal::parse(text)
}

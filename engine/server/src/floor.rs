//! The venue with what hangs on each of its commands: the journal before, market data after.
//!
//! Order of one command: it is written to the journal → done → its public reports change the market data. What a client is told waits for
//! [`Floor::commit`], so what was acknowledged is on the journal. At a start the journal's commands are done again at their times: the state
//! is that of before, bit for bit, market data included.

use crate::crowd::{Crowd, Source};
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::codec;
use bot4_exchange::command::Command;
use bot4_exchange::feed::Feed;
use bot4_exchange::profile::Profile;
use bot4_exchange::report::Report;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Micros};
use bot4_io::disk::{Disk, Folder};
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, Records, Writer};
use std::path::Path;
use std::sync::Arc;

/// Record of what the venue is: its profile and accounts, as bytes that must be the same at every start.
const SETUP: u16 = 1;
/// Record of a command.
const COMMAND: u16 = 2;
/// The agents have acted until the record's time.
const AGENTS: u16 = 3;
/// The agents go on at the record's time.
const RESUME: u16 = 4;
/// Size of a segment's file.
const SEGMENT_BYTES: u64 = 64 << 20;

/// A venue, its journal and its market data.
pub struct Floor {
    /// Symbols, assets, words.
    pub profile: Arc<Profile>,
    /// Accounts and orders.
    pub exchange: Exchange,
    /// Market data.
    pub feed: Feed,
    /// What the last command was told.
    pub reports: Vec<Report>,
    /// Commands done since the start, those of the journal left out.
    pub commands: u64,
    crowd: Vec<Crowd>,
    source: Source,
    journal: Option<Writer<Folder>>,
    bytes: Vec<u8>,
    failed: Option<String>,
}

/// What a journal held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// Commands done again.
    pub commands: u64,
    /// Time of the last one.
    pub last: Micros,
}

impl Floor {
    /// Returns a venue with so many accounts of clients, without a journal.
    ///
    /// # Errors
    /// One sentence where the profile has no room.
    pub fn new(profile: Profile, accounts: usize) -> Result<Self, String> {
        let shared = Arc::new(profile.clone());
        let mut exchange = Exchange::new(profile)?;
        for _ in 0..accounts {
            exchange.open_account()?;
        }
        let feed = Feed::new(shared.symbols.len());
        Ok(Self {
            profile: shared,
            exchange,
            feed,
            reports: Vec::with_capacity(64),
            commands: 0,
            crowd: Vec::new(),
            source: Source::Nothing,
            journal: None,
            bytes: Vec::new(),
            failed: None,
        })
    }

    /// Lets a source make the market from a time on.
    ///
    /// # Errors
    /// One sentence where the profile has no room for its accounts.
    pub fn populate(&mut self, source: Source, now: Micros) -> Result<(), String> {
        self.crowd = source.begin(&mut self.exchange, now)?;
        self.source = source;
        Ok(())
    }

    /// Does the next act of the crowd that is due until `now`; what it told stands in `reports`. Returns its time; none where none is due.
    pub fn act(&mut self, now: Micros) -> Option<Micros> {
        let next = self.crowd.iter().enumerate().filter_map(|(which, one)| one.next().map(|at| (which, at)));
        let (which, at) = next.min_by_key(|(_, at)| *at).filter(|(_, at)| *at <= now)?;
        let (reports, feed) = (&mut self.reports, &mut self.feed);
        reports.clear();
        self.crowd[which].run(at, &mut self.exchange, &mut |report| {
            feed.take(&report, at);
            reports.push(report);
        });
        self.feed.settle();
        Some(at)
    }

    /// Notes on the journal that the crowd acts until `now`, where any is due; tells whether one is.
    ///
    /// # Errors
    /// As `run`.
    pub fn let_act(&mut self, now: Micros) -> Result<bool, Fault> {
        if self.crowd.iter().all(|one| one.next().is_none_or(|at| at > now)) {
            return Ok(false);
        }
        self.note(AGENTS, now).map(|()| true)
    }

    /// Lets agents go on at a time, as if nothing had been due since they last acted.
    ///
    /// # Errors
    /// As `run`.
    pub fn resume(&mut self, now: Micros) -> Result<(), Fault> {
        if self.crowd.is_empty() {
            return Ok(());
        }
        self.note(RESUME, now)?;
        self.crowd.iter_mut().for_each(|one| one.resume(now));
        Ok(())
    }

    fn note(&mut self, kind: u16, now: Micros) -> Result<(), Fault> {
        if self.failed.is_some() {
            return Err(broken());
        }
        if let Some(journal) = &mut self.journal
            && let Err(why) = journal.append(kind, codec::VERSION, now, 0, &[])
        {
            self.failed = Some(why.to_string());
            return Err(broken());
        }
        Ok(())
    }

    /// Does a folder's journal again and goes on writing to it; a folder that is not there is made.
    ///
    /// # Errors
    /// One sentence where the journal is another venue's, is damaged, or cannot be written.
    pub fn restore(&mut self, folder: &Path, durability: Durability, source: Source, begin: Micros) -> Result<Restored, String> {
        self.source = source;
        let said = |why: &dyn std::fmt::Display| format!("{}: {why}", folder.display());
        let setup = self.setup();
        let disk = Folder::make(folder).map_err(|why| said(&why))?;
        // Opening recovers: what a crash left half written is cut before it is read.
        let (mut writer, _) = Writer::open(disk, Kind::Control, durability, SEGMENT_BYTES).map_err(|why| said(&why))?;
        let mut restored = Restored::default();
        if writer.next() == 0 {
            writer.append(SETUP, codec::VERSION, begin, 0, &setup).map_err(|why| said(&why))?;
            writer.commit().map_err(|why| said(&why))?;
            self.populate(self.source.clone(), begin)?;
        } else {
            let disk = Folder::open(folder).map_err(|why| said(&why))?;
            restored = self.redo(&disk, &setup).map_err(|why| said(&why))?;
        }
        self.journal = Some(writer);
        Ok(restored)
    }

    fn setup(&self) -> Vec<u8> {
        let symbols: Vec<&str> = self.profile.symbols.iter().map(|symbol| symbol.symbol.as_str()).collect();
        format!("{} {} {}", self.profile.name, symbols.join(","), self.source).into_bytes()
    }

    fn redo(&mut self, disk: &Folder, setup: &[u8]) -> Result<Restored, String> {
        let mut records = Records::open(disk, Kind::Control).map_err(|why| why.to_string())?;
        let mut restored = Restored::default();
        while let Some(block) = records.next_block().map_err(|why| why.to_string())? {
            for record in block {
                match (record.head.kind, record.head.version) {
                    (SETUP, _) if record.payload == setup => {
                        self.populate(self.source.clone(), record.head.time)?;
                    }
                    (AGENTS, _) => while self.act(record.head.time).is_some() {},
                    (RESUME, _) => self.crowd.iter_mut().for_each(|one| one.resume(record.head.time)),
                    (SETUP, _) => return Err("this is the state of another venue: name another folder, or remove this one".to_owned()),
                    (COMMAND, codec::VERSION) => {
                        let damaged = || format!("record {} is not a command of this Bot4: name another folder", record.head.number);
                        let command = codec::read(record.payload).ok_or_else(damaged)?;
                        self.apply(&command, record.head.time);
                        restored.commands += 1;
                    }
                    _ => return Err(format!("record {} is of a newer Bot4: name another folder", record.head.number)),
                }
                restored.last = restored.last.max(record.head.time);
            }
        }
        // What was news then is none now.
        self.feed.news().for_each(drop);
        Ok(restored)
    }

    /// Does a command; what it told stands in `reports`.
    ///
    /// # Errors
    /// −1001 where the journal can no longer be written: the venue takes nothing then.
    pub fn run(&mut self, command: &Command, now: Micros) -> Result<(), Fault> {
        if !matches!(command, Command::Test(..)) {
            if self.failed.is_some() {
                return Err(broken());
            }
            if let Some(journal) = &mut self.journal {
                self.bytes.clear();
                codec::write(command, &mut self.bytes);
                if let Err(why) = journal.append(COMMAND, codec::VERSION, now, 0, &self.bytes) {
                    self.failed = Some(why.to_string());
                    return Err(broken());
                }
            }
        }
        self.commands += 1;
        self.apply(command, now);
        Ok(())
    }

    fn apply(&mut self, command: &Command, now: Micros) {
        let (reports, feed) = (&mut self.reports, &mut self.feed);
        reports.clear();
        // A test is on no journal, so nothing may come of it.
        if !matches!(command, Command::Test(..)) {
            for one in &mut self.crowd {
                one.prepare(now, &mut self.exchange, &mut |report| feed.take(&report, now));
            }
        }
        self.exchange.apply(now, command, &mut |report| {
            feed.take(&report, now);
            reports.push(report);
        });
        self.crowd.iter_mut().for_each(|one| one.heard(&self.reports, now));
        self.feed.settle();
    }

    /// Returns the recording that is played, if one is: its symbol, when it ends, whether it is over.
    #[must_use]
    pub fn recording(&self) -> Option<(&str, Micros, bool)> {
        self.crowd.iter().find_map(Crowd::recording)
    }

    /// Makes what was done durable, as far as the journal promises.
    ///
    /// # Errors
    /// One sentence: nothing more can be taken.
    pub fn commit(&mut self) -> Result<(), String> {
        if let (Some(journal), None) = (&mut self.journal, &self.failed)
            && let Err(why) = journal.commit()
        {
            self.failed = Some(why.to_string());
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Lets the journal go: nothing is written from here on.
    pub fn close(&mut self) {
        self.journal = None;
    }

    /// Returns a hash of all balances and books: two venues that differ in it differ.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        for account in 0..self.exchange.accounts() as Account {
            for asset in 0..self.profile.assets.len() {
                let (free, locked) = self.exchange.balance(account, asset as u16);
                mix(free as u64);
                mix(locked as u64);
            }
        }
        for symbol in 0..self.profile.symbols.len() {
            mix(self.exchange.book_hash(symbol as u16));
        }
        hash
    }
}

/// Removes the journal of a folder, and nothing else in it.
///
/// # Errors
/// One sentence where a file cannot be removed.
pub fn remove(folder: &Path) -> Result<(), String> {
    let said = |why: std::io::Error| format!("{}: {why}", folder.display());
    let disk = Folder::open(folder).map_err(said)?;
    for name in disk.names().map_err(said)? {
        if name.starts_with("control-") && name.ends_with(".b4j") {
            disk.remove(&name).map_err(said)?;
        }
    }
    Ok(())
}

fn broken() -> Fault {
    Fault::with(503, -1001, "Internal error; unable to process your request. Please try again.")
}

//! Bot4's exchange as a server: a venue that real clients trade on, on this machine.
//!
//! One thread holds everything: sockets (`bot4_io::net`), protocol (`bot4_exchange::binance`), venue and journal. Order of a turn: what arrived
//! is parsed, checked and done, command by command → what is due by the clock → the journal is committed → answers are written.

mod calls;
pub mod clock;
mod control;
mod crowd;
mod faults;
mod floor;
pub mod hall;
mod keys;
mod limits;
mod messages;
mod metrics;
mod operations;
mod push;
pub mod recording;
mod service;
mod sessions;

use bot4_io::net::{Limits, Server};
use hall::{Hall, Settings};
use recording::{Changes, Prints};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that runs on its thread until it is stopped or dropped.
pub struct Running {
    address: SocketAddr,
    restored: u64,
    is_over: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Running {
    /// Starts a venue as its settings (JSON) say; `columns` are those of the recording that the settings describe.
    ///
    /// # Errors
    /// One sentence: which setting is wrong, or that the address cannot be had.
    pub fn start(settings: &str, columns: Option<(Changes, Prints)>) -> Result<Self, String> {
        let settings: Settings = serde_json::from_str(settings).map_err(|why| format!("the settings cannot be read: {why}"))?;
        let mut hall = Hall::new(&settings, columns)?;
        let unfit = |why: &dyn std::fmt::Display| format!("cannot listen on {}: {why}; name another --port", settings.address);
        let address = settings.address.to_socket_addrs().map_err(|why| unfit(&why))?.next().ok_or_else(|| unfit(&"no such address"))?;
        let mut server = Server::listen(address, Limits::default()).map_err(|why| unfit(&why))?;
        let address = server.address().map_err(|why| unfit(&why))?;
        let (stop, restored) = (Arc::new(AtomicBool::new(false)), hall.restored());
        let told = stop.clone();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let thread = std::thread::Builder::new().name("exchange".to_owned()).spawn(move || {
            let mut wait = Duration::ZERO;
            while !told.load(Ordering::Relaxed) {
                wait = server.turn(&mut hall, wait).map_err(|why| format!("the sockets failed: {why}"))?;
                over.store(hall.floor.recording().is_some_and(|(_, _, is_over)| is_over), Ordering::Relaxed);
            }
            hall.end()
        });
        Ok(Self { address, restored, is_over, stop, thread: Some(thread.map_err(|why| format!("no thread can be started: {why}"))?) })
    }

    /// Returns the address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many commands of the journal were done again at the start.
    #[must_use]
    pub fn restored(&self) -> u64 {
        self.restored
    }

    /// Tells whether the recording that is its market has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Tells whether it still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops it and waits for its end.
    ///
    /// # Errors
    /// One sentence where it had failed before.
    pub fn stop(&mut self) -> Result<(), String> {
        self.stop.store(true, Ordering::Relaxed);
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(done)) => done,
            Some(Err(_)) => Err("the server's thread ended by a mistake of Bot4: report this".to_owned()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failure was told by `stop`, or nobody asked.
        let _ = self.stop();
    }
}

//! The venue: accounts, orders, rules, over the order book of `bot4-engine`.
//!
//! [`Exchange::apply`] is the only way in: one command at one venue time, reports in order of happening. Nothing is allocated by a command
//! once the venue stands (the profile's `room` is set aside at the start); accounts are opened by [`Exchange::open_account`], which may.
//!
//! Order of one command: what it asks is checked whole → its order is taken (funds are held, it is told as new) → it is matched, every
//! trade moving both sides' balances and the fees → lists whose orders changed go on → contingent orders that trades have set off enter
//! one after another, those of one trade in the order of their ids, and what they set off queues behind → changed balances are told.

pub mod accounts;
mod cancel;
mod change;
mod check;
mod core;
mod ids;
mod linked;
pub mod lists;
mod market;
pub mod past;
mod plain;
mod query;
pub mod rules;
mod scale;
mod scene;
mod store;
mod table;
mod take;
pub mod tape;
pub mod told;

use crate::command::{Command, NewOrder, Status};
use crate::profile::Profile;
use crate::profile::filter::Filter;
use crate::profile::refusal::{Codes, Why};
use crate::report::Report;
use crate::{Account, Amount, Asset, Micros, Symbol};
use accounts::Accounts;
use core::Core;
use lists::Lists;
use market::Market;
use plain::Plain;
use rules::Rules;
use store::Store;
use told::Told;

const DAY: Micros = 86_400_000_000;

/// A venue.
#[derive(Debug)]
pub struct Exchange {
    profile: Profile,
    markets: Vec<Market>,
    core: Core,
    day: i64,
    /// When the day is over.
    day_ends: Micros,
}

impl Exchange {
    /// Returns a venue with the profile's symbols and one account: the venue's own, 0. Errors: what the profile lacks, in one sentence.
    pub fn new(profile: Profile) -> Result<Self, String> {
        let room = profile.room;
        let status = |name: &str| match name {
            "TRADING" => Status::Trading,
            "BREAK" => Status::Break,
            _ => Status::Halt,
        };
        let mut markets = profile
            .symbols
            .iter()
            .map(|symbol| Rules::new(&profile, symbol).map(|rules| Market::new(rules, &room, status(&symbol.status))))
            .collect::<Result<Vec<_>, _>>()?;
        let mut most_of = vec![0; profile.assets.len()];
        for filter in &profile.exchange_filters {
            if let Filter::MaxAsset { asset_name, limit } = filter
                && let Some(asset) = profile.asset(asset_name.0.as_str())
            {
                most_of[usize::from(asset)] = limit.0;
            }
        }
        for market in &mut markets {
            market.plain = Plain::new(&market.rules, &market.scale, &most_of);
        }
        let core = Core {
            accounts: Accounts::new(room.accounts as usize, profile.assets.len(), markets.len()),
            store: Store::new(room.known()),
            lists: Lists::new((room.orders as usize / 2).max(16)),
            next_order: 1,
            execution: 0,
            codes: Codes::new(&profile.refusals)?,
            counts: rules::exchange_counts(&profile.exchange_filters),
            fired: Vec::with_capacity(room.orders as usize),
            touched: Vec::with_capacity(room.orders as usize),
            volume_asset: profile.asset(&profile.fees.volume_asset).unwrap_or(Asset::MAX),
            tiers: profile.fees.tiers.clone(),
            past: past::Past::new(room.accounts as usize, markets.len()),
            most_of,
        };
        let mut exchange = Self { profile, markets, core, day: 0, day_ends: DAY };
        exchange.open_account()?;
        Ok(exchange)
    }

    /// Opens an account. Errors: the profile's `room.accounts` are open.
    pub fn open_account(&mut self) -> Result<Account, String> {
        if self.core.accounts.count() >= self.profile.room.accounts as usize {
            return Err(format!("all {} accounts of the profile are open: raise `room.accounts`", self.profile.room.accounts));
        }
        let fees = Core::fees_of(&self.core.tiers, 0);
        self.core.past.open();
        let room = &self.profile.room;
        Ok(self.core.accounts.open(room.history.max(16) as usize, room.fills as usize, fees))
    }

    /// Does one command at one venue time, and tells what happens in order of happening, each order whole. `now` never goes back.
    #[inline]
    pub fn apply(&mut self, now: Micros, command: &Command, tell: &mut impl FnMut(Report)) {
        self.carry_out(now, command, &mut |told| tell(told.report()));
    }

    /// As [`Exchange::apply`], for whoever does not need every order whole: what is told refers to it.
    pub fn carry_out(&mut self, now: Micros, command: &Command, tell: &mut impl FnMut(Told<'_>)) {
        self.core.accounts.begin();
        if now >= self.day_ends {
            self.turn_day(now.div_euclid(DAY));
        }
        match command {
            Command::Place(account, asked) => self.place(now, *account, asked, tell),
            Command::Test(account, asked) => {
                if let Err(why) = self.check(now, *account, asked) {
                    self.refuse(why, tell);
                }
            }
            Command::PlaceList(account, asked) => self.place_list(now, *account, asked, tell),
            Command::Cancel(account, asked) => _ = self.cancel(now, *account, asked, tell),
            Command::CancelAll(account, symbol) => self.cancel_all(now, *account, *symbol, tell),
            Command::CancelList(account, symbol, key) => self.cancel_list(now, *account, *symbol, key, tell),
            Command::CancelReplace(account, cancel, asked, anyway) => self.replace(now, *account, cancel, asked, *anyway, tell),
            Command::Amend(account, symbol, key, quantity, name) => self.amend(now, *account, *symbol, key, *quantity, *name, tell),
            Command::Credit(account, asset, amount) => self.credit(now, *account, *asset, *amount, tell),
            Command::SetStatus(symbol, status) => self.set_status(*symbol, *status, tell),
            Command::Tick => {}
        }
        if !self.core.touched.is_empty() || !self.core.fired.is_empty() {
            self.settle(now, tell);
        }
        self.core.accounts.tell(|account, asset, balance| {
            tell(Told::Balance { account, asset, free: balance.free, locked: balance.locked });
        });
    }

    /// Takes an order, or refuses it.
    #[inline(never)]
    fn place(&mut self, now: Micros, account: Account, asked: &NewOrder, tell: &mut impl FnMut(Told<'_>)) {
        if let Some(ready) = self.check_plain(now, account, asked) {
            return self.take_plain(now, &ready, tell);
        }
        match self.check(now, account, asked) {
            Ok(ready) => self.take(now, &ready, tell),
            Err(why) => self.refuse(why, tell),
        }
    }

    #[cold]
    fn refuse(&self, why: Why, tell: &mut impl FnMut(Told<'_>)) {
        tell(Told::Refused(self.core.codes.refused(why)));
    }

    fn credit(&mut self, now: Micros, account: Account, asset: Asset, amount: Amount, tell: &mut impl FnMut(Told<'_>)) {
        if !self.core.has(account) || usize::from(asset) >= self.profile.assets.len() {
            self.refuse(Why::NoAccount, tell);
        } else if self.core.accounts.credit(account, asset, amount) {
            self.core.past.moved(account, asset, amount, now);
            tell(Told::Transfer { account, asset, amount });
        } else {
            self.refuse(Why::InsufficientBalance, tell);
        }
    }

    fn set_status(&mut self, symbol: Symbol, status: Status, tell: &mut impl FnMut(Told<'_>)) {
        match self.markets.get_mut(usize::from(symbol)) {
            None => self.refuse(Why::BadSymbol, tell),
            Some(market) => {
                market.status = status;
                tell(Told::Status { symbol, status });
            }
        }
    }

    /// Moves the 30-day volumes on to another day.
    #[cold]
    fn turn_day(&mut self, day: i64) {
        let days = usize::try_from(day - self.day).unwrap_or(usize::MAX);
        self.day = day;
        self.day_ends = (day + 1).saturating_mul(DAY);
        let tiers = std::mem::take(&mut self.core.tiers);
        self.core.accounts.next_days(days, |volume| Core::fees_of(&tiers, volume));
        self.core.tiers = tiers;
    }
}

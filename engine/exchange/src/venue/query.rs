//! What a client may ask: nothing here changes the venue. Answers that are lists may allocate; they are not on the hot path.

use super::Exchange;
use super::accounts::OwnFill;
use super::lists::List;
use super::store::NONE;
use super::tape::Traded;
use crate::command::{Key, Side, Status};
use crate::profile::Profile;
use crate::profile::refusal::Why;
use crate::report::{Order, Refused};
use crate::{Account, Amount, Asset, Micros, Symbol};
use bot4_engine::book::Book;

impl Exchange {
    /// Returns the venue's profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the number of accounts, the venue's own included.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.core.accounts.count()
    }

    /// Returns a refusal by its reason.
    #[must_use]
    pub fn refused(&self, why: Why) -> Refused {
        self.core.codes.refused(why)
    }

    /// Returns an order that is open, or over and not yet forgotten. Errors: −2013, and −2039 where both keys are of no one order.
    pub fn order(&self, account: Account, symbol: Symbol, key: &Key) -> Result<Order, Refused> {
        let why = if matches!(key, Key::Both(..)) { Why::WrongClientId } else { Why::NoSuchOrder };
        self.find(account, symbol, key).map(|slot| self.core.store.seen(slot).order()).ok_or(self.core.codes.refused(why))
    }

    fn visit(&self, first: u32, symbol: Option<Symbol>, mut tell: impl FnMut(&Order)) {
        let mut slot = first;
        while slot != NONE {
            let record = self.core.store.get(slot);
            if symbol.is_none_or(|symbol| symbol == record.symbol) {
                tell(&self.core.store.seen(slot).order());
            }
            slot = record.after;
        }
    }

    /// Visits the open orders of an account, oldest first; of one symbol or of all.
    pub fn open_orders(&self, account: Account, symbol: Option<Symbol>, tell: impl FnMut(&Order)) {
        if self.core.has(account) {
            self.visit(self.core.accounts.state(account).open.0, symbol, tell);
        }
    }

    /// Returns all orders of an account in a symbol by id: the open ones, and of those that are over the last `room.history` of the account.
    #[must_use]
    pub fn all_orders(&self, account: Account, symbol: Symbol) -> Vec<Order> {
        let mut all = Vec::new();
        if self.core.has(account) {
            let state = self.core.accounts.state(account);
            let of_symbol = state.done.iter().filter(|&&slot| self.core.store.get(slot).symbol == symbol);
            all.extend(of_symbol.map(|&slot| self.core.store.seen(slot).order()));
            self.visit(state.open.0, Some(symbol), |order| all.push(*order));
            all.sort_unstable_by_key(|order| order.id);
        }
        all
    }

    /// Visits the last `room.fills` fills of an account, oldest first; of one symbol or of all.
    pub fn fills(&self, account: Account, symbol: Option<Symbol>, mut tell: impl FnMut(&OwnFill)) {
        if self.core.has(account) {
            let fills = self.core.accounts.state(account).fills.iter();
            fills.filter(|fill| symbol.is_none_or(|symbol| symbol == fill.symbol)).for_each(&mut tell);
        }
    }

    /// Returns a balance: free and locked; zero where there is no such account or asset.
    #[must_use]
    pub fn balance(&self, account: Account, asset: Asset) -> (Amount, Amount) {
        if !self.core.has(account) || usize::from(asset) >= self.profile.assets.len() {
            return (0, 0);
        }
        let balance = self.core.accounts.balance(account, asset);
        (balance.free, balance.locked)
    }

    /// Returns the fees of an account: maker and taker, units of 1e-8.
    #[must_use]
    pub fn fees(&self, account: Account) -> (i64, i64) {
        if self.core.has(account) { self.core.accounts.state(account).fees } else { (0, 0) }
    }

    /// Returns the 30-day volume of an account, today included, in the asset of the profile's fees.
    #[must_use]
    pub fn volume(&self, account: Account) -> Amount {
        if self.core.has(account) { self.core.accounts.state(account).volume() } else { 0 }
    }

    /// Returns the trade group of an account; 0 for none.
    #[must_use]
    pub fn group(&self, account: Account) -> u32 {
        if self.core.has(account) { self.core.accounts.state(account).group } else { 0 }
    }

    /// Sets the trade group of an account: accounts of one group above 0 count as one for self-trade prevention.
    pub fn set_group(&mut self, account: Account, group: u32) {
        if self.core.has(account) {
            self.core.accounts.state_mut(account).group = group;
        }
    }

    /// Lets an account place and cancel, or not.
    pub fn set_disabled(&mut self, account: Account, is_disabled: bool) {
        if self.core.has(account) {
            self.core.accounts.state_mut(account).is_disabled = is_disabled;
        }
    }

    /// Asks neither filters nor counts of an account from now on: its orders mirror another market, which has them anyway.
    pub fn exempt(&mut self, account: Account) {
        if self.core.has(account) {
            self.core.accounts.state_mut(account).is_exempt = true;
        }
    }

    /// Visits the levels of a side, best first, at most `most`: price and quantity shown.
    pub fn depth(&self, symbol: Symbol, side: Side, most: usize, mut tell: impl FnMut(Amount, Amount)) {
        if let Some(market) = self.markets.get(usize::from(symbol)) {
            let scale = market.scale;
            market.book.depth(side, most, &mut |level| tell(scale.price(level.ticks), scale.base(level.lots)));
        }
    }

    /// Returns the best price of a side and the quantity shown there.
    #[must_use]
    pub fn best(&self, symbol: Symbol, side: Side) -> Option<(Amount, Amount)> {
        let market = self.markets.get(usize::from(symbol))?;
        let ticks = market.book.best(side)?;
        Some((market.scale.price(ticks), market.scale.base(market.book.shown(side, ticks))))
    }

    /// Returns the quantity shown at a price of a side; zero where nothing rests.
    #[must_use]
    pub fn shown(&self, symbol: Symbol, side: Side, price: Amount) -> Amount {
        self.markets.get(usize::from(symbol)).map_or(0, |market| market.scale.base(market.book.shown(side, price / market.scale.tick)))
    }

    /// Visits the last `room.trades` trades of a symbol, oldest first.
    pub fn trades(&self, symbol: Symbol, tell: impl FnMut(&Traded)) {
        if let Some(market) = self.markets.get(usize::from(symbol)) {
            market.tape.trades().for_each(tell);
        }
    }

    /// Returns the number of level changes of a symbol so far: each `Report::Level` is one.
    #[must_use]
    pub fn update_id(&self, symbol: Symbol) -> u64 {
        self.markets.get(usize::from(symbol)).map_or(0, |market| market.update)
    }

    /// Returns the price of a symbol's last trade; none before the first.
    #[must_use]
    pub fn last_price(&self, symbol: Symbol) -> Option<Amount> {
        self.markets.get(usize::from(symbol)).map(|market| market.tape.last).filter(|&last| last > 0)
    }

    /// Returns a symbol's weighted average price over the minutes of its filters; none where nothing ever traded.
    pub fn average_price(&mut self, symbol: Symbol, now: Micros) -> Option<Amount> {
        self.markets.get_mut(usize::from(symbol)).map(|market| market.tape.average(now)).filter(|&price| price > 0)
    }

    /// Returns a symbol's reference price; none where it has no rule or nothing traded in its window.
    #[must_use]
    pub fn reference_price(&self, symbol: Symbol, now: Micros) -> Option<Amount> {
        self.markets.get(usize::from(symbol))?.tape.reference(now)
    }

    /// Returns a symbol's status.
    #[must_use]
    pub fn status(&self, symbol: Symbol) -> Option<Status> {
        self.markets.get(usize::from(symbol)).map(|market| market.status)
    }

    /// Returns an order list of an account by the venue's id or the client's.
    #[must_use]
    pub fn list(&self, account: Account, key: &Key) -> Option<List> {
        let lists = &self.core.lists;
        let place = match key {
            Key::Order(id) | Key::Both(id, _) => lists.find_id(*id)?,
            Key::Client(text) => lists.find_client(account, text)?,
        };
        Some(*lists.get(place)).filter(|list| list.account == account)
    }

    /// Returns all lists of an account that are known, by id.
    #[must_use]
    pub fn all_lists(&self, account: Account) -> Vec<List> {
        let mut all: Vec<List> = self.core.lists.iter().filter(|list| list.account == account).copied().collect();
        all.sort_unstable_by_key(|list| list.id);
        all
    }

    /// Returns a hash of what rests in a symbol's book, in priority.
    #[must_use]
    pub fn book_hash(&self, symbol: Symbol) -> u64 {
        self.markets.get(usize::from(symbol)).map_or(0, |market| market.book.hash())
    }
}

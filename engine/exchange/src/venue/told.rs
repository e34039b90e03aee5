//! What the venue tells, without copying an order: [`Told`] is a [`Report`] that refers to the order where the venue holds it.
//!
//! Whoever needs the order whole asks for it ([`Seen::order`], [`Told::report`]); whoever counts, routes or hashes does not pay for it.

use super::store::{Beside, Detail, Record, mark, own_name};
use crate::command::{NewOrder, Side, Status};
use crate::report::{Act, Fill, ListState, Order, Refused, Report, State};
use crate::text::Text;
use crate::{Account, Amount, Asset, Symbol};

/// An order where the venue holds it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    record: &'a Record,
    beside: &'a Beside,
}

impl<'a> Seen<'a> {
    #[inline]
    pub(super) fn new(record: &'a Record, beside: &'a Beside) -> Self {
        Self { record, beside }
    }

    /// Returns the venue's id.
    #[inline]
    #[must_use]
    pub fn id(&self) -> u64 {
        self.record.id
    }

    /// Returns whose it is.
    #[inline]
    #[must_use]
    pub fn account(&self) -> Account {
        self.record.account
    }

    /// Returns its symbol.
    #[inline]
    #[must_use]
    pub fn symbol(&self) -> Symbol {
        self.record.symbol
    }

    /// Returns its side.
    #[inline]
    #[must_use]
    pub fn side(&self) -> Side {
        self.record.side
    }

    /// Returns its status.
    #[inline]
    #[must_use]
    pub fn state(&self) -> State {
        self.record.state
    }

    /// Returns the base quantity filled.
    #[inline]
    #[must_use]
    pub fn filled(&self) -> Amount {
        self.record.filled
    }

    /// Returns the client id: the client's, or the one the venue gave.
    #[must_use]
    pub fn client_id(&self) -> Text {
        if self.record.has(mark::NAMED) { self.beside.name.text } else { own_name(self.record.id) }
    }

    /// Returns it whole.
    #[must_use]
    pub fn order(&self) -> Order {
        let record = self.record;
        let detail = if record.has(mark::DETAILED) { &self.beside.detail } else { &Detail::NONE };
        let asked = NewOrder {
            symbol: record.symbol,
            side: record.side,
            kind: record.kind,
            force: record.force,
            quantity: Some(record.quantity),
            quote_quantity: detail.quote_quantity,
            price: (record.price > 0).then_some(record.price),
            stop_price: detail.stop_price,
            trailing_delta: detail.trailing_delta,
            iceberg: detail.iceberg,
            client_id: self.client_id(),
            self_trade: Some(record.self_trade),
            strategy_id: detail.strategy_id,
            strategy_type: detail.strategy_type,
        };
        Order {
            id: record.id,
            account: record.account,
            asked,
            list: detail.list,
            state: record.state,
            filled: record.filled,
            filled_quote: record.filled_quote,
            prevented: record.prevented,
            is_working: record.has(mark::WORKING),
            created: record.created,
            updated: record.updated,
            working_since: record.working_since,
            trigger: detail.trigger,
        }
    }
}

/// Under which name an order is told.
#[derive(Debug, Clone, Copy)]
pub enum As<'a> {
    /// Its own.
    Itself,
    /// The name of the cancel, empty for the venue's; its own was the original one.
    Canceled(&'a Text),
    /// Its own, new by an amendment; this was the original one.
    Renamed(&'a Text),
}

/// What the venue tells; see [`Report`].
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "as in `Report`")]
pub enum Told<'a> {
    Execution { act: Act, order: Seen<'a>, fill: Option<&'a Fill>, name: As<'a>, why: Option<Refused>, execution: u64 },
    List { account: Account, list: u64, client_id: &'a Text, symbol: Symbol, state: ListState },
    Balance { account: Account, asset: Asset, free: Amount, locked: Amount },
    Transfer { account: Account, asset: Asset, amount: Amount },
    Trade { symbol: Symbol, trade: u64, price: Amount, quantity: Amount, buyer_is_maker: bool },
    Level { symbol: Symbol, side: Side, price: Amount, quantity: Amount },
    Status { symbol: Symbol, status: Status },
    Refused(Refused),
}

impl Told<'_> {
    /// Returns it with the order whole.
    #[must_use]
    pub fn report(&self) -> Report {
        match *self {
            Self::Execution { act, order, fill, name, why, execution } => {
                let mut order = order.order();
                let original = match name {
                    As::Itself => Text::EMPTY,
                    As::Canceled(cancel) => {
                        let cancel = if cancel.is_empty() { Text::of_number(execution ^ 1 << 61) } else { *cancel };
                        std::mem::replace(&mut order.asked.client_id, cancel)
                    }
                    As::Renamed(original) => *original,
                };
                Report::Execution { act, order, fill: fill.copied(), original, why, execution }
            }
            Self::List { account, list, client_id, symbol, state } => Report::List { account, list, client_id: *client_id, symbol, state },
            Self::Balance { account, asset, free, locked } => Report::Balance { account, asset, free, locked },
            Self::Transfer { account, asset, amount } => Report::Transfer { account, asset, amount },
            Self::Trade { symbol, trade, price, quantity, buyer_is_maker } => {
                Report::Trade { symbol, trade, price, quantity, buyer_is_maker }
            }
            Self::Level { symbol, side, price, quantity } => Report::Level { symbol, side, price, quantity },
            Self::Status { symbol, status } => Report::Status { symbol, status },
            Self::Refused(refused) => Report::Refused(refused),
        }
    }
}

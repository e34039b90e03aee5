//! Random commands, and a profile that lets nearly all of them in.

use crate::world::{order, small};
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewList, NewOrder, Only, SelfTrade, Shape, Side, Status};
pub use bot4_exchange::draw::Draw;
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::text::Text;
use bot4_exchange::{Account, Amount};

/// A profile of symbols with a tick and a lot and hardly a filter, all modes allowed.
pub fn bare(tick: Amount, lot: Amount) -> Profile {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.exchange_filters.clear();
    for symbol in &mut profile.symbols {
        symbol
            .filters
            .retain(|filter| matches!(filter, Filter::PriceFilter { .. } | Filter::LotSize { .. } | Filter::TrailingDelta { .. }));
        for filter in &mut symbol.filters {
            match filter {
                Filter::PriceFilter { min_price, max_price, tick_size } => {
                    (min_price.0, max_price.0, tick_size.0) = (tick, 1_000_000 * tick, tick);
                }
                Filter::LotSize { min_qty, max_qty, step_size } => (min_qty.0, max_qty.0, step_size.0) = (lot, 1_000_000 * lot, lot),
                _ => {}
            }
        }
        symbol.allowed_self_trade_prevention_modes =
            ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"].map(str::to_owned).to_vec();
    }
    profile
}

/// Draws any command at all: two symbols of three assets, every type, lists, groups, credits, halts.
pub fn anything(draw: &mut Draw, accounts: u32, newest: u64) -> Command {
    let account = 1 + draw.below(u64::from(accounts)) as Account;
    let symbol = draw.below(2) as u16;
    let id = (newest + 1).saturating_sub(draw.below(40));
    let key = if draw.one_in(3) { Key::Client(name(draw)) } else { Key::Order(id) };
    let only = if draw.one_in(5) { Some(draw.pick(&[Only::New, Only::PartlyFilled])) } else { None };
    let cancel = Cancel { symbol, key, client_id: Text::EMPTY, only };
    match draw.below(100) {
        0..=59 => Command::Place(account, any_order(draw, symbol)),
        60..=69 => Command::Cancel(account, cancel),
        70..=77 => Command::CancelReplace(account, cancel, any_order(draw, symbol), draw.one_in(2)),
        78..=84 => Command::Amend(account, symbol, key, (1 + draw.below(20)) as i64 * 10_000, name(draw)),
        85..=93 => {
            let shape = any_list(draw, symbol);
            let client_id = if draw.one_in(3) { name(draw) } else { Text::EMPTY };
            Command::PlaceList(account, NewList { client_id, shape })
        }
        94 => Command::CancelAll(account, symbol),
        95 => Command::CancelList(account, symbol, Key::Order(1 + draw.below(1 + newest / 10))),
        96 => Command::Credit(account, draw.below(3) as u16, draw.below(2_000) as i64 - 1_000),
        97 => Command::SetStatus(symbol, if draw.one_in(4) { Status::Halt } else { Status::Trading }),
        98 => Command::SetStatus(symbol, Status::Trading),
        _ => Command::Test(account, any_order(draw, symbol)),
    }
}

pub fn name(draw: &mut Draw) -> Text {
    Text::new(&format!("n{}", draw.below(12))).expect("short")
}

pub const TICK: Amount = 1_000;

pub fn price(draw: &mut Draw) -> Amount {
    (7_480 + draw.below(70) as i64) * TICK
}

pub fn any_order(draw: &mut Draw, symbol: u16) -> NewOrder {
    let kinds = [
        Kind::Limit,
        Kind::Limit,
        Kind::Limit,
        Kind::LimitMaker,
        Kind::Market,
        Kind::StopLoss,
        Kind::StopLossLimit,
        Kind::TakeProfit,
        Kind::TakeProfitLimit,
    ];
    let (kind, side) = (draw.pick(&kinds), draw.pick(&[Side::Buy, Side::Sell]));
    let lots = 1 + draw.below(30) as i64;
    let is_limited = matches!(kind, Kind::Limit | Kind::LimitMaker | Kind::StopLossLimit | Kind::TakeProfitLimit);
    let is_contingent = matches!(kind, Kind::StopLoss | Kind::StopLossLimit | Kind::TakeProfit | Kind::TakeProfitLimit);
    let by_quote = kind == Kind::Market && draw.one_in(3);
    let force = draw.pick(&[Force::Gtc, Force::Gtc, Force::Ioc, Force::Fok]);
    let trails = is_contingent && draw.one_in(3);
    NewOrder {
        symbol,
        force: (is_limited && kind != Kind::LimitMaker).then_some(force),
        quantity: (!by_quote).then_some(lots * 10_000),
        quote_quantity: by_quote.then(|| 1 + draw.below(30_000) as i64),
        price: is_limited.then(|| price(draw)),
        stop_price: (is_contingent && !(trails && draw.one_in(2))).then(|| price(draw)),
        trailing_delta: trails.then(|| 10 + draw.below(40) as i64),
        iceberg: (is_limited && force == Force::Gtc && lots > 4 && draw.one_in(3)).then_some(lots / 3 * 10_000),
        client_id: if draw.one_in(3) { name(draw) } else { Text::EMPTY },
        self_trade: Some(draw.pick(&[
            SelfTrade::Allow,
            SelfTrade::ExpireTaker,
            SelfTrade::ExpireMaker,
            SelfTrade::ExpireBoth,
            SelfTrade::Decrement,
            SelfTrade::Transfer,
        ])),
        ..order(kind, side)
    }
}

pub fn any_list(draw: &mut Draw, symbol: u16) -> Shape {
    let side = draw.pick(&[Side::Buy, Side::Sell]);
    let quantity = Some((1 + draw.below(20)) as i64 * 10_000);
    let plain = NewOrder { symbol, quantity, self_trade: Some(SelfTrade::Decrement), ..order(Kind::LimitMaker, side) };
    let (low, high) = (7_470 + draw.below(30) as i64, 7_515 + draw.below(40) as i64);
    let maker = |ticks: i64| NewOrder { price: Some(ticks * TICK), ..plain };
    let force = Some(Force::Gtc);
    let stop = |kind, ticks: i64, away: i64| {
        let price = matches!(kind, Kind::StopLossLimit | Kind::TakeProfitLimit).then_some((ticks + away) * TICK);
        NewOrder { kind, force: price.and(force), price, stop_price: Some(ticks * TICK), ..plain }
    };
    let loss = draw.pick(&[Kind::StopLoss, Kind::StopLossLimit]);
    let take = draw.pick(&[Kind::TakeProfit, Kind::TakeProfitLimit]);
    let away = draw.below(20) as i64 - 10;
    let good = |draw: &mut Draw, ticks| if draw.one_in(2) { maker(ticks) } else { stop(take, ticks, away) };
    let (above, below) = match side {
        Side::Buy => (stop(loss, high, away), good(draw, low)),
        Side::Sell => (good(draw, high), stop(loss, low, away)),
    };
    let opens = NewOrder { kind: Kind::Limit, force, price: Some(price(draw)), side: draw.pick(&[Side::Buy, Side::Sell]), ..plain };
    match draw.below(3) {
        0 => Shape::OneCancelsOther(above, below),
        1 => Shape::OneTriggersOther(opens, draw.pick(&[above, below, opens])),
        _ => Shape::OneTriggersOco(opens, above, below),
    }
}

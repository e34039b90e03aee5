//! Random streams: against a naive model command by command; value conserved to the last unit; the order of registration changes nothing.
//!
//! `BOT4_VENUE_COMMANDS=10000000 cargo test --release -p bot4-exchange --test venue value_is` runs the ten million.

use crate::naive::{Fate, Naive, Plain};
use crate::world::{START, order, small};
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewList, NewOrder, Only, SelfTrade, Shape, Side, Status};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::report::{Order, Report, State};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Amount};

const MODES: [SelfTrade; 5] =
    [SelfTrade::Allow, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement];

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// A profile of symbols with a tick and a lot and hardly a filter, all modes allowed.
fn bare(tick: Amount, lot: Amount) -> Profile {
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

fn fate(state: State) -> Fate {
    match state {
        State::New | State::PendingNew | State::PartlyFilled => Fate::Open,
        State::Filled => Fate::Filled,
        State::Canceled => Fate::Canceled,
        State::ExpiredInMatch => Fate::Prevented,
        State::Expired | State::Rejected => Fate::Expired,
    }
}

/// Does a command on the model; tells whether it was taken.
type Agrees = Box<dyn Fn(&mut Naive) -> bool>;

/// Runs a stream on the venue and on the model, and compares all they know after every command.
fn compare(seed: u64, tick: Amount, lot: Amount, commands: u32) -> u64 {
    let mut draw = Draw(seed);
    let profile = bare(tick, lot);
    let tier = profile.fees.tiers[0];
    let mut venue = Exchange::new(profile).expect("a venue");
    let mut naive = Naive::new(tick, lot, tier.maker.0, tier.taker.0);
    for account in 1..=3 {
        venue.open_account().expect("room");
        for asset in [0, 1] {
            // Little of one asset for one account, so that means do run out.
            let much = if account == 3 && asset == 0 { 2_000 * tick * lot / ONE * 50 + 777 } else { 40_000 * ONE };
            venue.apply(START, &Command::Credit(account, asset, much), &mut |_| {});
            naive.owns.insert((account, asset == 1), much.into());
        }
    }
    let mut trades = 0;
    for step in 0..commands {
        let now = START + i64::from(step) * 1_000;
        let account = 1 + draw.below(3) as Account;
        let newest = naive.orders.len() as u64;
        let id = (1 + newest).saturating_sub(draw.below(25));
        let mut told = Vec::new();
        let what = draw.below(20);
        let (command, agreed): (Command, Agrees) = if what < 14 {
            let (asked, plain) = one_order(&mut draw, account, tick, lot);
            (Command::Place(account, asked), Box::new(move |naive| naive.place(plain.clone()).is_some()))
        } else if what < 17 {
            let cancel = Cancel { symbol: 0, key: Key::Order(id), client_id: Text::EMPTY, only: None };
            (Command::Cancel(account, cancel), Box::new(move |naive| naive.cancel(account, id)))
        } else {
            let lots = 1 + draw.below(25) as i64;
            let name = format!("n{}", draw.below(6));
            let text = Text::new(&name).expect("short");
            let amend = Command::Amend(account, 0, Key::Order(id), lots * lot, text);
            (amend, Box::new(move |naive| naive.amend(account, id, lots.into(), &name)))
        };
        venue.apply(now, &command, &mut |report| told.push(report));
        let is_refused = told.iter().any(|report| matches!(report, Report::Refused(_)));
        assert_eq!(agreed(&mut naive), !is_refused, "seed {seed} step {step}: {command:?} {told:?}");
        trades += told.iter().filter(|report| matches!(report, Report::Trade { .. })).count() as u64;
        same(&venue, &naive, &format!("seed {seed} step {step}: {command:?}"));
    }
    trades
}

fn same(venue: &Exchange, naive: &Naive, place: &str) {
    for account in 0..=3 {
        for (asset, is_base) in [(0, false), (1, true)] {
            let (free, locked) = venue.balance(account, asset);
            assert_eq!(i128::from(locked), naive.locked(account, is_base), "locked of {account} in {asset}, {place}");
            assert_eq!(i128::from(free), naive.free(account, is_base), "free of {account} in {asset}, {place}");
        }
    }
    for (id, plain) in naive.orders.iter().rev().take(40) {
        let seen = venue.order(plain.account, 0, &Key::Order(*id)).expect("it is known");
        let quantities = [seen.filled, seen.filled_quote, seen.prevented].map(i128::from);
        assert_eq!(fate(seen.state), plain.fate, "order {id}, {place}");
        assert_eq!(quantities, [plain.filled * naive.lot, plain.quote, plain.prevented * naive.lot], "order {id}, {place}");
    }
    for side in [Side::Buy, Side::Sell] {
        let (mut levels, mut plain) = (Vec::new(), Vec::new());
        venue.depth(0, side, usize::MAX, |price, quantity| levels.push((i128::from(price), i128::from(quantity))));
        bot4_engine::book::Book::depth(&naive.book, side, usize::MAX, &mut |level| {
            plain.push((i128::from(level.ticks) * naive.tick, i128::from(level.lots) * naive.lot));
        });
        assert_eq!(levels, plain, "{side:?}, {place}");
    }
}

/// Draws an order as the venue and as the model know it.
fn one_order(draw: &mut Draw, account: Account, tick: Amount, lot: Amount) -> (NewOrder, Plain) {
    let side = draw.pick(&[Side::Buy, Side::Sell]);
    let kind = draw.pick(&[Kind::Limit, Kind::Limit, Kind::Limit, Kind::LimitMaker, Kind::Market, Kind::StopLossLimit]);
    let ticks = 7_500 + draw.below(30) as i64;
    let lots = 1 + draw.below(30) as i64;
    let mode = draw.pick(&MODES);
    let force = draw.pick(&[Force::Gtc, Force::Gtc, Force::Gtc, Force::Ioc, Force::Fok]);
    let peak = if draw.one_in(4) && lots > 3 && kind == Kind::Limit && force == Force::Gtc { lots / 3 } else { 0 };
    let is_limited = kind != Kind::Market;
    let needs_force = matches!(kind, Kind::Limit | Kind::StopLossLimit);
    let stop = (kind == Kind::StopLossLimit).then(|| (7_500 + draw.below(30) as i64) * tick);
    let name = if draw.one_in(3) { format!("n{}", draw.below(6)) } else { String::new() };
    let asked = NewOrder {
        kind,
        force: needs_force.then_some(force),
        quantity: Some(lots * lot),
        price: is_limited.then_some(ticks * tick),
        stop_price: stop,
        iceberg: (peak > 0).then_some(peak * lot),
        client_id: Text::new(&name).expect("short"),
        self_trade: Some(mode),
        ..order(kind, side)
    };
    let plain = Plain {
        account,
        side,
        kind,
        force: if needs_force { force } else { Force::Gtc },
        ticks: if is_limited { ticks.into() } else { 0 },
        lots: lots.into(),
        filled: 0,
        prevented: 0,
        quote: 0,
        fate: Fate::Open,
        mode,
        peak: peak.into(),
        stop: stop.map(i128::from),
        is_waiting: false,
        name,
    };
    (asked, plain)
}

#[test]
fn the_venue_is_what_a_naive_model_says_after_every_command() {
    // A tick and a lot whose product is whole in 1e-8, and one whose is not: every rounding happens.
    let trades: u64 = (0..12).map(|seed| compare(seed, 1_000_000, 1_000, 700)).sum();
    assert!(trades > 1_500, "{trades}");
    let trades: u64 = (100..112).map(|seed| compare(seed, 1_000, 10_000, 700)).sum();
    assert!(trades > 1_500, "{trades}");
}

/// Draws any command at all: two symbols of three assets, every type, lists, groups, credits, halts.
fn anything(draw: &mut Draw, accounts: u32, newest: u64) -> Command {
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

fn name(draw: &mut Draw) -> Text {
    Text::new(&format!("n{}", draw.below(12))).expect("short")
}

const TICK: Amount = 1_000;

fn price(draw: &mut Draw) -> Amount {
    (7_480 + draw.below(70) as i64) * TICK
}

fn any_order(draw: &mut Draw, symbol: u16) -> NewOrder {
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

fn any_list(draw: &mut Draw, symbol: u16) -> Shape {
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

/// What the open orders of an account must hold of an asset, by the rules as docs/exchange-venue.md has them.
fn needed(venue: &Exchange, account: Account, asset: u16) -> i128 {
    let mut open: Vec<Order> = Vec::new();
    venue.open_orders(account, None, |order| open.push(*order));
    let pays = |order: &Order| if order.asked.side == Side::Buy { 0 } else { 1 + order.asked.symbol };
    let need = |order: &Order| -> i128 {
        let left = i128::from(order.asked.quantity.unwrap_or(0) - order.filled - order.prevented);
        match (order.asked.side, order.asked.price) {
            (Side::Sell, _) => left,
            (Side::Buy, Some(price)) => (i128::from(price) * left + 99_999_999) / 100_000_000,
            (Side::Buy, None) => 0,
        }
    };
    let mut sum = 0;
    let mut seen: Vec<i64> = Vec::new();
    for one in open.iter().filter(|order| pays(order) == asset && order.state != State::PendingNew) {
        if one.list < 0 {
            sum += need(one);
        } else if !seen.contains(&one.list) {
            seen.push(one.list);
            // The orders of one list that are open at once are a pair: they hold what the dearer needs.
            sum += open.iter().filter(|other| other.list == one.list && other.state != State::PendingNew).map(need).max().unwrap_or(0);
        }
    }
    sum
}

#[test]
fn value_is_conserved_to_the_last_unit_whatever_is_sent() {
    let commands: u64 = std::env::var("BOT4_VENUE_COMMANDS").ok().and_then(|text| text.parse().ok()).unwrap_or(150_000);
    let mut profile = bare(TICK, 10_000);
    profile.symbols.truncate(2);
    // A rebate for makers, so that the venue pays too.
    profile.fees.tiers[0].maker.0 = -10_000;
    let mut venue = Exchange::new(profile).expect("a venue");
    let mut supply = [0_i128; 3];
    for account in 1..=6 {
        venue.open_account().expect("room");
        for asset in 0..3 {
            let much = 5_000_000 * i64::from(account);
            venue.apply(START, &Command::Credit(account, asset, much), &mut |_| {});
            supply[usize::from(asset)] += i128::from(much);
        }
        venue.set_group(account, account / 5);
    }
    let mut draw = Draw(11);
    let (mut newest, mut trades, mut executions, mut transfers) = (0, 0_u64, 0, 0_u64);
    for step in 0..commands {
        let command = anything(&mut draw, 6, newest);
        let before = crate::counting::allocations();
        venue.apply(START + step as i64 * 50_000, &command, &mut |report| match report {
            Report::Execution { order, execution, .. } => {
                newest = newest.max(order.id);
                assert_eq!(execution, executions + 1, "executions are numbered without a gap");
                executions = execution;
                assert!(order.filled + order.prevented <= order.asked.quantity.unwrap_or(0), "{order:?}");
            }
            Report::Trade { .. } => trades += 1,
            Report::Transfer { asset, amount, .. } => {
                transfers += 1;
                supply[usize::from(asset)] += i128::from(amount);
            }
            _ => {}
        });
        assert_eq!(crate::counting::allocations(), before, "step {step}: no command allocates: {command:?}");
        let mut sums = [0_i128; 3];
        for account in 0..=6 {
            for asset in 0..3_u16 {
                let (free, locked) = venue.balance(account, asset);
                assert!(free >= 0 && locked >= 0, "step {step}: account {account} asset {asset}: {free} {locked} after {command:?}");
                sums[usize::from(asset)] += i128::from(free) + i128::from(locked);
            }
        }
        assert_eq!(sums, supply, "step {step}: {command:?}");
        for symbol in 0..2 {
            if let (Some(bid), Some(ask)) = (venue.best(symbol, Side::Buy), venue.best(symbol, Side::Sell)) {
                assert!(bid.0 < ask.0, "step {step}: crossed {bid:?} {ask:?}");
            }
        }
        if step % 16 == 0 || commands < 1_000 {
            for account in 1..=6 {
                for asset in 0..3_u16 {
                    let need = needed(&venue, account, asset);
                    let mut open = Vec::new();
                    venue.open_orders(account, None, |order| open.push(*order));
                    let locked = i128::from(venue.balance(account, asset).1);
                    assert_eq!(locked, need, "step {step}: account {account} asset {asset}: {command:?} {open:#?}");
                }
            }
        }
    }
    assert!(trades > commands / 20 && transfers > commands / 400, "{trades} trades, {transfers} transfers of {commands}");
}

#[test]
fn the_order_of_registration_changes_nothing() {
    let run = |accounts: [Account; 6], symbols: [u16; 2]| {
        let mut profile = bare(TICK, 10_000);
        profile.symbols.truncate(2);
        if symbols[0] == 1 {
            profile.symbols.swap(0, 1);
        }
        let mut venue = Exchange::new(profile).expect("a venue");
        for _ in 0..6 {
            venue.open_account().expect("room");
        }
        for (at, account) in accounts.into_iter().enumerate() {
            for asset in 0..3 {
                venue.apply(START, &Command::Credit(account, asset, 5_000_000 * (1 + at as i64)), &mut |_| {});
            }
        }
        let (mut draw, mut newest, mut seen) = (Draw(5), 0, Vec::new());
        let turn = |order: NewOrder| NewOrder { symbol: symbols[usize::from(order.symbol)], ..order };
        for step in 0..20_000 {
            let command = match anything(&mut draw, 6, newest) {
                Command::Place(account, order) => Command::Place(accounts[account as usize - 1], turn(order)),
                Command::Cancel(account, cancel) => {
                    Command::Cancel(accounts[account as usize - 1], Cancel { symbol: symbols[usize::from(cancel.symbol)], ..cancel })
                }
                Command::CancelAll(account, symbol) => Command::CancelAll(accounts[account as usize - 1], symbols[usize::from(symbol)]),
                _ => Command::Tick,
            };
            venue.apply(START + step * 1_000, &command, &mut |report| match report {
                Report::Execution { act, order, .. } => {
                    newest = newest.max(order.id);
                    seen.push((act, order.id, order.state, order.filled, order.filled_quote));
                }
                Report::Refused(refused) => {
                    seen.push((bot4_exchange::report::Act::Rejected, 0, State::Rejected, i64::from(refused.code), 0))
                }
                _ => {}
            });
        }
        let owned: Vec<[(Amount, Amount); 3]> =
            accounts.into_iter().map(|account| [0, 1, 2].map(|asset| venue.balance(account, asset))).collect();
        (seen, owned)
    };
    let one = run([1, 2, 3, 4, 5, 6], [0, 1]);
    assert!(one.0.len() > 10_000);
    assert_eq!(one, run([4, 6, 1, 3, 2, 5], [0, 1]));
    assert_eq!(one, run([6, 5, 4, 3, 2, 1], [1, 0]));
}

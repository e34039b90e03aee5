//! Random streams: against a naive model command by command; value conserved to the last unit; the order of registration changes nothing.
//!
//! `BOT4_VENUE_COMMANDS=10000000 cargo test --release -p bot4-exchange --test venue value_is` runs the ten million.

use crate::drawn::{Draw, TICK, anything, bare};
use crate::naive::{Fate, Naive, Plain};
use crate::world::{START, order, small};
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewList, NewOrder, SelfTrade, Shape, Side};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::{Order, Report, State};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Amount};

const MODES: [SelfTrade; 5] =
    [SelfTrade::Allow, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement];

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

#[test]
fn absurd_values_break_nothing() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.room.book = 64;
    let mut venue = Exchange::new(profile).expect("a venue");
    for account in 1..=3 {
        venue.open_account().expect("room");
        for asset in 0..3 {
            venue.apply(START, &Command::Credit(account, asset, i64::MAX / 8), &mut |_| {});
        }
    }
    let supply = i128::from(i64::MAX / 8) * 3;
    let (mut draw, mut taken) = (Draw(13), 0_u64);
    for step in 0..120_000 {
        let command = absurd(&mut draw);
        // Time stands still, leaps, and once in a while goes back.
        let now = draw.pick(&[START, START + step * 1_000, START + step * 1_000, 0, i64::MAX / 2]);
        venue.apply(now, &command, &mut |report| taken += u64::from(matches!(report, Report::Execution { .. })));
        for asset in 0..3 {
            let sum: i128 =
                (0..=3).map(|account| venue.balance(account, asset)).map(|(free, locked)| i128::from(free) + i128::from(locked)).sum();
            assert_eq!(sum, supply, "step {step}: {command:?}");
        }
    }
    assert!(taken > 1_000, "{taken} reports: some of it was sound");
}

/// Draws a command of extremes, with something sound now and then.
fn absurd(draw: &mut Draw) -> Command {
    const SOUND: [Amount; 6] = [5_000_000_000_000, 5_000_001_000_000, 10_000_000, 20_000_000, 1_000, 900_000 * ONE];
    let mut any = |sound: Amount| {
        let extremes = [i64::MIN, i64::MIN + 1, -ONE, -1, 0, 1, i64::MAX - 1, i64::MAX];
        match draw.below(12) {
            0 => draw.pick(&extremes),
            1 => draw.pick(&SOUND),
            _ => sound,
        }
    };
    let (quantity, price, stop, quote, shown) =
        (any(10_000_000), any(5_000_000_000_000), any(5_000_000_000_000), any(10 * ONE), any(5_000_000));
    let (delta, kind_of, much) = (any(100), any(1_000_000), any(10_000_000));
    let kinds = [
        Kind::Limit,
        Kind::Limit,
        Kind::LimitMaker,
        Kind::Market,
        Kind::StopLoss,
        Kind::StopLossLimit,
        Kind::TakeProfit,
        Kind::TakeProfitLimit,
    ];
    let kind = draw.pick(&kinds);
    let is_limited = !matches!(kind, Kind::Market | Kind::StopLoss | Kind::TakeProfit);
    let is_contingent = !matches!(kind, Kind::Limit | Kind::LimitMaker | Kind::Market);
    let mut has = |usual: bool| if draw.one_in(25) { !usual } else { usual };
    let order = NewOrder {
        symbol: 0,
        force: has(is_limited && kind != Kind::LimitMaker).then_some(Force::Gtc),
        quantity: has(true).then_some(quantity),
        quote_quantity: has(false).then_some(quote),
        price: has(is_limited).then_some(price),
        stop_price: has(is_contingent).then_some(stop),
        trailing_delta: has(false).then_some(delta),
        iceberg: has(false).then_some(shown),
        strategy_type: has(false).then_some(kind_of),
        ..order(kind, draw.pick(&[Side::Buy, Side::Sell]))
    };
    let account = draw.pick(&[1, 1, 1, 2, 2, 3, 0, 4, u32::MAX]);
    let symbol = draw.pick(&[0, 0, 0, 0, 1, 2, u16::MAX]);
    let key = Key::Order(draw.pick(&[1, 2, 3, 50, 1_000, u64::MAX, u64::MAX - 1]));
    let order = NewOrder { symbol, ..order };
    match draw.below(10) {
        0..=4 => Command::Place(account, order),
        5 => Command::Test(account, order),
        6 => Command::PlaceList(
            account,
            NewList { client_id: Text::EMPTY, shape: Shape::OneCancelsOther(order, NewOrder { symbol: 0, ..order }) },
        ),
        7 => Command::Amend(account, symbol, key, much, Text::EMPTY),
        8 => Command::CancelReplace(account, Cancel { symbol, key, client_id: Text::EMPTY, only: None }, order, true),
        _ => draw.pick(&[Command::CancelAll(account, symbol), Command::CancelList(account, symbol, key)]),
    }
}

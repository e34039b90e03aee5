//! What the guard does to positions and orders at work, on a whole desk: cuts of the portfolio's layers, a journal that cannot be written,
//! ages of what is held, what counts as opened (docs/semantics.md, sections 11 and 12).
use crate::support::hand::*;
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::breaker::settings::{Rules as Breaker, Settings};
use bot4_engine::desk::breaker::{BreakerKind, BreakerState, Trip};
use bot4_engine::desk::guard::policy::Policy;
use bot4_engine::desk::order::OrderRecord;
use bot4_engine::desk::reason::{Cause, GuardState, Layer, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::money::{AMOUNT_SCALE, E9};
use bot4_engine::venue::observed::Observed;

fn guarded(policy: Policy) -> Config {
    Config { policy: Some(policy), ..config(Realism::Strict) }
}

fn table(prices: &[f64], target: &[f64]) -> Table {
    Table { bars: flat_bars(prices), volume: 1e6, target: target.to_vec(), ..Table::default() }
}

fn run(kind: InstrumentKind, config: &Config, tables: Vec<Table>) -> (Desk, Records) {
    let mut desk = desk(kind, Rules::targets(TARGET, tables.len()), config, false);
    let records = play(&mut desk, &World(tables));
    (desk, records)
}

/// Hour, signed lots and cause of each order.
fn sent(orders: &[OrderRecord]) -> Vec<(i64, i64, Cause)> {
    orders.iter().map(|o| (o.order.ts / HOUR, o.order.side * o.order.lots, o.order.cause)).collect()
}

/// Closes that move by 1 % an hour, up and down.
const SHAKEN: [f64; 8] = [100.0, 101.0, 99.99, 100.99, 99.98, 100.98, 99.97, 100.97];

#[test]
fn a_breach_of_value_at_risk_sells_down_to_the_limit() {
    let policy = Policy { var_breach_e9: Some(E9 / 20), span: Some(2), ..Policy::default() };
    for side in [1, -1] {
        let targets = [0.5 * side as f64; 8];
        let (desk, records) = run(InstrumentKind::Linear, &guarded(policy.clone()), vec![table(&SHAKEN, &targets)]);
        let cut = records.orders.iter().find(|o| o.order.reason == Reason::RiskReduce).expect("half of it at 11.4 % a day is 5.7 %");
        let first = records.guard[0];
        assert_eq!((first.layer, first.to, first.ts / HOUR, cut.order.ts / HOUR), (Layer::VarBreach, GuardState::Paused, 2, 2));
        // 2.326348 · 1 % · √24 of 50.5 % of equity, for five coins were bought at 101; cut to 5 %.
        assert!((first.value - 57_553_489).abs() <= 1, "{first:?}");
        let held = records.fills[0].lots.abs();
        let kept = held - cut.order.lots;
        let exact = held as f64 * first.limit as f64 / first.value as f64;
        assert!((kept as f64) <= exact && kept as f64 > exact - 1.0, "{kept} {exact}");
        assert_eq!((cut.order.side, cut.status, cut.order.cause, cut.order.filled), (-side, Status::Filled, Cause::None, cut.order.lots));
        assert_eq!(brief(&records.fills)[1], (2, -side * cut.order.lots, 9_999, Reason::RiskReduce), "at the next open");
        assert_eq!(desk.ledger().positions[0].lots.signum(), side, "never turned");
        let numbers: Vec<_> = records.orders.iter().map(|o| o.order.id).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "each order has its own number: {numbers:?}");
        // What is left is at its limit: the layer eases.
        assert!(records.guard.iter().any(|r| r.layer == Layer::Eased && r.to == GuardState::Normal), "{:?}", records.guard);
    }
}

#[test]
fn a_cut_takes_its_latency_and_spares_what_has_an_order_at_work() {
    let policy = Policy { correlation_break_e9: Some(E9 / 2), span: Some(5), ..Policy::default() };
    let prices = [100.0, 101.0].repeat(6);
    // The second is being sold, a thousandth of a coin a bar, when the break comes; the last has no position.
    let thin = Table { volume: 0.001, ..table(&prices, &[0.3, 0.3, 0.3, 0.3, 0.0]) };
    let config = Config { latency_ms: 2 * HOUR, ..guarded(policy) };
    let worlds = vec![table(&prices, &[0.4]), thin, table(&prices, &[0.2]), table(&prices, &[0.0])];
    let (_, records) = run(InstrumentKind::Linear, &config, worlds);
    let cuts: Vec<_> = records.orders.iter().filter(|o| o.order.reason == Reason::RiskReduce).collect();
    let broken = records.guard.iter().find(|r| r.layer == Layer::CorrelationBreak).unwrap();
    assert_eq!(cuts.iter().map(|o| (o.order.asset, o.order.ts)).collect::<Vec<_>>(), [(0, broken.ts), (2, broken.ts)]);
    assert!(records.fills.iter().any(|f| f.asset == 1 && f.lots < 0 && f.ts > broken.ts), "its own order goes on");
    assert_eq!(cuts[0].order.due, broken.ts + 2 * HOUR);
    let first = records.fills.iter().find(|f| f.asset == 0).unwrap().lots;
    assert_eq!(cuts[0].order.lots, first - first / 2, "half of it stays, rounded down");
    let cut = records.fills.iter().find(|f| f.reason == Reason::RiskReduce).unwrap();
    assert_eq!(cut.ts, broken.ts + 2 * HOUR, "not before it has arrived");
}

#[test]
fn a_halt_cancels_what_would_open_after_its_decision_and_lets_what_closes_go_on() {
    let slow = Table { volume: 1.0, ..table(&[100.0; 7], &[0.5]) };
    let closing = Table { volume: 2.0, ..table(&[100.0; 7], &[0.4, 0.4, 0.4, 0.0]) };
    let config = Config { halt_at: Some(4 * HOUR), ..config(Realism::Strict) };
    let (desk, records) = run(InstrumentKind::Linear, &config, vec![slow, closing]);
    let record = records.guard[0];
    assert_eq!((record.ts / HOUR, record.layer, record.from, record.to), (4, Layer::Journal, GuardState::Normal, GuardState::Paused));
    let first = &records.orders[0];
    assert_eq!(
        (first.status, first.order.cause, first.order.filled, first.done_ts / HOUR),
        (Status::Cancelled, Cause::RiskPaused, 3_000, 4)
    );
    assert_eq!((desk.ledger().positions[0].lots, desk.ledger().positions[1].lots, desk.state()), (3_000, 0, GuardState::Paused));
    assert_eq!(sent(&records.orders).iter().filter(|o| o.0 > 4 && o.2 == Cause::None).count(), 0);
}

#[test]
fn nothing_is_opened_beside_a_position_whose_price_is_old() {
    let policy = |age| Policy { max_age_ms: Some(age), ..Policy::default() };
    // The first is held and has no bar after the third; the second is asked for at 6 h, where the first's price is 3 h old.
    let mut old = table(&[100.0; 7], &[0.5]);
    (3..7).for_each(|row| old.bars[row] = [NAN; 4]);
    let fresh = table(&[100.0; 7], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.2]);
    let cause = |age: i64, held: f64| {
        let first = Table { target: vec![held], ..old.clone() };
        let (_, records) = run(InstrumentKind::Linear, &guarded(policy(age)), vec![first, fresh.clone()]);
        records.orders.iter().find(|o| o.order.asset == 1).unwrap().order.cause
    };
    assert_eq!((cause(3 * HOUR, 0.5), cause(3 * HOUR - 1, 0.5)), (Cause::None, Cause::StaleData));
    assert_eq!(cause(3 * HOUR - 1, 0.0), Cause::None, "what is not held may be old");
    assert_eq!(cause(HOUR - 1, 0.0), Cause::None, "its own price is of this decision");
}

#[test]
fn a_turn_opens_what_goes_beyond_flat() {
    // 5 coins, then −5: ten are sold, five of them open. Two of twelve are left for the day.
    let policy = Policy { daily_volume: Some(vec![Some(12_000)]), ..Policy::default() };
    let targets = [0.5, -0.5, -0.5, -0.9, -0.9, 0.0, 0.5];
    let (_, records) = run(InstrumentKind::Linear, &guarded(policy), vec![table(&[100.0; 8], &targets)]);
    let found = sent(&records.orders);
    assert_eq!(found[..2], [(1, 5_000, Cause::None), (2, -10_000, Cause::None)]);
    assert_eq!(found[2], (4, -2_000, Cause::DailyVolume));
    assert_eq!(found.iter().find(|o| o.1 > 0 && o.0 > 4).map(|o| (o.1, o.2)), Some((7_000, Cause::None)), "closing is no opening");
    assert_eq!(found.last().map(|o| (o.1, o.2)), Some((0, Cause::DailyVolume)));
}

#[test]
fn only_openings_are_trials_of_a_half_open_breaker() {
    let venue = Breaker { latency_ns: Some(1), window_ms: 8 * HOUR, min_calls: 1, cooldown_ms: 2 * HOUR, trials: 1, ..Breaker::default() };
    let settings = Settings { venue_of: vec![0; 4], venue: Some(venue), ..Settings::default() };
    let seen = Observed { from_ms: 4 * HOUR, to_ms: 5 * HOUR, kind: BreakerKind::Venue, index: 0, source: Trip::Latency, value: 1 };
    // Open at 4, half-open at 6. At 6 two positions are reduced; at 7 a third opens, and a fourth asks for more.
    let config = Config { latency_ms: HOUR / 2, observed: vec![seen], ..guarded(Policy { breakers: Some(settings), ..Policy::default() }) };
    let at = |targets: &[f64]| table(&[100.0; 12], targets);
    let reduced = at(&[0.3, 0.3, 0.3, 0.3, 0.3, 0.1]);
    let mut worlds = vec![reduced.clone(), reduced];
    // No bars from the reduction on, so that no fill judges the trials.
    worlds.iter_mut().for_each(|table| (6..12).for_each(|row| table.bars[row] = [NAN; 4]));
    worlds.push(at(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.2]));
    worlds.push(at(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.3]));
    let (_, records) = run(InstrumentKind::Linear, &config, worlds);
    let changes: Vec<_> = records.breakers.iter().map(|r| (r.ts / HOUR, r.to)).take(2).collect();
    assert_eq!(changes, [(4, BreakerState::Open), (6, BreakerState::HalfOpen)]);
    let of =
        |asset: u32, hour: i64| records.orders.iter().find(|o| o.order.asset == asset && o.order.ts == hour * HOUR).map(|o| o.order.cause);
    assert_eq!((of(2, 7), of(3, 7)), (Some(Cause::None), Some(Cause::Breaker)), "one trial, whatever was reduced before");
}

#[test]
fn orders_of_one_decision_share_the_leverage_and_the_cash() {
    // Each asks for a quarter of equity, and six tenths may be held: the third is cut to what is left, the fourth refused.
    let tables = |weight: f64, count: usize| (0..count).map(|_| table(&[100.0; 4], &[weight])).collect::<Vec<_>>();
    let tight = Config { max_leverage_e9: E9 * 6 / 10, ..config(Realism::Strict) };
    let (_, records) = run(InstrumentKind::Linear, &tight, tables(0.25, 4));
    let expected = [(2_500, Cause::None), (2_500, Cause::None), (1_000, Cause::Leverage), (0, Cause::Leverage)];
    let brief = |records: &Records, count: usize| sent(&records.orders)[..count].iter().map(|o| (o.1, o.2)).collect::<Vec<_>>();
    assert_eq!(brief(&records, 4), expected);
    // Two are the same, whether sums are kept or not.
    let (_, two) = run(InstrumentKind::Linear, &tight, tables(0.5, 2));
    assert_eq!(brief(&two, 2), [(5_000, Cause::None), (1_000, Cause::Leverage)]);
    // Half a spread of a tenth: 275 are kept for each 250, and 175 for the last: 159.09.
    let wide = Config { half_spread_e9: E9 / 10, ..config(Realism::Strict) };
    let (_, spot) = run(InstrumentKind::Spot, &wide, tables(0.25, 4));
    let whole = (2_500, Cause::None);
    assert_eq!(brief(&spot, 4), [whole, whole, whole, (1_590, Cause::Balance)], "cash is spent once");
    let (_, two) = run(InstrumentKind::Spot, &wide, tables(0.5, 2));
    assert_eq!(brief(&two, 2), [(5_000, Cause::None), (4_090, Cause::Balance)]);
}

#[test]
fn a_sale_at_work_brings_the_cash_of_a_purchase_sent_with_it() {
    // All of equity in the first; it is sold while three others are bought with what that will bring.
    let first = table(&[100.0; 6], &[1.0, 1.0, 0.0, 0.0]);
    let other = table(&[100.0; 6], &[0.0, 0.0, 0.3, 0.3]);
    let (desk, records) = run(InstrumentKind::Spot, &config(Realism::Strict), vec![first, other.clone(), other.clone(), other]);
    let found = sent(&records.orders);
    assert_eq!(found[1..], [(3, -10_000, Cause::None), (3, 3_000, Cause::None), (3, 3_000, Cause::None), (3, 3_000, Cause::None)]);
    assert_eq!(desk.ledger().flow, 100 * AMOUNT_SCALE, "a tenth of a thousand stays");
}

#[test]
fn what_is_sent_and_what_is_held_is_counted_once() {
    // Three positions of a fifth of equity grow to 0.33 each; all of equity may be held.
    let tables = (0..3).map(|_| table(&[100.0; 5], &[0.2, 0.2, 0.33, 0.33])).collect();
    let (_, records) = run(InstrumentKind::Linear, &Config { max_leverage_e9: E9, ..config(Realism::Strict) }, tables);
    assert_eq!(sent(&records.orders)[3..], [(3, 1_300, Cause::None); 3]);
}

#[test]
fn an_order_in_flight_stands_on_its_side_of_the_market() {
    // Both move together. The first's order is still on its way when the second asks.
    let policy = Policy { correlation_e9: Some(E9 / 2), span: Some(2), ..Policy::default() };
    let config = Config { latency_ms: 3 * HOUR, ..guarded(policy) };
    let cause = |side: f64| {
        let first = table(&SHAKEN, &[0.0, 0.0, 0.0, 0.4]);
        let second = table(&SHAKEN, &[0.0, 0.0, 0.0, 0.0, 0.4 * side]);
        let (_, records) = run(InstrumentKind::Linear, &config, vec![first, second]);
        records.orders.iter().find(|o| o.order.asset == 1).map(|o| o.order.cause)
    };
    assert_eq!((cause(1.0), cause(-1.0)), (Some(Cause::Correlation), None), "the other side hedges and still works when the data ends");
}

#[test]
fn trades_that_lose_pause_the_strategy_and_cancels_count_as_messages() {
    let policy = Policy { losing_streak: Some(2), ..Policy::default() };
    let prices = [100.0, 100.0, 99.0, 99.0, 98.0, 98.0, 98.0];
    let (_, records) = run(InstrumentKind::Linear, &guarded(policy), vec![table(&prices, &[0.5, 0.0, 0.5, 0.0, 0.5])]);
    assert_eq!(records.guard.iter().map(|r| (r.layer, r.value)).collect::<Vec<_>>(), [(Layer::LosingStreak, 2)]);
    // At 2 h the first's order is cancelled and sent anew: two messages in its minute, a third is refused.
    let slow = Table { volume: 0.1, ..table(&[100.0; 4], &[0.5, 0.6, 0.6]) };
    let late = table(&[100.0; 4], &[0.0, 0.3, 0.3]);
    let causes = |most| {
        let policy = Policy { messages_per_minute: Some(most), ..Policy::default() };
        let (_, records) = run(InstrumentKind::Linear, &guarded(policy), vec![slow.clone(), late.clone()]);
        records.orders.iter().find(|o| o.order.asset == 1).map(|o| o.order.cause)
    };
    assert_eq!((causes(2), causes(3)), (Some(Cause::MessageLimit), Some(Cause::None)));
}

#[test]
fn a_purchase_is_cut_to_the_cash_that_amounts_and_fees_leave_when_it_fills() {
    use bot4_engine::desk::{Desk, Setup};
    use bot4_engine::instrument::{Contract, Terms};
    use bot4_engine::money::Scale;
    // A lot at one tick is worth a ten thousandth of the smallest unit, of which the account has two; the fee rounds up to one.
    let terms = Terms { taker_e9: 1_000_000, maker_e9: 0, min_lots: 1, min_notional: 0 };
    let contract = Contract { kind: InstrumentKind::Spot, scale: Scale::new((1, 8), (1, 4)).unwrap(), terms, leverage_e9: 0 };
    let mut desk = Desk::new(Setup {
        contracts: vec![contract],
        rules: vec![Some(TARGET)],
        entries: vec![],
        legs: vec![],
        interval_ms: HOUR,
        budget_e9: E9,
        track_extremes: false,
        config: &Config { cash: 2, ..config(Realism::Strict) },
    });
    // The price doubles before the order is there.
    let records = play(&mut desk, &World(vec![table(&[1e-8, 2e-8, 2e-8], &[0.9])]));
    let fill = records.fills[0];
    assert_eq!((fill.ticks, fill.lots, fill.fee, desk.ledger().flow), (2, 5_000, 1, 0));
}

#[test]
fn what_a_policy_leaves_below_the_venue_s_minimum_is_refused_with_its_own_cause() {
    use bot4_engine::desk::Setup;
    use bot4_engine::instrument::{Contract, Terms};
    use bot4_engine::money::Scale;
    // At least half a coin an order.
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 500, min_notional: 0 };
    let contract = Contract { kind: InstrumentKind::Linear, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 };
    let cause = |most: i64, weight: f64| {
        let policy = Policy { max_position: Some(vec![Some(most)]), ..Policy::default() };
        let mut desk = Desk::new(Setup {
            contracts: vec![contract],
            rules: vec![Some(TARGET)],
            entries: vec![],
            legs: vec![],
            interval_ms: HOUR,
            budget_e9: E9,
            track_extremes: false,
            config: &guarded(policy),
        });
        let records = play(&mut desk, &World(vec![table(&[100.0; 3], &[weight])]));
        (records.orders[0].order.lots, records.orders[0].order.cause)
    };
    assert_eq!(cause(500, 0.5), (500, Cause::PositionLimit));
    assert_eq!(cause(499, 0.5), (0, Cause::PositionLimit), "the policy's limit is why");
    assert_eq!(cause(499, 0.04), (0, Cause::MinSize), "400 were asked for");
}

#[test]
fn a_close_that_is_no_price_halts_with_the_time_of_its_bar() {
    use bot4_engine::desk::Halt;
    use bot4_engine::event::Entry;
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, 2), &guarded(Policy::default()), false);
    let world = World(vec![table(&[100.0], &[0.0]), table(&[1e300], &[0.0])]);
    let present = [0, 1].map(|asset| Entry { asset, row: 0 });
    assert_eq!(desk.see(7 * HOUR, &present, &world), Err(Halt { asset: 1, ts: 6 * HOUR }));
}

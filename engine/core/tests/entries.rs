//! Entries by hand: what each rule of docs/semantics.md, section 8, sends and fills.
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::entry_rule::EntryRule;
use bot4_engine::desk::reason::{Cause, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::Age;
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::stops::Rearm;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::money::AMOUNT_SCALE;

const QUIET: [f64; 4] = [100.0, 101.0, 99.0, 100.0];

/// A table of quiet bars with plenty of volume and half of equity a unit.
fn table(rows: usize) -> Table {
    Table { bars: vec![QUIET; rows], volume: 1e6, size: vec![0.5], ..Table::default() }
}

fn run(rule: EntryRule, kind: InstrumentKind, table: Table) -> Records {
    let mut desk = desk(kind, Rules::entries(rule, 1), &config(Realism::Strict), false);
    play(&mut desk, &World(vec![table]))
}

#[test]
fn a_signal_opens_one_unit_and_an_exit_closes_it() {
    let signals = Table { long: vec![0.0, 1.0, 1.0, 1.0, 0.0], exit: vec![0.0, 0.0, 0.0, 1.0, 0.0], ..table(6) };
    let records = run(ENTRY, InstrumentKind::Spot, signals);
    assert_eq!(brief(&records.fills), [(2, 5_000, 10_000, Reason::Entry), (4, -5_000, 10_000, Reason::ExitSignal)]);
    assert_eq!(records.orders[0].order.ts, 2 * HOUR, "decided at the close of row 1");
    assert_eq!(records.trades[0].reason, Reason::ExitSignal);
}

#[test]
fn decisions_begin_at_settled_and_missing_signals_are_false() {
    let signals = Table { long: vec![1.0, 1.0, NAN, 1.0], ..table(6) };
    let records = run(EntryRule { settled: 2, ..ENTRY }, InstrumentKind::Spot, signals);
    assert_eq!(brief(&records.fills), [(4, 5_000, 10_000, Reason::Entry)]);
}

#[test]
fn the_other_side_turns_the_position_in_one_order() {
    let signals = Table { long: vec![1.0, 0.0], short: vec![0.0, 0.0, 1.0], ..table(5) };
    let records = run(ENTRY, InstrumentKind::Linear, signals.clone());
    assert_eq!(brief(&records.fills), [(1, 5_000, 10_000, Reason::Entry), (3, -10_000, 10_000, Reason::Entry)]);
    assert_eq!(records.trades.len(), 1);
    // Spot has no other side: out, once; a short that cannot be is counted, not sent.
    let mut desk = desk(InstrumentKind::Spot, Rules::entries(ENTRY, 1), &config(Realism::Strict), false);
    let spot = play(&mut desk, &World(vec![signals]));
    assert_eq!(brief(&spot.fills), [(1, 5_000, 10_000, Reason::Entry), (3, -5_000, 10_000, Reason::ExitSignal)]);
    assert_eq!((spot.orders.len(), desk.counters(0).rejected_units), (2, 3), "at rows 2, 3 and 4");
}

#[test]
fn units_are_added_while_the_signal_lasts_and_protection_moves_with_them() {
    // 2.5 coins at 100, then a quarter of 1010 at 104 are 2.427 more at 104; entry 101.97 (down), stop 10 below.
    let mut bars = flat_bars(&[100.0, 104.0, 104.0, 104.0]);
    bars[1] = [100.0, 104.0, 100.0, 104.0];
    bars.push([104.0, 104.0, 91.9, 95.0]);
    let signals = Table { bars, size: vec![0.25], long: vec![1.0], fixed: 10.0, ..table(0) };
    let records = run(EntryRule { max_units: 2, fixed: true, ..ENTRY }, InstrumentKind::Spot, signals);
    let stop = 10_000 + 2_427 * 400 / 4_927 - 1_000;
    let expected = [(1, 2_500, 10_000, Reason::Entry), (2, 2_427, 10_400, Reason::Entry), (4, -4_927, stop, Reason::StopFixed)];
    assert_eq!(brief(&records.fills), expected, "a third unit is never asked for");
}

#[test]
fn one_order_at_a_time() {
    // One coin a bar: the first unit needs five bars, the second is decided when it is complete.
    let signals = Table { volume: 1.0, long: vec![1.0], size: vec![0.25], ..table(8) };
    let records = run(EntryRule { max_units: 2, ..ENTRY }, InstrumentKind::Spot, signals);
    let fills: Vec<_> = records.fills.iter().map(|f| (f.ts / HOUR, f.order, f.lots)).collect();
    assert_eq!(fills, [(1, 0, 1_000), (2, 0, 1_000), (3, 0, 500), (4, 1, 1_000), (5, 1, 1_000), (6, 1, 500)]);
}

#[test]
fn what_signals_say_while_an_order_is_in_flight_counts() {
    let slow = Config { latency_ms: 2 * HOUR, ..config(Realism::Strict) };
    let run = |signals: Table| {
        let mut desk = desk(InstrumentKind::Linear, Rules::entries(ENTRY, 1), &slow, false);
        let records = play(&mut desk, &World(vec![signals]));
        (brief(&records.fills), ends(&records.orders))
    };
    // The exit comes before the entry was filled: it is called off and nothing is sold.
    let (fills, orders) = run(Table { long: vec![1.0, 0.0], exit: vec![0.0, 1.0, 0.0], ..table(7) });
    assert_eq!((fills.len(), orders), (0, vec![(Status::Cancelled, Cause::Superseded, 5_000, 0)]));
    // While it leaves, the other side makes it a turn; a turn under way is not sent again.
    let (long, exit) = (vec![1.0, 0.0], vec![0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let (fills, orders) = run(Table { long, exit, short: vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0], ..table(10) });
    assert_eq!(fills, [(3, 5_000, 10_000, Reason::Entry), (8, -10_000, 10_000, Reason::Entry)]);
    assert_eq!(orders[1], (Status::Cancelled, Cause::Superseded, 5_000, 0));
    assert_eq!(orders.len(), 3);
}

#[test]
fn new_positions_are_let_in_by_priority_while_there_is_room() {
    let rule = EntryRule { max_positions: Some(2), ..ENTRY };
    let one = |priority: f64| Table { long: vec![1.0], priority: vec![priority], size: vec![0.1], ..table(4) };
    // Missing last, ties by id.
    let mut world = World(vec![one(NAN), one(1.0), one(2.0), one(1.0)]);
    world.0[2].exit = vec![0.0, 0.0, 1.0];
    world.0[2].long = vec![1.0, 1.0, 0.0];
    let mut desk = desk(InstrumentKind::Spot, Rules::entries(rule, 4), &config(Realism::Strict), false);
    let records = play(&mut desk, &world);
    let sent: Vec<_> = records.orders.iter().map(|o| (o.order.ts / HOUR - 1, o.order.asset, o.order.side)).collect();
    assert_eq!(sent, [(0, 1, 1), (0, 2, 1), (2, 2, -1), (2, 3, 1)], "the exit of this decision makes room; reductions go first");
    let ignored: Vec<_> = (0..4).map(|asset| desk.counters(asset).ignored_signals).collect();
    assert_eq!(ignored, [4, 0, 0, 2]);
}

#[test]
fn a_cooldown_follows_every_exit() {
    let rule = EntryRule { cooldown: Some(Age::Bars(3)), ..ENTRY };
    let signals = Table { long: vec![1.0], exit: vec![0.0, 0.0, 1.0, 0.0], ..table(9) };
    let records = run(rule, InstrumentKind::Linear, signals.clone());
    // The exit fills in row 3; row 6 is the third row after it.
    let rows: Vec<_> = brief(&records.fills).iter().map(|f| f.0).collect();
    assert_eq!(rows, [1, 3, 7]);
    let in_time = EntryRule { cooldown: Some(Age::Ms(2 * HOUR)), ..ENTRY };
    let rows: Vec<_> = brief(&run(in_time, InstrumentKind::Linear, signals).fills).iter().map(|f| f.0).collect();
    assert_eq!(rows, [1, 3, 6]);
    // A turn is an exit too: its other half comes at once, the turn back only after the cool-down.
    let turning = Table { long: vec![1.0, 0.0, 0.0, 1.0], short: vec![0.0, 0.0, 1.0, 0.0], ..table(9) };
    let fills = brief(&run(rule, InstrumentKind::Linear, turning).fills);
    let expected = [
        (1, 5_000, 10_000, Reason::Entry),
        (3, -10_000, 10_000, Reason::Entry),
        (4, 5_000, 10_000, Reason::ExitSignal),
        (8, 5_000, 10_000, Reason::Entry),
    ];
    assert_eq!(fills, expected);
}

#[test]
fn a_hold_ends_by_its_rule() {
    let mut bars = vec![QUIET; 9];
    bars[2] = [100.0, 100.0, 89.0, 100.0];
    let rows = |rearm: Rearm, long: Vec<f64>| {
        let signals = Table { bars: bars.clone(), long, fixed: 10.0, ..table(0) };
        let fills = run(EntryRule { rearm, fixed: true, ..ENTRY }, InstrumentKind::Spot, signals).fills;
        assert_eq!(brief(&fills)[1], (2, -5_000, 9_000, Reason::StopFixed));
        fills.get(2).map(|f| f.ts / HOUR)
    };
    assert_eq!(rows(Rearm::NewSignal, vec![1.0]), None, "the signal never went");
    assert_eq!(rows(Rearm::NewSignal, vec![1.0, 1.0, 1.0, 1.0, NAN, 1.0]), Some(6), "missing is false");
    assert_eq!(rows(Rearm::Immediate, vec![1.0]), Some(3));
    assert_eq!(rows(Rearm::Bars(2), vec![1.0]), Some(5), "the second row after the stop's decides");
    assert_eq!(rows(Rearm::Ms(4 * HOUR), vec![1.0]), Some(7));
}

#[test]
fn a_hold_after_one_side_lets_the_other_in_once_the_signal_has_gone() {
    let mut bars = vec![QUIET; 6];
    bars[2] = [100.0, 100.0, 89.0, 100.0];
    let signals = Table { bars, long: vec![1.0, 1.0, 1.0, 0.0], short: vec![0.0, 0.0, 0.0, 1.0], fixed: 10.0, ..table(0) };
    let records = run(EntryRule { fixed: true, ..ENTRY }, InstrumentKind::Linear, signals);
    assert_eq!(brief(&records.fills)[2], (4, -4_750, 10_000, Reason::Entry));
}

#[test]
fn a_take_starts_the_hold_too() {
    let mut bars = vec![QUIET; 5];
    bars[2] = [100.0, 111.0, 100.0, 100.0];
    let signals = Table { bars, long: vec![1.0], take: 10.0, ..table(0) };
    let records = run(EntryRule { take: true, ..ENTRY }, InstrumentKind::Spot, signals);
    assert_eq!(brief(&records.fills), [(1, 5_000, 10_000, Reason::Entry), (2, -5_000, 11_000, Reason::Take)]);
}

#[test]
fn while_a_part_filled_take_works_nothing_is_added_and_an_exit_ends_it() {
    let mut bars = vec![QUIET; 8];
    bars[3] = [100.0, 111.0, 100.0, 100.0];
    let (long, exit) = (vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let signals = Table { bars, volume: 3.0, long, exit, take: 10.0, ..table(0) };
    let rule = EntryRule { take: true, rearm: Rearm::Immediate, max_units: 2, ..ENTRY };
    let records = run(rule, InstrumentKind::Spot, Table { size: vec![0.5], ..signals });
    let expected = [
        (1, 3_000, 10_000, Reason::Entry),
        (2, 2_000, 10_000, Reason::Entry),
        (3, -3_000, 11_000, Reason::Take),
        (6, -2_000, 10_000, Reason::ExitSignal),
    ];
    assert_eq!(brief(&records.fills)[..4], expected);
    assert_eq!(ends(&records.orders)[1], (Status::Cancelled, Cause::Superseded, 5_000, 3_000));
}

#[test]
fn a_time_stop_leaves_after_its_bars() {
    let rule = EntryRule { age: Some(Age::Bars(2)), rearm: Rearm::Bars(2), ..ENTRY };
    let records = run(rule, InstrumentKind::Spot, Table { long: vec![1.0], ..table(7) });
    let fills: Vec<_> = brief(&records.fills).iter().map(|f| (f.0, f.3)).collect();
    assert_eq!(fills, [(1, Reason::Entry), (3, Reason::StopTime), (5, Reason::Entry)]);
}

#[test]
fn a_size_is_lots_at_the_close() {
    let unit = |unit: SizeUnit, size: f64, share: i64, per_unit: f64| {
        let signals = Table { long: vec![1.0], size: vec![size], per_unit, ..table(2) };
        run(EntryRule { unit, share, ..ENTRY }, InstrumentKind::Linear, signals).fills.first().map(|f| f.lots)
    };
    assert_eq!(unit(SizeUnit::Weight, 0.5, 2, NAN), Some(2_500), "of the asset's share");
    assert_eq!(unit(SizeUnit::Notional, 250.0, 2, NAN), Some(2_500));
    assert_eq!(unit(SizeUnit::Qty, 1.5, 2, NAN), Some(1_500));
    // 1 % of 1000 lost over 5: two coins.
    assert_eq!(unit(SizeUnit::Risk, 0.01, 1, 5.0), Some(2_000));
    assert_eq!(unit(SizeUnit::Risk, 0.01, 1, 0.001), None, "less than a tick");
    assert_eq!(unit(SizeUnit::Weight, NAN, 1, NAN), None);
}

#[test]
fn a_unit_that_is_no_lot_is_counted_and_not_sent() {
    let signals = Table { long: vec![1.0], size: vec![0.00005, 0.00005, 0.5], ..table(5) };
    let mut desk = desk(InstrumentKind::Spot, Rules::entries(ENTRY, 1), &config(Realism::Strict), false);
    let records = play(&mut desk, &World(vec![signals]));
    assert_eq!((records.orders.len(), desk.counters(0).rejected_units, desk.counters(0).acts), (1, 2, 0));
    assert_eq!(records.fills[0].ts, 3 * HOUR);
}

#[test]
fn checks_are_those_of_every_order() {
    let signals = Table { long: vec![1.0], ..table(3) };
    let limited = Config { max_notional: Some(200 * AMOUNT_SCALE), ..config(Realism::Strict) };
    let mut desk = desk(InstrumentKind::Spot, Rules::entries(ENTRY, 1), &limited, false);
    let records = play(&mut desk, &World(vec![signals]));
    assert_eq!(ends(&records.orders), [(Status::Filled, Cause::MaxNotional, 5_000, 2_000)]);
}

#[test]
fn a_schedule_binds_targets_and_no_entries() {
    let signals = Table { long: vec![1.0], ..table(3) };
    let mut desk = desk(InstrumentKind::Spot, Rules::entries(ENTRY, 1), &config(Realism::Strict), false);
    let (world, mut records) = (World(vec![signals]), Records::default());
    (0..3).for_each(|row| step(&mut desk, &world, row, false, &mut records));
    assert_eq!(brief(&records.fills), [(1, 5_000, 10_000, Reason::Entry)]);
}

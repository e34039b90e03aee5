//! Takes by hand: which of stop and take fills, where, at whose fee, and what follows; under each realism.
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::order::FillRecord;
use bot4_engine::desk::reason::{Cause, FillRule, Reason, Status};
use bot4_engine::desk::rule::{Age, Rule};
use bot4_engine::desk::stops::Rearm;
use bot4_engine::instrument::InstrumentKind;

const BOTH: Rule = Rule { fixed: true, take: true, rearm: Rearm::Bars(99), ..TARGET };

/// Half of equity long or short from the first decision on, with a stop and a take 10 away; returns the fills after the entry at 100.
fn after_entry(realism: Realism, side: f64, bars: &[[f64; 4]]) -> Vec<(i64, i64, i64, FillRule)> {
    let bars = [&[[100.0; 4]], bars].concat();
    let table = Table { bars, volume: 1e6, target: vec![0.5 * side], fixed: 10.0, take: 10.0, ..Table::default() };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(BOTH, 1), &config(realism), false);
    let fills = by_rule(&play(&mut desk, &World(vec![table])).fills);
    assert_eq!(fills[0], (1, side as i64 * 5_000, 10_000, FillRule::Open));
    fills[1..].to_vec()
}

const QUIET: [f64; 4] = [100.0, 101.0, 99.0, 100.0];

#[test]
fn strict_fills_a_take_only_where_the_range_goes_through_it() {
    use Realism::{Naive, Neutral, Strict};
    let touch = [QUIET, [100.0, 110.0, 100.0, 105.0]];
    assert_eq!(after_entry(Strict, 1.0, &touch), []);
    assert_eq!(after_entry(Neutral, 1.0, &touch), [(2, -5_000, 11_000, FillRule::Touch)]);
    assert_eq!(after_entry(Naive, 1.0, &touch), [(2, -5_000, 11_000, FillRule::Touch)]);
    let through = [QUIET, [100.0, 110.01, 100.0, 105.0]];
    assert_eq!(after_entry(Strict, 1.0, &through), [(2, -5_000, 11_000, FillRule::Through)]);
    let short = [QUIET, [100.0, 100.0, 89.99, 95.0]];
    assert_eq!(after_entry(Strict, -1.0, &short), [(2, 5_000, 9_000, FillRule::Through)]);
    assert_eq!(after_entry(Strict, -1.0, &[QUIET, [100.0, 100.0, 90.0, 95.0]]), []);
}

#[test]
fn a_take_that_the_open_has_passed_fills_at_its_price_or_at_the_open() {
    use Realism::{Naive, Neutral, Strict};
    let gap = [QUIET, [115.0, 116.0, 114.0, 115.0]];
    assert_eq!(after_entry(Strict, 1.0, &gap), [(2, -5_000, 11_000, FillRule::GapLimit)]);
    assert_eq!(after_entry(Neutral, 1.0, &gap), [(2, -5_000, 11_500, FillRule::GapLimit)]);
    assert_eq!(after_entry(Naive, 1.0, &gap), [(2, -5_000, 11_500, FillRule::GapLimit)]);
    let at = [QUIET, [110.0, 110.0, 109.0, 109.0]];
    assert_eq!(after_entry(Strict, 1.0, &at), [], "an open at the price has not passed it");
    assert_eq!(after_entry(Neutral, 1.0, &at), [(2, -5_000, 11_000, FillRule::Touch)]);
}

#[test]
fn of_stop_and_take_in_one_bar_each_realism_has_its_own() {
    use Realism::{Naive, Neutral, Strict};
    // The low is nearer to the open: down, up, close.
    let down_first = [QUIET, [100.0, 115.0, 89.0, 100.0]];
    let stop = (2, -5_000, 9_000, FillRule::Trigger);
    assert_eq!(after_entry(Strict, 1.0, &down_first), [stop]);
    assert_eq!(after_entry(Neutral, 1.0, &down_first), [stop]);
    assert_eq!(after_entry(Naive, 1.0, &down_first), [(2, -5_000, 11_000, FillRule::Touch)]);
    let up_first = [QUIET, [100.0, 111.0, 85.0, 100.0]];
    assert_eq!(after_entry(Strict, 1.0, &up_first), [stop]);
    assert_eq!(after_entry(Neutral, 1.0, &up_first), [(2, -5_000, 11_000, FillRule::Touch)]);
    // As far down as up: down first.
    let even = [QUIET, [100.0, 111.0, 89.0, 100.0]];
    assert_eq!(after_entry(Neutral, 1.0, &even), [stop]);
    assert_eq!(after_entry(Neutral, -1.0, &even), [(2, 5_000, 9_000, FillRule::Touch)]);
}

#[test]
fn in_the_bar_that_opened_it_strict_stops_naive_takes_and_neutral_goes_along_the_path() {
    use Realism::{Naive, Neutral, Strict};
    let up = [[100.0, 112.0, 99.0, 105.0]];
    assert_eq!(after_entry(Strict, 1.0, &up), []);
    assert_eq!(after_entry(Neutral, 1.0, &up), [(1, -5_000, 11_000, FillRule::Touch)]);
    assert_eq!(after_entry(Naive, 1.0, &up), [(1, -5_000, 11_000, FillRule::Touch)]);
    let down = [[100.0, 101.0, 88.0, 95.0], [95.0, 96.0, 94.0, 95.0]];
    assert_eq!(after_entry(Strict, 1.0, &down), [(1, -5_000, 9_000, FillRule::Trigger)]);
    assert_eq!(after_entry(Neutral, 1.0, &down), [(1, -5_000, 9_000, FillRule::Trigger)]);
    assert_eq!(after_entry(Naive, 1.0, &down), [], "a low of the entry bar is forgotten");
    // The close of the path counts: up to 109, down to 95, then to the close at 109 is no take; at 110 it is.
    assert_eq!(after_entry(Neutral, 1.0, &[[100.0, 110.0, 91.0, 110.0]]), [(1, -5_000, 11_000, FillRule::Touch)]);
}

#[test]
fn naive_fills_a_gapped_stop_at_its_level() {
    let gap = [QUIET, [80.0, 81.0, 79.0, 80.0]];
    assert_eq!(after_entry(Realism::Naive, 1.0, &gap), [(2, -5_000, 9_000, FillRule::GapTrigger)]);
    assert_eq!(after_entry(Realism::Strict, 1.0, &gap), [(2, -5_000, 8_000, FillRule::GapTrigger)]);
}

#[test]
fn a_take_pays_the_maker_fee_and_no_slippage_and_says_what_the_bar_had_left() {
    let bars = vec![[100.0; 4], QUIET, [100.0, 120.0, 100.0, 105.0]];
    let table = Table { bars, volume: 8.0, target: vec![0.5], take: 10.0, ..Table::default() };
    let costs = Config { half_spread_e9: 1_000_000, impact: 1.0, ..config(Realism::Strict) };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(Rule { take: true, ..TARGET }, 1), &costs, true);
    let fills = play(&mut desk, &World(vec![table])).fills;
    let entry: &FillRecord = &fills[0];
    assert!((entry.ticks, entry.maker) > (10_010, false), "a spread of 10 ticks and impact");
    // The entry price and 10 above it; 0.1 % of 5 coins there.
    let take = &fills[1];
    assert_eq!((take.ticks, take.base_ticks, take.maker, take.volume_left), (entry.ticks + 1_000, entry.ticks + 1_000, true, 8_000));
    assert_eq!(take.fee, take.ticks * 5_000 * 1_000 / 1_000);
    assert_eq!((take.reason, take.position), (Reason::Take, 0));
}

#[test]
fn what_volume_leaves_of_a_take_waits_at_its_level_and_holds_the_target() {
    // 5 coins, 3 a bar. The take of row 3 fills 3, nothing trades at row 4, the rest fills at row 5.
    let up = [100.0, 111.0, 100.0, 105.0];
    let bars = vec![[100.0; 4], QUIET, QUIET, up, QUIET, up, QUIET, QUIET];
    let table = Table { bars, volume: 3.0, target: vec![0.5], take: 10.0, ..Table::default() };
    let mut desk = desk(
        InstrumentKind::Spot,
        Rules::targets(Rule { take: true, rearm: Rearm::Bars(9), ..TARGET }, 1),
        &config(Realism::Strict),
        false,
    );
    let records = play(&mut desk, &World(vec![table]));
    let expected = [
        (1, 3_000, 10_000, Reason::Target),
        (2, 2_000, 10_000, Reason::Target),
        (3, -3_000, 11_000, Reason::Take),
        (5, -2_000, 11_000, Reason::Take),
    ];
    assert_eq!(brief(&records.fills), expected);
    assert_eq!(ends(&records.orders)[1], (Status::Filled, Cause::None, 5_000, 5_000), "one order");
    assert_eq!(records.orders[1].order.ref_ticks, 11_000);
}

#[test]
fn a_stop_a_new_target_and_a_time_stop_end_a_working_take() {
    let run = |rule: Rule, target: Vec<f64>, bars: Vec<[f64; 4]>| {
        let table = Table { bars, volume: 3.0, target, take: 10.0, fixed: 10.0, ..Table::default() };
        let mut desk = desk(InstrumentKind::Spot, Rules::targets(rule, 1), &config(Realism::Strict), false);
        let records = play(&mut desk, &World(vec![table]));
        (brief(&records.fills)[2..].to_vec(), ends(&records.orders).get(1).copied())
    };
    let up = [100.0, 111.0, 100.0, 105.0];
    let start = vec![[100.0; 4], QUIET, QUIET, up];
    let take = (3, -3_000, 11_000, Reason::Take);
    let (fills, end) = run(BOTH, vec![0.5], [start.clone(), vec![[100.0, 100.0, 89.0, 95.0]]].concat());
    assert_eq!(fills, [take, (4, -2_000, 9_000, Reason::StopFixed)]);
    assert_eq!(end, Some((Status::Cancelled, Cause::Oco, 5_000, 3_000)));
    // The target itself goes to 0: what is left leaves at the next open.
    let (fills, end) = run(BOTH, vec![0.5, 0.5, 0.5, 0.5, 0.0], [start.clone(), vec![QUIET, QUIET]].concat());
    assert_eq!(fills, [take, (5, -2_000, 10_000, Reason::Target)]);
    assert_eq!(end, Some((Status::Cancelled, Cause::Superseded, 5_000, 3_000)));
    let aged = Rule { age: Some(Age::Bars(4)), ..BOTH };
    let (fills, end) = run(aged, vec![0.5], [start, vec![QUIET, QUIET]].concat());
    assert_eq!(fills, [take, (5, -2_000, 10_000, Reason::StopTime)]);
    assert_eq!(end, Some((Status::Cancelled, Cause::Oco, 5_000, 3_000)));
}

#[test]
fn a_take_cancels_the_order_in_flight_and_starts_the_hold() {
    // Latency of two hours: the reduction decided at row 3 is due at row 6; the take of row 4 is faster.
    let bars = vec![[100.0; 4], QUIET, QUIET, QUIET, [100.0, 112.0, 100.0, 105.0], QUIET, QUIET, QUIET, QUIET];
    let target = vec![0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.0, 0.2, 0.2];
    let table = Table { bars, volume: 1e6, target, take: 10.0, ..Table::default() };
    let slow = Config { latency_ms: 2 * HOUR, ..config(Realism::Strict) };
    let mut desk = desk(InstrumentKind::Spot, Rules::targets(Rule { take: true, ..TARGET }, 1), &slow, false);
    let records = play(&mut desk, &World(vec![table]));
    assert_eq!(brief(&records.fills), [(3, 5_000, 10_000, Reason::Target), (4, -5_000, 11_000, Reason::Take)]);
    let expected = [
        (Status::Filled, Cause::None, 5_000, 5_000),
        (Status::Cancelled, Cause::Oco, 3_000, 0),
        (Status::Filled, Cause::None, 5_000, 5_000),
    ];
    assert_eq!(ends(&records.orders), expected, "held until the target was 0; the order of row 7 still works");
    assert_eq!(desk.working().count(), 1);
}

#[test]
fn an_increase_moves_the_take_and_strict_takes_only_what_was_held_before_the_bar() {
    // 2.5 coins at 100, 2.2 more at 104: the entry price is 101.87, the take 10 above it.
    let bars = vec![[100.0; 4], QUIET, [104.0; 4], [104.0, 115.0, 104.0, 110.0], [110.0, 115.0, 110.0, 112.0]];
    let run = |realism| {
        let table = Table { bars: bars.clone(), volume: 1e6, target: vec![0.25, 0.25, 0.5], take: 10.0, ..Table::default() };
        let mut desk = desk(InstrumentKind::Spot, Rules::targets(Rule { take: true, ..TARGET }, 1), &config(realism), false);
        by_rule(&play(&mut desk, &World(vec![table])).fills)[1..].to_vec()
    };
    // Equity 1010 at 104: 0.5 of it are 4.855 coins.
    let bought = (3, 2_355, 10_400, FillRule::Open);
    let level = 10_000 + 2_355 * 400 / 4_855 + 1_000;
    assert_eq!(run(Realism::Strict), [bought, (3, -2_500, level, FillRule::Through), (4, -2_355, level, FillRule::Through)]);
    assert_eq!(run(Realism::Neutral), [bought, (3, -4_855, level, FillRule::Touch)]);
}

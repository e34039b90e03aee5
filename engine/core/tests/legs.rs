//! Legs by hand: when a group is broken and what each rule does then.
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::legs::{Broken, Group};
use bot4_engine::desk::reason::{Cause, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::Rule;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::money::{AMOUNT_SCALE, E9};

const QUIET: [f64; 4] = [100.0, 101.0, 99.0, 100.0];

fn leg(target: Vec<f64>, rows: usize) -> Table {
    Table { bars: vec![QUIET; rows], volume: 1e6, target, ..Table::default() }
}

fn open(broken: Broken, rule: Rule, config: &Config) -> Desk {
    let legs = vec![Group::new(vec![0, 1], broken, E9 / 20)];
    desk(InstrumentKind::Linear, Rules { legs, ..Rules::targets(rule, 2) }, config, false)
}

fn sent(records: &Records) -> Vec<(i64, u32, i64, Reason, Cause)> {
    records
        .orders
        .iter()
        .filter(|o| o.status != Status::Rejected)
        .map(|o| (o.order.ts / HOUR - 1, o.order.asset, o.order.side * o.order.lots, o.order.reason, o.order.cause))
        .collect()
}

fn limited() -> Config {
    Config { max_notional: Some(300 * AMOUNT_SCALE), ..config(Realism::Strict) }
}

#[test]
fn whole_legs_are_left_alone() {
    let world = World(vec![leg(vec![0.4], 4), leg(vec![-0.4], 4)]);
    let mut desk = open(Broken::Flatten, TARGET, &config(Realism::Strict));
    let records = play(&mut desk, &world);
    assert_eq!(records.orders.len(), 2);
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_leg_that_was_cut_short_flattens_the_group_until_every_target_is_new() {
    // The second leg wants 4 coins and gets 3. Its target changes sign at row 4, the first one's goes at row 5.
    let targets = [vec![0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.2], vec![-0.4, -0.4, -0.4, -0.4, 0.2]];
    let world = World(targets.into_iter().map(|target| leg(target, 8)).collect());
    let mut desk = open(Broken::Flatten, TARGET, &limited());
    let records = play(&mut desk, &world);
    let expected = [
        (0, 0, 2_000, Reason::Target, Cause::None),
        (0, 1, -3_000, Reason::Target, Cause::MaxNotional),
        (1, 0, -2_000, Reason::Target, Cause::BrokenLeg),
        (1, 1, 3_000, Reason::Target, Cause::BrokenLeg),
        (5, 1, 2_000, Reason::Target, Cause::None),
        (6, 0, 2_000, Reason::Target, Cause::None),
    ];
    assert_eq!(sent(&records), expected);
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [1]);
}

#[test]
fn what_is_missing_is_sent_again() {
    let world = World(vec![leg(vec![0.2], 6), leg(vec![-0.8], 6)]);
    let mut desk = open(Broken::Complete, TARGET, &limited());
    let records = play(&mut desk, &world);
    let expected = [
        (0, 0, 2_000, Reason::Target, Cause::None),
        (0, 1, -3_000, Reason::Target, Cause::MaxNotional),
        (1, 1, -3_000, Reason::Target, Cause::MaxNotional),
        (2, 1, -2_000, Reason::Target, Cause::None),
    ];
    assert_eq!(sent(&records), expected);
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [1], "one break, however many orders mend it");
}

#[test]
fn a_group_may_be_left_broken_and_is_counted() {
    let world = World(vec![leg(vec![0.2], 6), leg(vec![-0.8], 6)]);
    let mut desk = open(Broken::Hold, TARGET, &limited());
    assert_eq!(play(&mut desk, &world).orders.len(), 2);
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [1]);
}

#[test]
fn nothing_is_broken_while_an_order_works() {
    // Two coins a bar for the second leg, five wanted.
    let thin = Table { volume: 2.0, ..leg(vec![-0.5], 6) };
    let world = World(vec![leg(vec![0.5], 6), thin]);
    let mut desk = open(Broken::Flatten, TARGET, &config(Realism::Strict));
    let records = play(&mut desk, &world);
    assert_eq!((records.orders.len(), records.fills.len()), (2, 4));
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_leg_that_is_stopped_breaks_the_group() {
    let mut stopped = leg(vec![0.4], 6);
    stopped.bars[2] = [100.0, 100.0, 89.0, 95.0];
    (stopped.fixed, stopped.bars[3]) = (10.0, [95.0, 96.0, 94.0, 95.0]);
    let rule = Rule { fixed: true, ..TARGET };
    let world = World(vec![stopped, Table { fixed: 1_000.0, ..leg(vec![-0.4], 6) }]);
    let mut desk = open(Broken::Flatten, rule, &config(Realism::Strict));
    let records = play(&mut desk, &world);
    let expected = [(2, 0, -4_000, Reason::StopFixed), (3, 1, 4_000, Reason::Target)];
    assert_eq!(brief(&records.fills)[2..].iter().map(|f| (f.0, f.1, f.3)).collect::<Vec<_>>(), expected.map(|f| (f.0, f.2, f.3)));
    // A leg that is to be completed is not, while its stop holds it.
    let mut desk = open(Broken::Complete, rule, &config(Realism::Strict));
    assert_eq!(play(&mut desk, &world).fills.len(), 3);
    assert_eq!(desk.broken_legs().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_leg_without_a_bar_leaves_when_it_has_one() {
    let mut absent = leg(vec![0.2], 6);
    (absent.bars[2], absent.bars[3]) = ([NAN; 4], [NAN; 4]);
    let world = World(vec![leg(vec![-0.4], 6), absent]);
    // The first leg is cut to 3 of 4; both fill in row 1, so the break shows there; the exit of the absent leg waits for its next bar.
    let mut desk = open(Broken::Flatten, TARGET, &limited());
    let records = play(&mut desk, &world);
    let fills: Vec<_> = records.fills.iter().map(|f| (f.ts / HOUR, f.asset, f.lots)).collect();
    assert_eq!(fills, [(1, 0, -3_000), (1, 1, 2_000), (2, 0, 3_000), (4, 1, -2_000)]);
}

#[test]
fn what_is_sent_again_is_protected_where_the_target_is_missing() {
    let rule = Rule { fixed: true, take: true, ..TARGET };
    let mut second = Table { fixed: 10.0, take: 5.0, ..leg(vec![-0.8, NAN], 5) };
    second.bars[3] = [100.0, 101.0, 94.0, 99.0];
    let world = World(vec![leg(vec![0.2], 5), second]);
    // The second leg is cut to 3 of 8 at first and sent again from row 1 on, without a target. Every increase sets the take anew.
    let mut desk = open(Broken::Complete, rule, &limited());
    let records = play(&mut desk, &world);
    let of_second: Vec<_> = records.fills.iter().filter(|f| f.asset == 1).map(|f| (f.ts / HOUR, f.lots, f.ticks, f.reason)).collect();
    let target = Reason::Target;
    assert_eq!(of_second[..3], [(1, -3_000, 10_000, target), (2, -3_000, 10_000, target), (3, -2_000, 10_000, target)]);
    assert_eq!(of_second[3], (3, 6_000, 9_500, Reason::Take), "what was held before the bar");
}

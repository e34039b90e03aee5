//! The guard by hand: what each state and each limit of a policy does to orders and positions (docs/semantics.md, section 11).
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::guard::policy::Policy;
use bot4_engine::desk::legs::{Broken, Group};
use bot4_engine::desk::order::OrderRecord;
use bot4_engine::desk::reason::{Cause, GuardState, Layer, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::Rule;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::{AMOUNT_SCALE, E9};

fn guarded(policy: Policy) -> Config {
    Config { policy: Some(policy), ..config(Realism::Strict) }
}

fn table(prices: &[f64], target: &[f64]) -> Table {
    Table { bars: flat_bars(prices), volume: 1e6, target: target.to_vec(), ..Table::default() }
}

fn run(policy: Policy, rule: Rule, tables: Vec<Table>) -> (Desk, Records) {
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(rule, tables.len()), &guarded(policy), false);
    let records = play(&mut desk, &World(tables));
    (desk, records)
}

fn sent(orders: &[OrderRecord]) -> Vec<(i64, i64, Reason, Status, Cause)> {
    orders.iter().map(|o| (o.order.ts / HOUR, o.order.side * o.order.lots, o.order.reason, o.status, o.order.cause)).collect()
}

#[test]
fn reduced_halves_what_increases_and_lets_reductions_pass() {
    let policy = Policy { hourly_loss_e9: Some(E9 / 50), ..Policy::default() };
    // 5.000 coins at 100; at 96 equity is 980, the loss exactly 2 %.
    let prices = [100.0, 100.0, 96.0, 96.0, 92.0, 92.0];
    let (_, records) = run(policy.clone(), TARGET, vec![table(&prices, &[0.5, 0.5, 0.98, 0.98, 0.1, 0.1])]);
    let orders = sent(&records.orders);
    assert_eq!(orders[0], (1, 5_000, Reason::Target, Status::Filled, Cause::None));
    // 980 · 0.98 / 96 = 10.004 coins, 5.004 more, half of them.
    assert_eq!(orders[1], (3, 2_502, Reason::Target, Status::Filled, Cause::RiskReduced));
    assert_eq!((orders[2].4, orders[2].1 < 0), (Cause::None, true));
    assert_eq!(records.guard[0].layer, Layer::HourlyLoss);
    let (_, spared) = run(policy, TARGET, vec![table(&[100.0, 100.0, 96.01, 96.01], &[0.5, 0.5, 0.98, 0.98])]);
    assert_eq!((spared.guard.len(), spared.orders[1].order.cause), (0, Cause::None));
}

#[test]
fn paused_refuses_openings_cancels_those_at_work_and_keeps_what_closes() {
    let policy = Policy { daily_loss_e9: Some(E9 / 20), ..Policy::default() };
    // The first asset loses 5 % of equity while the second's order waits for volume.
    let first = table(&[100.0, 100.0, 90.0, 90.0, 90.0], &[0.5, 0.5, 0.5, 0.2, 0.2]);
    let second = Table { volume: 1.0, ..table(&[100.0; 5], &[0.4, 0.4, 0.4, 0.4, -0.4]) };
    let (desk, records) = run(policy, TARGET, vec![first, second]);
    let orders = sent(&records.orders);
    assert_eq!((records.guard[0].layer, records.guard[0].ts / HOUR, records.guard[0].to), (Layer::DailyLoss, 3, GuardState::Paused));
    assert_eq!((records.guard[0].value, records.guard[0].limit), (E9 / 20, E9 / 20));
    let waiting = records.orders.iter().find(|o| o.order.asset == 1).unwrap();
    assert_eq!((waiting.status, waiting.order.cause, waiting.order.filled), (Status::Cancelled, Cause::RiskPaused, 2_000));
    let reduction = orders.iter().find(|o| o.0 == 4).unwrap();
    assert_eq!((reduction.1 < 0, reduction.4), (true, Cause::None), "0.2 is less than what is held");
    // A turn keeps its closing part.
    let turn: Vec<_> = desk.working().map(|order| (order.side * order.lots, order.cause)).collect();
    assert_eq!(turn, [(-2_000, Cause::RiskPaused)]);
}

#[test]
fn an_order_that_would_turn_the_position_is_cut_to_what_closes_when_a_pause_begins() {
    let policy = Policy { daily_loss_e9: Some(E9 / 20), ..Policy::default() };
    let asset = Table { volume: 5.0, ..table(&[100.0, 100.0, 100.0, 120.0, 120.0], &[0.5, 0.5, -0.5, -0.5, -0.5]) };
    // Another position loses while the turn waits: 10.000 coins to sell, 5.000 a bar.
    let other = table(&[100.0, 100.0, 100.0, 70.0, 70.0], &[0.5, 0.5, 0.5, 0.5, 0.5]);
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, 2), &guarded(policy), false);
    let mut slow = asset.clone();
    slow.volume = 2.5;
    let records = play(&mut desk, &World(vec![slow, other]));
    let turn = records.orders.iter().find(|o| o.order.asset == 0 && o.order.side < 0).map(|o| o.order);
    let turn = turn.or_else(|| desk.working().find(|o| o.asset == 0 && o.side < 0).copied()).unwrap();
    assert_eq!((turn.cause, turn.lots < turn.wanted), (Cause::RiskPaused, true));
    assert!(desk.ledger().positions[0].lots >= 0, "never turned");
}

#[test]
fn an_emergency_flattens_by_volume_and_kills_once_flat() {
    let policy = Policy { drawdown_e9: Some(150_000_000), ..Policy::default() };
    let volume = 2.0;
    let first = Table { volume, ..table(&[100.0, 100.0, 100.0, 100.0, 60.0, 60.0, 60.0, 60.0, 60.0], &[0.5]) };
    let (desk, records) = run(policy, TARGET, vec![first]);
    let guard: Vec<_> = records.guard.iter().map(|r| (r.ts / HOUR, r.from, r.to, r.layer)).collect();
    assert_eq!(
        guard,
        [(5, GuardState::Normal, GuardState::Emergency, Layer::Drawdown), (8, GuardState::Emergency, GuardState::Killed, Layer::Flat)]
    );
    let flat: Vec<_> = records.fills.iter().filter(|f| f.reason == Reason::RiskFlatten).map(|f| (f.ts / HOUR, f.lots)).collect();
    assert_eq!(flat, [(5, -2_000), (6, -2_000), (7, -1_000)]);
    assert_eq!(desk.ledger().positions[0].lots, 0);
    assert_eq!(records.trades[0].reason, Reason::RiskFlatten);
    assert_eq!(desk.working().count(), 0, "the target of 0.5 is not read any more");
}

#[test]
fn the_order_stop_acts_first_and_the_account_s_layer_where_it_is_missing() {
    let policy = Policy { drawdown_e9: Some(150_000_000), ..Policy::default() };
    let bars = |stop: f64| Table { fixed: stop, ..table(&[100.0, 100.0, 95.0, 60.0, 60.0, 60.0], &[0.9]) };
    let (_, with_stop) = run(policy.clone(), Rule { fixed: true, ..TARGET }, vec![bars(4.0)]);
    assert_eq!((with_stop.fills[1].reason, with_stop.guard.len()), (Reason::GapFixed, 0));
    let (_, without) = run(policy, TARGET, vec![bars(4.0)]);
    assert_eq!((without.fills[1].reason, without.guard[0].layer), (Reason::RiskFlatten, Layer::Drawdown));
}

#[test]
fn each_limit_of_an_order_cuts_with_its_own_cause_and_not_at_its_boundary() {
    let one = |policy: Policy, rule: Rule, change: fn(&mut Table)| {
        let mut asset = table(&[100.0; 3], &[0.5]);
        change(&mut asset);
        let (_, records) = run(policy, rule, vec![asset]);
        let order = records.orders[0].order;
        (order.lots, order.cause)
    };
    let stopped = Rule { fixed: true, ..TARGET };
    let risk = |risk_e9| Policy { risk_per_trade_e9: Some(risk_e9), ..Policy::default() };
    // A stop 4.00 away loses 20 on 5 coins: 2 % of 1000.
    assert_eq!(one(risk(E9 / 50), stopped, |t| t.fixed = 4.0), (5_000, Cause::None));
    assert_eq!(one(risk(E9 / 50), stopped, |t| t.fixed = 5.0), (4_000, Cause::RiskPerTrade));
    assert_eq!(one(risk(E9 / 50), TARGET, |_| ()), (5_000, Cause::None), "no stop, no distance");
    let volume = |share| Policy { volume_share_e9: Some(share), ..Policy::default() };
    assert_eq!(one(volume(E9 / 10), TARGET, |t| t.volume = 50.0), (5_000, Cause::None));
    assert_eq!(one(volume(E9 / 10), TARGET, |t| t.volume = 49.99), (4_999, Cause::VolumeLimit));
    let allowed = |list| Policy { allowed: Some(list), ..Policy::default() };
    assert_eq!(one(allowed(vec![true]), TARGET, |_| ()), (5_000, Cause::None));
    assert_eq!(one(allowed(vec![false]), TARGET, |_| ()), (0, Cause::NotAllowed));
    let leverage = |most| Policy { max_leverage_e9: Some(most), ..Policy::default() };
    assert_eq!(one(leverage(E9 / 2), TARGET, |_| ()), (5_000, Cause::None));
    assert_eq!(one(leverage(E9 / 4), TARGET, |_| ()), (2_500, Cause::Leverage));
    let notional = |most: i64| Policy { max_notional: Some(most * AMOUNT_SCALE), ..Policy::default() };
    assert_eq!(one(notional(500), TARGET, |_| ()), (5_000, Cause::None));
    assert_eq!(one(notional(400), TARGET, |_| ()), (4_000, Cause::MaxNotional));
}

#[test]
fn orders_beyond_the_limit_of_a_day_are_refused_but_reductions_pass() {
    let policy = |most| Policy { orders_per_day: Some(most), ..Policy::default() };
    let targets = [0.1, 0.2, 0.3, 0.1, 0.1];
    let causes = |most| {
        let (_, records) = run(policy(most), TARGET, vec![table(&[100.0; 5], &targets)]);
        records.orders.iter().map(|o| o.order.cause).collect::<Vec<_>>()
    };
    assert_eq!(causes(2), [Cause::None, Cause::None, Cause::OrderLimit, Cause::None]);
    assert_eq!(causes(3), [Cause::None; 4]);
    let minute = Policy { orders_per_minute: Some(1), ..Policy::default() };
    let (_, records) = run(minute, TARGET, vec![table(&[100.0; 3], &[0.2]), table(&[100.0; 3], &[0.2])]);
    assert_eq!(ends(&records.orders).iter().map(|o| o.1).collect::<Vec<_>>(), [Cause::None, Cause::OrderLimit]);
}

#[test]
fn orders_repeated_in_a_day_pause_for_good_and_reductions_still_pass() {
    let policy = |most| Policy { repeated_orders: Some(most), ..Policy::default() };
    let targets = [0.1, 0.2, 0.3, 0.4, 0.1, 0.2];
    let causes = |most| {
        let (_, records) = run(policy(most), TARGET, vec![table(&[100.0; 6], &targets)]);
        let guard = records.guard.iter().map(|r| (r.ts / HOUR, r.layer, r.value)).collect::<Vec<_>>();
        (records.orders.iter().map(|o| o.order.cause).collect::<Vec<_>>(), guard)
    };
    let paused = [Cause::None, Cause::None, Cause::None, Cause::RiskPaused, Cause::None, Cause::RiskPaused];
    assert_eq!(causes(3), (paused.to_vec(), vec![(4, Layer::RepeatedOrders, 3)]));
    assert_eq!(causes(5), (vec![Cause::None; 5], vec![]), "the sixth still works when the data ends");
}

#[test]
fn entries_and_legs_pass_the_same_controls() {
    let policy = Policy { allowed: Some(vec![true, false]), ..Policy::default() };
    let entry = |long: f64| Table { long: vec![long], size: vec![0.2], ..table(&[100.0; 4], &[]) };
    let mut by_entry = desk(InstrumentKind::Linear, Rules::entries(ENTRY, 2), &guarded(policy.clone()), false);
    let records = play(&mut by_entry, &World(vec![entry(1.0), entry(1.0)]));
    assert!(records.orders.iter().all(|o| (o.order.asset == 1) == (o.order.cause == Cause::NotAllowed)));
    assert!(records.orders.iter().any(|o| o.order.asset == 1));
    let legs = vec![Group::new(vec![0, 1], Broken::Flatten, E9 / 20)];
    let rules = Rules { legs, ..Rules::targets(TARGET, 2) };
    let mut by_leg = desk(InstrumentKind::Linear, rules, &guarded(policy), false);
    let records = play(&mut by_leg, &World(vec![table(&[100.0; 6], &[0.4]), table(&[100.0; 6], &[-0.4])]));
    assert_eq!(by_leg.ledger().positions[0].lots, 0, "what its refused leg leaves alone is unwound");
    assert!(records.orders.iter().any(|o| o.order.cause == Cause::BrokenLeg && o.status == Status::Filled));
}

#[test]
fn a_policy_that_binds_nothing_changes_no_order() {
    let prices = [100.0, 104.0, 97.0, 99.0, 91.0, 120.0, 80.0, 85.0];
    let targets = [0.5, 0.6, -0.4, 0.1, 0.9, 0.0, 0.5, -0.5];
    let tables = || vec![table(&prices, &targets), table(&[50.0; 8], &[-0.1, 0.3])];
    let (_, with) = run(Policy::default(), TARGET, tables());
    let mut plain = desk(InstrumentKind::Linear, Rules::targets(TARGET, 2), &config(Realism::Strict), false);
    let without = play(&mut plain, &World(tables()));
    assert_eq!((with.orders, with.fills, with.trades), (without.orders, without.fills, without.trades));
    assert_eq!(with.guard, []);
}

#[test]
fn a_run_saved_at_any_row_goes_on_the_same() {
    let policy = Policy {
        hourly_loss_e9: Some(E9 / 50),
        daily_loss_e9: Some(E9 / 20),
        drawdown_e9: Some(E9 / 5),
        losing_streak: Some(2),
        volume_share_e9: Some(E9 / 2),
        orders_per_day: Some(5),
        ..Policy::default()
    };
    let prices: Vec<f64> = (0..40).map(|at| 100.0 + f64::from((at * 37) % 23) - 11.0 - f64::from(at) * 0.8).collect();
    let targets: Vec<f64> = (0..40).map(|at| f64::from((at * 13) % 7) / 7.0 - 0.3).collect();
    let world = World(vec![Table { volume: 20.0, ..table(&prices, &targets) }]);
    let open = || desk(InstrumentKind::Linear, Rules::targets(TARGET, 1), &guarded(policy.clone()), false);
    let whole = play(&mut open(), &world);
    assert!(whole.guard.len() > 3, "{:?}", whole.guard);
    for cut in 0..40 {
        let (mut first, mut records) = (open(), Records::default());
        (0..cut).for_each(|row| step(&mut first, &world, row, true, &mut records));
        let mut to = Writer::default();
        first.save(&mut to);
        let (mut second, bytes) = (open(), to.finish());
        second.load(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(second.hash(), first.hash(), "{cut}");
        (cut..40).for_each(|row| step(&mut second, &world, row, true, &mut records));
        records.sort();
        assert_eq!((&records.orders, &records.guard), (&whole.orders, &whole.guard), "{cut}");
    }
}

#[test]
fn positions_that_move_together_break_and_those_held_against_each_other_do_not() {
    let policy = Policy { correlation_break_e9: Some(E9 / 2), span: Some(4), ..Policy::default() };
    let prices = [100.0, 101.0, 100.0, 102.0, 100.0, 101.0, 100.0, 102.0];
    let tables = |second: f64| vec![table(&prices, &[0.4]), table(&prices, &[second])];
    let (_, together) = run(policy.clone(), TARGET, tables(0.4));
    let first = together.guard.iter().find(|record| record.layer == Layer::CorrelationBreak).expect("equal prices move together");
    assert!((first.value - E9).abs() < E9 / 1_000, "their correlation is 1: {first:?}");
    assert_eq!(first.limit, E9 / 2);
    for second in [-0.4, 0.0] {
        let (_, apart) = run(policy.clone(), TARGET, tables(second));
        assert_eq!(apart.guard, [], "{second}");
    }
}

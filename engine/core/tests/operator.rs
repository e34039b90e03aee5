//! The operator, flattening and breakers by hand, on a whole desk (docs/semantics.md, section 12).
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::breaker::settings::{Rules as Breaker, Settings};
use bot4_engine::desk::breaker::{BreakerState, Trip};
use bot4_engine::desk::guard::policy::Policy;
use bot4_engine::desk::operator::{Action, Command, Effect};
use bot4_engine::desk::reason::{Cause, FillRule, GuardState, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::{AMOUNT_SCALE, E9};
use bot4_engine::venue::conditions::Condition;

fn at(hour: i64, action: Action) -> Command {
    Command::new(hour * HOUR, action, "ada".to_owned())
}

fn table(prices: &[f64], target: &[f64]) -> Table {
    Table { bars: flat_bars(prices), volume: 1e6, target: target.to_vec(), ..Table::default() }
}

fn asked(commands: Vec<Command>) -> Config {
    Config { commands, ..config(Realism::Strict) }
}

fn run(config: &Config, tables: Vec<Table>) -> (Desk, Records) {
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, tables.len()), config, false);
    let records = play(&mut desk, &World(tables));
    (desk, records)
}

fn effects(records: &Records) -> Vec<(i64, Action, Effect, GuardState)> {
    records.commands.iter().map(|r| (r.ts / HOUR, r.action, r.effect, r.to)).collect()
}

use Effect::{Applied, NoEffect, Refused};
use GuardState::{Emergency, Killed, Normal, Paused, Reduced};

#[test]
fn people_make_it_graver_and_only_a_resume_makes_it_lighter() {
    let script =
        [(1, Action::Pause), (2, Action::Reduce), (3, Action::Resume), (4, Action::Reduce), (5, Action::Resume), (6, Action::Resume)];
    let config = asked(script.map(|(hour, action)| at(hour, action)).to_vec());
    let (_, records) = run(&config, vec![table(&[100.0; 9], &[0.2, 0.4, 0.6, 0.6, 0.8, 0.5, 0.1])]);
    let expected = [
        (1, Action::Pause, Applied, Paused),
        (2, Action::Reduce, NoEffect, Paused),
        (3, Action::Resume, Applied, Normal),
        (4, Action::Reduce, Applied, Reduced),
        (5, Action::Resume, Applied, Normal),
        (6, Action::Resume, NoEffect, Normal),
    ];
    assert_eq!(effects(&records), expected);
    let lots: Vec<_> = records.orders.iter().map(|o| (o.order.ts / HOUR, o.order.side * o.order.lots, o.order.cause)).collect();
    assert_eq!(lots[0], (1, 0, Cause::RiskPaused));
    assert_eq!(lots[1], (2, 0, Cause::RiskPaused));
    assert_eq!(lots[2], (3, 6_000, Cause::None), "the whole target after the resume");
    assert_eq!(lots.iter().filter(|row| row.2 == Cause::RiskReduced).count(), 0, "at 4 the target had not moved");
    assert_eq!(lots[3], (5, 2_000, Cause::None));
    let steps: Vec<_> = records.guard.iter().map(|r| (r.from, r.to, r.value)).collect();
    assert_eq!(steps, [(Normal, Paused, 0), (Paused, Normal, 2), (Normal, Reduced, 3), (Reduced, Normal, 4)]);
}

#[test]
fn flatten_closes_everything_and_stands_until_somebody_resumes() {
    let script = vec![at(3, Action::Flatten), at(3, Action::Resume), at(6, Action::Resume)];
    let (_, records) = run(&asked(script), vec![table(&[100.0; 9], &[0.5]), table(&[50.0; 9], &[-0.3])]);
    let expected =
        [(3, Action::Flatten, Applied, Emergency), (3, Action::Resume, Refused, Emergency), (6, Action::Resume, Applied, Normal)];
    assert_eq!(effects(&records), expected);
    let closed: Vec<_> = records.fills.iter().filter(|f| f.reason == Reason::RiskFlatten).map(|f| (f.ts / HOUR, f.lots)).collect();
    assert_eq!(closed, [(3, -5_000), (3, 6_000)]);
    let again: Vec<_> = records.fills.iter().filter(|f| f.ts >= 4 * HOUR).map(|f| (f.ts / HOUR, f.lots, f.reason)).collect();
    assert_eq!(again, [(6, 5_000, Reason::Target), (6, -6_000, Reason::Target)], "the targets act anew");
}

#[test]
fn kill_cancels_and_sends_nothing_and_flatten_still_closes() {
    let slow = Table { volume: 1.0, ..table(&[100.0; 9], &[0.5, 0.5, 0.5, 0.1]) };
    let (desk, records) = run(&asked(vec![at(2, Action::Kill), at(3, Action::Pause), at(5, Action::Flatten)]), vec![slow]);
    let expected = [(2, Action::Kill, Applied, Killed), (3, Action::Pause, NoEffect, Killed), (5, Action::Flatten, Applied, Emergency)];
    assert_eq!(effects(&records), expected);
    let first = &records.orders[0];
    assert_eq!((first.status, first.order.cause, first.order.filled), (Status::Cancelled, Cause::RiskKilled, 1_000));
    assert_eq!(records.orders.len(), 2, "nothing between the kill and the flatten order");
    assert_eq!((records.orders[1].order.reason, records.orders[1].order.ts / HOUR), (Reason::RiskFlatten, 5));
    assert_eq!((desk.ledger().positions[0].lots, desk.state()), (0, Killed));
}

#[test]
fn a_killed_position_keeps_its_stop() {
    let mut asset = table(&[100.0, 100.0, 100.0, 90.0, 90.0], &[0.5]);
    asset.fixed = 5.0;
    let rule = bot4_engine::desk::rule::Rule { fixed: true, ..TARGET };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(rule, 1), &asked(vec![at(2, Action::Kill)]), false);
    let records = play(&mut desk, &World(vec![asset]));
    assert_eq!(brief(&records.fills).last(), Some(&(3, -5_000, 9_000, Reason::GapFixed)));
}

#[test]
fn what_a_layer_latched_is_let_go_by_name_and_its_references_begin_anew() {
    let policy = Policy { drawdown_e9: Some(E9 / 10), total_loss_e9: Some(E9 / 20), ..Policy::default() };
    let config = Config { policy: Some(policy), ..asked(vec![at(7, Action::Resume)]) };
    let prices = [100.0, 100.0, 80.0, 80.0, 80.0, 80.0, 80.0, 80.0, 80.0, 80.0];
    let (desk, records) = run(&config, vec![table(&prices, &[0.5])]);
    assert_eq!(effects(&records), [(7, Action::Resume, Applied, Normal)]);
    assert_eq!(desk.state(), Normal, "no loss is left to stand");
    assert_eq!(records.fills.last().map(|f| (f.ts / HOUR, f.reason)), Some((7, Reason::Target)));
}

#[test]
fn refused_market_orders_are_flattened_by_limits_at_the_collar() {
    let config = Config {
        conditions: vec![Condition { from_ms: 2 * HOUR, to_ms: 90 * HOUR, market: true, limit: false }],
        collar_e9: E9 / 20,
        ..asked(vec![at(3, Action::Flatten)])
    };
    let (desk, records) = run(&config, vec![table(&[100.0, 100.0, 100.0, 100.0, 96.0, 96.0, 96.0], &[0.5])]);
    let tries: Vec<_> = records.orders[1..].iter().map(|o| (o.order.ts / HOUR, o.order.reason, o.status, o.order.cause)).collect();
    assert_eq!(
        tries,
        [(3, Reason::RiskFlatten, Status::Rejected, Cause::Refused), (4, Reason::RiskFlattenLimit, Status::Filled, Cause::None),]
    );
    assert_eq!(by_rule(&records.fills).last(), Some(&(4, -5_000, 9_600, FillRule::OpenLimit)));
    assert_eq!(records.keyed.len(), 1, "of the limit alone");
    let keyed = records.keyed[0];
    assert_eq!((keyed.price_ticks, keyed.order), (9_500, records.orders[2].order.id), "the collar below the last mark");
    assert_eq!((keyed.trigger_ticks, keyed.parent, keyed.evidence_row), (-1, -1, -1), "none of each");
    assert_eq!(desk.state(), Killed);
}

#[test]
fn flattening_goes_on_where_everything_is_refused_or_beyond_the_collar() {
    let refused = Condition { from_ms: 3 * HOUR, to_ms: 5 * HOUR, market: true, limit: true };
    let config = Config { conditions: vec![refused], collar_e9: E9 / 20, ..asked(vec![at(3, Action::Flatten)]) };
    let (desk, records) = run(&config, vec![table(&[100.0, 100.0, 100.0, 100.0, 100.0, 90.0, 89.0, 89.0, 89.0], &[0.5])]);
    let tries: Vec<_> = records.orders[1..].iter().map(|o| (o.order.ts / HOUR, o.order.reason, o.order.cause)).collect();
    assert_eq!(
        tries,
        [
            (3, Reason::RiskFlatten, Cause::Refused),
            (4, Reason::RiskFlattenLimit, Cause::Refused),
            (5, Reason::RiskFlatten, Cause::Collar),
            (6, Reason::RiskFlatten, Cause::None),
        ],
        "90 is beyond 5 % of 100, 89 is not beyond 5 % of 90"
    );
    assert_eq!((desk.ledger().positions[0].lots, desk.state()), (0, Killed));
}

#[test]
fn a_flatten_order_takes_its_latency_and_fills_at_the_collar() {
    let config = Config { collar_e9: E9 / 20, latency_ms: 2 * HOUR, ..asked(vec![at(5, Action::Flatten)]) };
    let prices = [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 95.0, 95.0];
    let (_, records) = run(&config, vec![table(&prices, &[0.5])]);
    let order = records.orders.iter().find(|o| o.order.reason == Reason::RiskFlatten).unwrap().order;
    assert_eq!((order.ts / HOUR, order.due / HOUR), (5, 7));
    assert_eq!(brief(&records.fills).last(), Some(&(7, -5_000, 9_500, Reason::RiskFlatten)), "5 % below 100 is not beyond");
}

#[test]
fn a_better_open_than_the_collar_fills() {
    let config = Config { collar_e9: E9 / 20, ..asked(vec![at(3, Action::Flatten)]) };
    let (_, records) = run(&config, vec![table(&[100.0, 100.0, 100.0, 150.0, 150.0], &[0.5])]);
    assert_eq!(brief(&records.fills).last(), Some(&(3, -5_000, 15_000, Reason::RiskFlatten)));
}

#[test]
fn flattening_sends_no_more_than_one_order_may_hold() {
    let policy = Policy { max_notional: Some(200 * AMOUNT_SCALE), ..Policy::default() };
    let config = Config { policy: Some(policy), ..asked(vec![at(4, Action::Flatten)]) };
    let (desk, records) = run(&config, vec![table(&[100.0; 9], &[0.2, 0.4, 0.5])]);
    let flat = records.orders.iter().map(|o| o.order).filter(|order| order.reason.is_flatten());
    let sent: Vec<_> = flat.map(|order| (order.ts / HOUR, order.lots, order.wanted, order.cause)).collect();
    let (cut, whole) = (Cause::MaxNotional, Cause::None);
    assert_eq!(sent, [(4, 2_000, 5_000, cut), (5, 2_000, 3_000, cut), (6, 1_000, 1_000, whole)]);
    assert_eq!(desk.state(), Killed);
}

#[test]
fn refusals_open_the_breaker_of_the_venue_and_a_trial_closes_it() {
    let venue = Breaker { window_ms: 8 * HOUR, min_calls: 1, failures: Some(2), cooldown_ms: 2 * HOUR, trials: 1, ..Breaker::default() };
    let settings = Settings { venue_of: vec![0], venue: Some(venue), ..Settings::default() };
    let config = Config {
        policy: Some(Policy { breakers: Some(settings), ..Policy::default() }),
        conditions: vec![Condition { from_ms: 0, to_ms: 3 * HOUR, market: true, limit: false }],
        ..config(Realism::Strict)
    };
    // The target moves at every decision, so that something is always asked for.
    let target: Vec<f64> = (0..10).map(|row| 0.1 + 0.05 * f64::from(row)).collect();
    let (_, records) = run(&config, vec![table(&[100.0; 10], &target)]);
    let changes: Vec<_> = records.breakers.iter().map(|r| (r.ts / HOUR, r.to, r.trip)).collect();
    assert_eq!(
        changes,
        [
            (3, BreakerState::Open, Trip::Failures),
            (5, BreakerState::HalfOpen, Trip::CooledDown),
            (6, BreakerState::Closed, Trip::TrialsPassed),
        ]
    );
    let causes: Vec<_> = records.orders.iter().map(|o| (o.order.ts / HOUR, o.order.cause)).take(6).collect();
    let expected = [(1, Cause::Refused), (2, Cause::Refused), (3, Cause::Breaker), (4, Cause::Breaker), (5, Cause::None), (6, Cause::None)];
    assert_eq!(causes, expected);
}

#[test]
fn an_open_breaker_lets_reductions_pass() {
    let symbol =
        Breaker { window_ms: HOUR, min_calls: 1, price_gap_e9: Some(E9 / 10), cooldown_ms: 9 * HOUR, trials: 1, ..Breaker::default() };
    let settings = Settings { venue_of: vec![0], symbol: Some(symbol), ..Settings::default() };
    let config = Config { policy: Some(Policy { breakers: Some(settings), ..Policy::default() }), ..config(Realism::Strict) };
    let (_, records) = run(&config, vec![table(&[100.0, 100.0, 111.0, 111.0, 111.0], &[0.5, 0.5, 0.9, 0.1])]);
    assert_eq!(records.breakers.iter().map(|r| (r.ts / HOUR, r.trip, r.value)).collect::<Vec<_>>(), [(3, Trip::PriceGap, 110_000_000)]);
    let sent: Vec<_> = records.orders.iter().map(|o| (o.order.ts / HOUR, o.order.side, o.order.cause)).collect();
    assert_eq!(sent, [(1, 1, Cause::None), (3, 1, Cause::Breaker), (4, -1, Cause::None)]);
}

#[test]
fn a_desk_saved_with_commands_waiting_goes_on_as_the_other_does() {
    let config = Config {
        operated: true,
        conditions: vec![Condition { from_ms: 2 * HOUR, to_ms: 5 * HOUR, market: true, limit: false }],
        ..asked(vec![at(3, Action::Flatten), at(7, Action::Resume)])
    };
    let world = World(vec![table(&[100.0; 10], &[0.5])]);
    let made = || desk(InstrumentKind::Linear, Rules::targets(TARGET, 1), &config, false);
    for cut in 1..8 {
        let (mut whole, mut part, mut rest) = (made(), made(), made());
        let mut records = Records::default();
        for row in 0..cut {
            step(&mut whole, &world, row, true, &mut records);
            step(&mut part, &world, row, true, &mut records);
        }
        part.command(at(8, Action::Pause)).unwrap();
        whole.command(at(8, Action::Pause)).unwrap();
        let mut to = Writer::default();
        part.save(&mut to);
        rest.load(&mut Reader::new(&to.finish())).unwrap();
        // What a host has given and was not obeyed yet, it gives again.
        rest.command(at(8, Action::Pause)).unwrap();
        for row in cut..10 {
            assert_eq!(rest.hash(), whole.hash(), "cut {cut}, row {row}");
            assert_eq!(rest.commands_due((row as i64 + 1) * HOUR), whole.commands_due((row as i64 + 1) * HOUR));
            step(&mut whole, &world, row, true, &mut records);
            step(&mut rest, &world, row, true, &mut records);
        }
        assert_eq!((rest.hash(), rest.state()), (whole.hash(), Paused));
    }
}

#[test]
fn a_run_that_is_not_operated_takes_no_commands() {
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, 1), &config(Realism::Strict), false);
    assert_eq!(
        desk.command(at(1, Action::Pause)),
        Err("this run takes no commands; give it a policy, or say that it is operated".to_owned())
    );
}

#[test]
fn a_flatten_order_that_needs_several_bars_works_on_as_one_order() {
    let slow = Table { volume: 1.0, ..table(&[100.0; 12], &[0.5]) };
    let (desk, records) = run(&asked(vec![at(4, Action::Flatten)]), vec![slow]);
    let flat: Vec<_> = records.orders.iter().filter(|o| o.order.reason == Reason::RiskFlatten).collect();
    let parts = records.fills.iter().filter(|fill| fill.reason == Reason::RiskFlatten).count();
    assert_eq!((flat.len(), parts), (1, 3), "three tenths of a coin, a tenth a bar");
    assert_eq!((flat[0].status, flat[0].order.filled, desk.state()), (Status::Filled, 3_000, Killed));
}

use super::layers::{DAY_MS, HOUR_MS, loss_e9};
use super::sent::Passed;
use super::*;
use crate::memory::snapshot::{Reader, Writer};

const HOUR: i64 = HOUR_MS;

fn guard(policy: Policy) -> Guard {
    Guard::new(policy, 1, HOUR)
}

fn order(t: i64, side: i64) -> Passed {
    Passed { t, side, wanted: 1, ticks: 1 }
}

/// Looks at one equity an hour from 1970-01-01 00:00 on; returns (hour, from, to, layer, value).
fn watch(guard: &mut Guard, equities: &[i64]) -> Vec<(i64, GuardState, GuardState, Layer, i64)> {
    let mut records = Vec::new();
    for (at, &equity) in equities.iter().enumerate() {
        guard.look(at as i64 * HOUR, equity, &mut records);
    }
    records.iter().map(|r| (r.ts / HOUR, r.from, r.to, r.layer, r.value)).collect()
}

use GuardState::{Emergency, Killed, Normal, Paused, Reduced};

#[test]
fn an_hourly_loss_halves_for_its_hour_and_acts_when_reached() {
    let policy = Policy { hourly_loss_e9: Some(E9 / 50), ..Policy::default() };
    let found = watch(&mut guard(policy.clone()), &[1_000_000, 980_000, 980_000]);
    assert_eq!(found, [(1, Normal, Reduced, Layer::HourlyLoss, E9 / 50), (2, Reduced, Normal, Layer::HourOver, 0)]);
    assert_eq!(watch(&mut guard(policy.clone()), &[1_000_000, 980_001, 980_001]), [], "one unit less is not reached");
    let again = watch(&mut guard(policy), &[1_000_000, 980_000, 960_000]);
    assert_eq!(again[1].3, Layer::HourlyLoss, "a layer that acts anew needs no record of the hour before");
    assert_eq!(again.len(), 2);
}

#[test]
fn a_daily_loss_is_measured_from_the_decision_before_the_day_and_pauses_until_it_is_over() {
    let policy = Policy { daily_loss_e9: Some(E9 / 20), ..Policy::default() };
    let mut equities = vec![1_000; 24];
    equities.extend([980, 950, 1_000]);
    equities.extend(vec![1_000; 22]);
    let found = watch(&mut guard(policy.clone()), &equities);
    assert_eq!(found, [(25, Normal, Paused, Layer::DailyLoss, E9 / 20), (48, Paused, Normal, Layer::DayOver, 0)]);
    equities[25] = 951;
    assert_eq!(watch(&mut guard(policy), &equities), []);
}

#[test]
fn a_total_loss_pauses_for_good_and_a_drawdown_flattens_for_good() {
    let total = Policy { total_loss_e9: Some(E9 / 10), ..Policy::default() };
    let mut stopped = guard(total.clone());
    let mut equities = vec![1_000, 1_500, 900];
    equities.extend(vec![2_000; 60]);
    assert_eq!(watch(&mut stopped, &equities), [(2, Normal, Paused, Layer::TotalLoss, E9 / 10)]);
    assert_eq!(stopped.state, Paused);
    assert_eq!(watch(&mut guard(total), &[1_000, 901]), []);
    let drawdown = Policy { drawdown_e9: Some(150_000_000), ..Policy::default() };
    let mut killed = guard(drawdown.clone());
    assert_eq!(watch(&mut killed, &[1_000, 2_000, 1_700, 5_000]), [(2, Normal, Emergency, Layer::Drawdown, 150_000_000)]);
    let mut records = Vec::new();
    killed.kill(7, 5, &mut records);
    assert_eq!((records[0].from, records[0].to, records[0].layer, killed.state), (Emergency, Killed, Layer::Flat, Killed));
    assert_eq!(watch(&mut guard(drawdown), &[1_000, 2_000, 1_701]), []);
}

#[test]
fn a_losing_streak_pauses_until_the_day_is_over_and_counts_anew() {
    let policy = Policy { losing_streak: Some(3), ..Policy::default() };
    let mut guard = guard(policy);
    let mut records = Vec::new();
    let mut look = |guard: &mut Guard, hour: i64, losses: &[i64]| {
        losses.iter().for_each(|&pnl| guard.note_trade(pnl, 100));
        guard.look(hour * HOUR, 1_000, &mut records);
        guard.state
    };
    assert_eq!(look(&mut guard, 0, &[-1, -1]), Normal);
    assert_eq!(look(&mut guard, 1, &[0, -1, -1]), Normal, "a trade without loss begins anew");
    assert_eq!(look(&mut guard, 2, &[-1]), Paused);
    assert_eq!(look(&mut guard, 3, &[-1, -1]), Paused);
    assert_eq!(look(&mut guard, 24, &[]), Normal);
    assert_eq!(look(&mut guard, 25, &[-1]), Paused, "the two of the pause count");
    assert_eq!(records.iter().map(|r| (r.value, r.limit)).collect::<Vec<_>>(), [(3, 3), (0, 0), (3, 3)]);
}

#[test]
fn the_gravest_layer_wins_and_each_that_acts_is_recorded() {
    let policy = Policy {
        hourly_loss_e9: Some(20_000_000),
        daily_loss_e9: Some(50_000_000),
        total_loss_e9: Some(100_000_000),
        drawdown_e9: Some(150_000_000),
        ..Policy::default()
    };
    let found = watch(&mut guard(policy), &[1_000, 850]);
    let layers: Vec<_> = found.iter().map(|record| (record.2, record.3)).collect();
    let all = [Layer::HourlyLoss, Layer::DailyLoss, Layer::TotalLoss, Layer::Drawdown];
    assert_eq!(layers, all.map(|layer| (Emergency, layer)));
}

#[test]
fn orders_in_a_row_of_one_direction_pause_for_good() {
    let policy = Policy { repeated_orders: Some(3), ..Policy::default() };
    let state = |sent: &[(i64, i64)]| {
        let mut guard = guard(policy.clone());
        sent.iter().for_each(|&(t, side)| guard.sent.note(0, order(t, side), 1));
        let mut records = Vec::new();
        guard.look(DAY_MS, 1_000, &mut records);
        guard.look(3 * DAY_MS, 1_000, &mut records);
        (guard.state, records.len())
    };
    assert_eq!(state(&[(1, 1), (2, 1), (3, 1)]), (Paused, 1), "latched: no later day ends it");
    assert_eq!(state(&[(1, 1), (2, 1)]), (Normal, 0));
    assert_eq!(state(&[(1, 1), (2, 1), (3, -1), (4, 1)]), (Normal, 0), "a turn begins anew");
    assert_eq!(state(&[(1, 1), (2, 1), (DAY_MS, 1)]), (Normal, 0), "so does a day");
}

#[test]
fn nothing_left_of_a_reference_is_the_whole_loss() {
    assert_eq!((loss_e9(0, 5), loss_e9(-3, 5)), (E9, E9));
    assert_eq!((loss_e9(1_000, 1_100), loss_e9(1_000, -1_000)), (-E9 / 10, 2 * E9));
}

#[test]
fn a_saved_guard_goes_on_as_it_was() {
    let policy = Policy { daily_loss_e9: Some(E9 / 20), orders_per_day: Some(3), ..Policy::default() };
    let mut first = guard(policy.clone());
    watch(&mut first, &[1_000, 940]);
    first.sent.note(0, order(HOUR, 1), 1);
    first.note_trade(-1, 100);
    first.see(0, HOUR, 5, 77);
    let saved = |guard: &Guard| {
        let mut to = Writer::default();
        guard.save(&mut to);
        to.finish()
    };
    let mut second = guard(policy);
    second.load(&mut Reader::new(&saved(&first))).unwrap();
    assert_eq!(saved(&second), saved(&first));
    assert_eq!((second.state, second.streak, second.sent.in_day(HOUR), second.tape.last[0].volume), (Paused, 1, 1, 77));
}

/// A guard of two instruments that both moved by exactly 1 % an hour, up and then down, with half of equity in each.
fn moved(policy: Policy) -> Guard {
    let mut guard = Guard::new(Policy { span: Some(2), ..policy }, 2, HOUR);
    for (at, close) in [10_000, 10_100, 9_999].into_iter().enumerate() {
        (0..2).for_each(|asset| guard.see(asset, at as i64 * HOUR, close, 1_000));
        guard.learn();
    }
    guard.weights = vec![0.5, 0.5];
    guard
}

/// Looks once more, an hour later each time; returns what acted, its value, and what positions keep.
fn look_at(guard: &mut Guard, hour: i64, equity: i64) -> (Vec<(Layer, i64)>, i64) {
    let mut records = Vec::new();
    guard.look(hour * HOUR, equity, &mut records);
    (records.iter().map(|r| (r.layer, r.value)).collect(), guard.keep_e9)
}

/// 2.326347874 (the normal quantile at 99 %) · 1 % an hour · √24 hours, of the whole equity.
const VAR_E9: i64 = 113_967_305;

#[test]
fn a_breach_of_value_at_risk_cuts_to_the_limit_and_eases_once_it_is_kept() {
    let mut guard = moved(Policy { var_breach_e9: Some(100_000_000), ..Policy::default() });
    let (acted, keep_e9) = look_at(&mut guard, 3, 1_000);
    assert!(acted.len() == 1 && acted[0].0 == Layer::VarBreach && (acted[0].1 - VAR_E9).abs() <= 2, "{acted:?}");
    // 10 % of 11.4 %: what is left is at its limit.
    assert!((keep_e9 - 877_444_631).abs() < 100, "{keep_e9}");
    assert_eq!(guard.state, Paused);
    assert_eq!(look_at(&mut guard, 4, 1_000), (vec![], keep_e9), "it goes on to cut while it is reached, and is told once");
    guard.weights = vec![0.4, 0.4];
    assert_eq!(look_at(&mut guard, 5, 1_000), (vec![(Layer::Eased, 0)], E9));
    assert_eq!(guard.state, Normal);
    guard.weights = vec![0.0, 0.0];
    assert_eq!(look_at(&mut guard, 6, 1_000), (vec![], E9), "nothing held, nothing at risk");
    let (acted, keep_e9) = look_at(&mut guard, 7, 0);
    assert_eq!((acted, keep_e9), (vec![(Layer::VarBreach, E9)], E9 / 10), "without equity all of it is at risk");
}

#[test]
fn value_at_risk_acts_when_reached_and_not_one_unit_before() {
    let of = |limit| look_at(&mut moved(Policy { var_breach_e9: Some(limit), ..Policy::default() }), 3, 1_000).0;
    let value = of(1)[0].1;
    assert_eq!((of(value).len(), of(value + 1).len()), (1, 0));
}

#[test]
fn a_correlation_that_breaks_halves_once_and_eases_when_it_is_hedged() {
    let mut guard = moved(Policy { correlation_break_e9: Some(E9 / 2), ..Policy::default() });
    let (acted, keep_e9) = look_at(&mut guard, 3, 1_000);
    assert!(acted[0].0 == Layer::CorrelationBreak && (acted[0].1 - E9).abs() <= 1 && keep_e9 == E9 / 2, "{acted:?} {keep_e9}");
    assert_eq!((guard.state, look_at(&mut guard, 4, 1_000)), (Paused, (vec![], E9)), "halved once, not at each decision");
    guard.weights = vec![0.5, -0.5];
    assert_eq!((look_at(&mut guard, 5, 1_000), guard.state), ((vec![(Layer::Eased, 0)], E9), Normal));
    guard.weights = vec![0.5, 0.0];
    assert_eq!(look_at(&mut guard, 6, 1_000), (vec![], E9), "one alone moves with nothing");
}

#[test]
fn a_strategy_s_own_daily_loss_acts_like_the_account_s_and_ends_with_the_day() {
    let policy = Policy { strategy_daily_loss_e9: Some(E9 / 50), strategy_drawdown_e9: Some(E9 / 20), ..Policy::default() };
    let mut equities = vec![1_000, 1_000, 980];
    equities.extend(vec![980; 23]);
    let found = watch(&mut guard(policy.clone()), &equities);
    assert_eq!(found, [(2, Normal, Paused, Layer::StrategyDailyLoss, E9 / 50), (24, Paused, Normal, Layer::DayOver, 0)]);
    assert_eq!(watch(&mut guard(policy), &[1_000, 1_030, 1_010, 979]).last().unwrap().3, Layer::StrategyDailyLoss);
}

#[test]
fn a_resume_lets_go_of_what_latched_and_of_nothing_else() {
    use crate::desk::operator::{Action, Command, Effect};
    use crate::desk::records::Outbox;
    let effect = |policy: Policy, equities: &[i64], then: i64| {
        let mut guard = guard(policy);
        watch(&mut guard, equities);
        let t = equities.len() as i64 * HOUR;
        guard.operator = Operator::new(&[Command::new(t, Action::Resume, "ada".to_owned())]);
        let mut outbox = Outbox::new(1);
        guard.obey(t, then, &mut outbox);
        let state = guard.state;
        guard.look(t, then, &mut outbox.guard);
        (outbox.commands[0].effect, state, guard.state)
    };
    let total = Policy { total_loss_e9: Some(E9 / 10), ..Policy::default() };
    assert_eq!(effect(total, &[1_000, 900], 900), (Effect::Applied, Normal, Normal), "measured from the resume on");
    let drawdown = Policy { strategy_drawdown_e9: Some(E9 / 10), ..Policy::default() };
    assert_eq!(effect(drawdown, &[1_000, 900], 900), (Effect::Applied, Normal, Normal));
    let day = Policy { daily_loss_e9: Some(E9 / 10), ..Policy::default() };
    assert_eq!(effect(day.clone(), &[1_000, 900], 900), (Effect::NoEffect, Paused, Paused), "a day ends by itself");
    let both = Policy { total_loss_e9: Some(E9 / 5), ..day };
    assert_eq!(effect(both, &[1_000, 800], 800), (Effect::Applied, Paused, Paused), "the day's layer stands on");
    let hour = Policy { hourly_loss_e9: Some(E9 / 10), ..Policy::default() };
    assert_eq!(effect(hour, &[1_000, 900], 900).0, Effect::NoEffect);
}

#[test]
fn a_journal_that_cannot_be_written_stops_openings_for_good_and_nothing_graver_is_let_go() {
    use crate::desk::operator::{Action, Command, Effect};
    use crate::desk::records::Outbox;
    let mut outbox = Outbox::new(1);
    let mut halted = guard(Policy::default());
    assert!(halted.halt(5 * HOUR, 77, &mut outbox) && !halted.halt(6 * HOUR, 77, &mut outbox), "it is news once");
    let first = outbox.guard[0];
    assert_eq!((first.ts, first.from, first.to, first.layer, first.equity), (5 * HOUR, Normal, Paused, Layer::Journal, 77));
    assert_eq!((outbox.guard.len(), halted.state), (1, Paused));
    halted.operator = Operator::new(&[Command::new(7 * HOUR, Action::Resume, "ada".to_owned())]);
    (halted.operator.is_halted, halted.operator.asked) = (true, Reduced);
    halted.obey(7 * HOUR, 77, &mut outbox);
    assert_eq!((outbox.commands[0].effect, halted.state), (Effect::Refused, Paused), "only a new start lets go of that");
    let mut emergency = guard(Policy { drawdown_e9: Some(E9 / 10), ..Policy::default() });
    watch(&mut emergency, &[1_000, 900]);
    assert!(emergency.halt(2 * HOUR, 900, &mut outbox));
    assert_eq!((emergency.state, outbox.guard.last().unwrap().to), (Emergency, Emergency), "what flattens goes on");
    emergency.operator = Operator::new(&[Command::new(3 * HOUR, Action::Pause, "ada".to_owned())]);
    emergency.obey(3 * HOUR, 900, &mut outbox);
    assert_eq!((outbox.commands[1].effect, emergency.state), (Effect::NoEffect, Emergency));
}

#[test]
fn rows_begin_anew_after_a_resume() {
    let mut sent = Sent::new(1);
    (0..3).for_each(|t| sent.note(0, order(t, 1), 1));
    sent.end_rows();
    assert_eq!(sent.longest_row(), 0);
    sent.note(0, order(3, 1), 1);
    assert_eq!(sent.longest_row(), 1);
}

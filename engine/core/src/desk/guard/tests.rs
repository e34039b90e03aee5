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

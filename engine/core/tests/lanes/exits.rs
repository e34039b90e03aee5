//! Exits of a lane: stop, trail and take as one state machine.
use super::case::*;
use bot4_engine::desk::reason::{Cause, FillRule, Reason, Status};

const FLAT: [f64; 4] = [100.0, 100.0, 100.0, 100.0];

/// A long of one coin from the open at 100 of bar 1, with a stop and a take 5 away.
fn bracket(realism: &'static str, bars: &[[f64; 4]]) -> Played {
    let mut case = Case::new(realism, bars);
    let (five, when) = (case.constant(5.0), case.at(&[0]));
    case.order("in", 1, "market", 1.0, &format!(r#""when":{when},"exits":{{"stop":{five},"take":{five}}}"#)).play()
}

#[test]
fn where_stop_and_take_are_both_touched_the_realism_decides() {
    // The open is nearer to the low: neutral walks down first.
    let both = [FLAT, FLAT, [100.0, 107.0, 94.0, 100.0]];
    let down_first = [FLAT, FLAT, [100.0, 106.5, 94.0, 100.0]];
    let up_first = [FLAT, FLAT, [100.0, 105.5, 94.0, 100.0]];
    let stop = (2, -1_000, 9_500, FillRule::Trigger, Reason::ExitStop);
    let take = |rule| (2, -1_000, 10_500, rule, Reason::Take);
    assert_eq!(bracket(STRICT, &both).brief()[1..], [stop]);
    assert_eq!(bracket(NEUTRAL, &down_first).brief()[1..], [stop]);
    assert_eq!(bracket(NEUTRAL, &up_first).brief()[1..], [take(FillRule::Touch)]);
    assert_eq!(bracket(NAIVE, &both).brief()[1..], [take(FillRule::Touch)]);
    let through = [FLAT, FLAT, [100.0, 105.01, 99.0, 100.0]];
    assert_eq!(bracket(STRICT, &through).brief()[1..], [take(FillRule::Through)]);
}

#[test]
fn in_the_bar_of_entry_strict_may_stop_but_not_take_naive_may_take_but_not_stop() {
    let wide = [FLAT, [100.0, 110.0, 90.0, 100.0]];
    assert_eq!(bracket(STRICT, &wide).brief()[1..], [(1, -1_000, 9_500, FillRule::Trigger, Reason::ExitStop)]);
    assert_eq!(bracket(NAIVE, &wide).brief()[1..], [(1, -1_000, 10_500, FillRule::Touch, Reason::Take)]);
    let up = [FLAT, [100.0, 110.0, 99.0, 104.0]];
    assert_eq!(bracket(STRICT, &up).brief().len(), 1, "the take waits for the next bar");
    let down = [FLAT, [100.0, 104.0, 90.0, 100.0]];
    assert_eq!(bracket(NAIVE, &down).brief().len(), 1, "the stop waits for the next bar");
    assert_eq!(bracket(NEUTRAL, &down).brief().len(), 2);
}

#[test]
fn a_gap_through_the_stop_fills_at_the_open_and_naively_at_the_level() {
    let gap = [FLAT, FLAT, [90.0, 91.0, 89.0, 90.0]];
    for realism in [STRICT, NEUTRAL] {
        assert_eq!(bracket(realism, &gap).brief()[1..], [(2, -1_000, 9_000, FillRule::GapTrigger, Reason::GapStop)]);
    }
    assert_eq!(bracket(NAIVE, &gap).brief()[1..], [(2, -1_000, 9_500, FillRule::GapTrigger, Reason::GapStop)]);
    let up = [FLAT, FLAT, [108.0, 109.0, 107.0, 108.0]];
    assert_eq!(bracket(STRICT, &up).brief()[1..], [(2, -1_000, 10_500, FillRule::GapLimit, Reason::Take)]);
    assert_eq!(bracket(NEUTRAL, &up).brief()[1..], [(2, -1_000, 10_800, FillRule::GapLimit, Reason::Take)]);
}

#[test]
fn an_exit_is_an_order_with_its_parent() {
    let played = bracket(STRICT, &[FLAT, FLAT, [100.0, 100.0, 94.0, 95.0]]);
    assert_eq!(played.ends(), [(Status::Filled, Cause::None, 1_000, 1_000); 2]);
    assert_eq!((played.keyed[1].parent, played.keyed[1].trigger_ticks, played.keyed[1].price_ticks), (0, 9_500, -1));
    assert_eq!((played.orders[1].order.ts, played.orders[1].order.reason), (2 * HOUR, Reason::ExitStop));
}

#[test]
fn a_trailing_exit_follows_the_extremes_of_earlier_bars() {
    let bars = [FLAT, [100.0, 110.0, 99.0, 108.0], [108.0, 112.0, 104.5, 106.0], [106.0, 107.0, 100.0, 101.0]];
    let mut case = Case::new(STRICT, &bars);
    let (six, when) = (case.constant(6.0), case.at(&[0]));
    let played = case.order("in", 1, "market", 1.0, &format!(r#""when":{when},"exits":{{"trail":{six}}}"#)).play();
    // Bar 1 sets 104, bar 2 reaches down to 104.5 and sets 106 for bar 3, which opens there.
    assert_eq!(played.brief()[1..], [(3, -1_000, 10_600, FillRule::GapTrigger, Reason::GapTrail)]);
}

#[test]
fn levels_are_set_anew_from_the_average_price_after_each_fill() {
    // Half fills at 100, half at 96: the average is 98, stop 93 and take 103.
    let bars = [FLAT, FLAT, [96.0, 97.0, 95.5, 96.0], [96.0, 104.0, 94.0, 100.0]];
    let mut case = Case::new(STRICT, &bars);
    case.volume = vec![0.5; 4];
    let (five, when) = (case.constant(5.0), case.at(&[0]));
    let played = case.order("in", 1, "market", 1.0, &format!(r#""when":{when},"exits":{{"stop":{five},"take":{five}}}"#)).play();
    let prices: Vec<_> = played.brief().iter().map(|f| (f.0, f.1, f.2)).collect();
    assert_eq!(prices, [(1, 500, 10_000), (2, 500, 9_600), (3, -500, 10_300)]);
    assert_eq!(played.keyed[1].price_ticks, 10_300);
}

#[test]
fn a_stop_that_volume_cannot_fill_works_on_and_cancels_the_rest_of_its_order() {
    let bars = [FLAT, FLAT, [100.0, 100.0, 94.0, 94.0], [93.0, 93.0, 92.0, 92.0], FLAT];
    let mut case = Case::new(STRICT, &bars);
    case.volume = vec![1.0, 0.8, 0.3, 1.0, 1.0];
    let (five, when) = (case.constant(5.0), case.at(&[0]));
    let price = case.constant(100.0);
    let played = case.order("in", 1, "limit", 2.0, &format!(r#""price":{price},"when":{when},"exits":{{"stop":{five}}}"#)).play();
    let briefs: Vec<_> = played.brief().iter().map(|f| (f.0, f.1, f.2, f.4)).collect();
    let stop = Reason::ExitStop;
    // Stops come before limits: the rest of the order gets nothing of bar 2.
    assert_eq!(briefs, [(1, 800, 10_000, Reason::Order), (2, -300, 9_500, stop), (3, -500, 9_300, stop)]);
    assert_eq!(played.ends()[0], (Status::Cancelled, Cause::Stopped, 2_000, 800));
}

#[test]
fn an_exit_closes_what_others_have_left_and_frees_its_lane() {
    let bars = [FLAT, FLAT, FLAT, [100.0, 100.0, 94.0, 95.0], FLAT, FLAT];
    let mut case = Case::new(STRICT, &bars);
    let (five, first, second) = (case.constant(5.0), case.at(&[0, 4]), case.at(&[1]));
    case.order("a in", 1, "market", 1.0, &format!(r#""when":{first},"exits":{{"stop":{five}}}"#));
    case.order("b cut", -1, "market", 0.6, &format!(r#""when":{second},"reduce_only":true"#));
    let played = case.play();
    let briefs: Vec<_> = played.brief().iter().map(|f| (f.0, f.1)).collect();
    assert_eq!(briefs, [(1, 1_000), (2, -600), (3, -400), (5, 1_000)]);
    let exit = &played.orders[2].order;
    assert_eq!((exit.wanted, exit.lots, exit.cause), (1_000, 400, Cause::ReduceOnly));
}

#[test]
fn nothing_is_sent_without_its_protection() {
    let mut case = Case::new(STRICT, &[FLAT; 4]);
    let stop = case.series(&[NAN, NAN, 5.0]);
    let played = case.order("in", 1, "market", 1.0, &format!(r#""exits":{{"stop":{stop}}}"#)).play();
    assert_eq!(played.orders.iter().map(|o| o.order.ts / HOUR).collect::<Vec<_>>(), [3]);
}

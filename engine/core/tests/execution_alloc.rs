//! Nothing is allocated after the start: a counting allocator watches ten thousand orders come, trade, be lost, asked for and forgotten.
use crate::support::counting::allocations;
use bot4_engine::desk::execution::fence::Fence;
use bot4_engine::desk::execution::live::Intent;
use bot4_engine::desk::execution::report::Report;
use bot4_engine::desk::execution::states::{Effect, Event};
use bot4_engine::desk::execution::{Orders, Room};

#[test]
fn nothing_is_allocated_after_the_start() {
    let room = Room { retention_ms: 50, window_ms: 5, ..Room::default() };
    let (mut orders, fence) = (Orders::new(room, 3, 1, 7), Fence::forever(1));
    let before = allocations();
    let (mut lost, mut freed, mut most) = (0, 0, 0);
    for number in 0..40_000_u64 {
        let now = number as i64 / 150;
        let intent = Intent { number, asset: (number % 3) as u32, side: if number % 2 == 0 { 1 } else { -1 }, lots: 4, ticks: 100 };
        let order = orders.open(intent).unwrap();
        let id = orders.get(order).unwrap().id;
        assert!(orders.send(order, &fence, now).unwrap().goes_out());
        if number % 5 == 0 {
            orders.report(&Report::plain(id, Event::NoAnswer, now));
            let request = orders.question(order, now + 6);
            let outcome = orders.report(&Report { request, ..Report::plain(id, Event::NotFound, now + 7) });
            lost += u32::from(outcome.effect == Effect::Lost);
        } else {
            orders.report(&Report::plain(id, Event::Accepted, now));
            for part in 0..4 {
                orders.report(&Report::fill(id, 4 * number + part, 1, now));
                orders.report(&Report::fill(id, 4 * number + part, 1, now));
            }
        }
        freed += orders.forget(now);
        most = most.max(orders.len());
    }
    let after = allocations();
    assert_eq!(after - before, 0);
    assert_eq!((lost, orders.counts()[Effect::Ignore as usize], orders.counts()[Effect::Book as usize]), (8_000, 4 * 32_000, 4 * 32_000));
    assert!(freed > 30_000 && most > 7_000 && most < 10_000, "{freed} {most}");
    let held: i64 = (0..3).map(|asset| orders.position(asset)).sum();
    assert_eq!(held, (0..40_000).filter(|n| n % 5 != 0).map(|n| if n % 2 == 0 { 4 } else { -4 }).sum::<i64>());
}

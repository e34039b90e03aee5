//! The stream of events of lanes: the same as the lists by kind.

use super::random::Random;
use bot4_engine::desk::order::NO_KEY;
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::replay::Replay;

#[test]
fn the_stream_of_keyed_orders_tells_what_the_lists_hold() {
    let (mut events, mut keyed) = (0, 0);
    for seed in 0..120 {
        Random::new(seed).with(|market, program, config| {
            let mut plain = Replay::new(market, program, config, &[], 0).unwrap();
            plain.run(|_| true).unwrap();
            let mut replay = Replay::new(market, program, config, &[], 0).unwrap().with_stream();
            replay.run(|_| true).unwrap();
            assert_eq!(replay.hash(), plain.hash(), "to be listened to changes nothing");
            events += crate::support::told::assert_told(&replay.records);
            keyed += replay.records.stream.iter().filter(|e| matches!(e, DeskEvent::Sent(sent) if sent.key != NO_KEY)).count();
        });
    }
    assert!(events > 5_000 && keyed > 1_000, "{events} {keyed}");
}

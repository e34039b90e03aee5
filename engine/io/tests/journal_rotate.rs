//! A tape that rotates within a budget: the oldest closed segments go, whatever a crash does between; what is left is whole.

mod sim;

use bot4_io::journal::format::{Kind, file_name};
use bot4_io::journal::{Durability, JournalError, Records, Writer, verify};
use sim::{Fault, SimDisk, Survives};

const SEGMENT: u64 = 8_192;
const BUDGET: u64 = 4 * SEGMENT;

/// Appends up to `events` records of 200 bytes, a commit after every third; returns how many were acknowledged, and the oldest kept.
fn script(disk: &SimDisk, kind: Kind, events: u64) -> (u64, u64) {
    let (mut acknowledged, mut oldest) = (0, 0);
    let run = |acknowledged: &mut u64, oldest: &mut u64| -> Result<(), JournalError> {
        let (mut writer, recovered) = Writer::open(disk.clone(), kind, Durability::Fsync, SEGMENT)?;
        writer.keep_within(BUDGET);
        (*acknowledged, *oldest) = (recovered.records, recovered.first);
        for n in recovered.records..events {
            writer.append(1, 1, n as i64, 0, &[n as u8; 200])?;
            if n % 3 == 2 {
                *acknowledged = writer.commit()?;
            }
            *oldest = writer.oldest();
        }
        *acknowledged = writer.commit()?;
        Ok(())
    };
    drop(run(&mut acknowledged, &mut oldest));
    (acknowledged, oldest)
}

fn numbers(disk: &SimDisk, kind: Kind) -> Vec<u64> {
    let mut records = Records::open(disk, kind).expect("a journal");
    let mut found = Vec::new();
    while let Some(block) = records.next_block().expect("right") {
        found.extend(block.map(|record| {
            assert_eq!(record.payload, [record.head.number as u8; 200]);
            record.head.number
        }));
    }
    found
}

#[test]
fn a_tape_keeps_within_its_budget_and_a_control_journal_is_never_cut() {
    let disk = SimDisk::default();
    let (acknowledged, oldest) = script(&disk, Kind::Tape, 600);
    assert_eq!(acknowledged, 600);
    let bytes: usize = disk.names().iter().map(|name| disk.file(name).len()).sum();
    assert!(bytes as u64 <= BUDGET, "{bytes} bytes");
    assert!(oldest > 300, "{oldest}");
    assert_eq!(numbers(&disk, Kind::Tape), (oldest..600).collect::<Vec<_>>());
    let report = verify(&disk, Kind::Tape).expect("right");
    assert_eq!((report.first, report.next, report.notes.len()), (oldest, 600, 0));
    // It goes on rotating after a new start.
    let (acknowledged, later) = script(&disk, Kind::Tape, 900);
    assert!(acknowledged == 900 && later > oldest + 200, "{later}");

    let disk = SimDisk::default();
    assert_eq!(script(&disk, Kind::Control, 600), (600, 0));
    assert_eq!(numbers(&disk, Kind::Control), (0..600).collect::<Vec<_>>());
}

#[test]
fn a_crash_before_any_operation_of_a_rotating_tape_loses_nothing_that_is_kept() {
    let whole = SimDisk::default();
    script(&whole, Kind::Tape, 240);
    let mut rotated = 0;
    for point in 0..whole.operations() {
        let disk = SimDisk::with(Fault::Crash(point));
        let (acknowledged, oldest) = script(&disk, Kind::Tape, 240);
        for survives in [Survives::All, Survives::Nothing, Survives::Rubbish(100)] {
            let case = format!("crash before operation {point}, {survives:?}");
            let left = disk.after_crash(survives);
            let (further, first) = script(&left, Kind::Tape, acknowledged + 30);
            assert_eq!(further, acknowledged + 30, "{case}");
            let found = numbers(&left, Kind::Tape);
            assert_eq!(found, (found[0]..further).collect::<Vec<_>>(), "{case}: without a gap");
            assert!(found[0] == first && first >= oldest, "{case}: {first}, {oldest}");
            rotated += u64::from(first > 0);
        }
    }
    assert!(rotated > 100, "{rotated}");
}

#[test]
fn reading_begins_at_the_segment_that_holds_a_number_and_says_what_is_gone() {
    let disk = SimDisk::default();
    let (_, oldest) = script(&disk, Kind::Tape, 600);
    for number in [oldest, oldest + 1, 555, 599, 600] {
        let mut records = Records::open_at(&disk, Kind::Tape, number).expect("kept");
        assert!(records.first() <= number && records.position().0 == records.first());
        let mut read = 0;
        let mut holds = number == 600;
        while let Some(block) = records.next_block().expect("right") {
            block.for_each(|record| {
                read += 1;
                holds |= record.head.number == number;
            });
        }
        assert!(holds && (number < 555 || read < 80), "{number}: {read} records read");
    }
    let gone = Records::open_at(&disk, Kind::Tape, 3).err().expect("it has rotated away");
    assert!(matches!(gone, JournalError::Rotated { wanted: 3, first } if first == oldest), "{gone}");
    // A gap is not a rotation.
    let second = (0..).map(|index| file_name(Kind::Tape, index)).find(|name| disk.names().contains(name)).expect("a segment");
    let holed = disk.copy();
    holed.drop_file(&file_name(Kind::Tape, bot4_io::journal::format::index_of(Kind::Tape, &second).expect("an index") + 1));
    assert!(matches!(verify(&holed, Kind::Tape), Err(JournalError::Missing { .. })));
}

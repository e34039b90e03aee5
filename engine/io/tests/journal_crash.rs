//! A crash at any write, a write torn at any byte: what was acknowledged is there, nothing is there twice, and the journal goes on.

mod sim;
#[path = "../../host/tests/kept/disk.rs"]
mod traced;

use bot4_io::disk::Disk;
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, JournalError, Records, Writer};
use sim::{Fault, SimDisk, Survives};
use traced::{Files, Left, Traced};

const SEGMENT: u64 = 16_384;

/// Record `n` of the script: lengths from 0 to 90 bytes, its number in every byte.
fn payload(n: u64) -> Vec<u8> {
    vec![n as u8; (n * 37 % 91) as usize]
}

/// Appends `events` records, a commit after every 1 to 7 of them; returns how many were acknowledged and how many were tried.
fn script<D: Disk + Clone>(disk: &D, durability: Durability, from: u64, events: u64) -> (u64, u64) {
    let mut acknowledged = 0;
    let run = |acknowledged: &mut u64| -> Result<u64, JournalError> {
        let (mut writer, recovered) = Writer::open(disk.clone(), Kind::Control, durability, SEGMENT)?;
        assert_eq!(recovered.records, from, "the script goes on where the journal ends");
        *acknowledged = from;
        let mut commit_at = from;
        for n in from..from + events {
            assert_eq!(writer.append((n % 9) as u16, 1, n as i64 * 1_000, n / 2, &payload(n))?, n);
            if n >= commit_at {
                *acknowledged = writer.commit()?;
                commit_at = n + 1 + n % 7;
            }
        }
        *acknowledged = writer.commit()?;
        Ok(*acknowledged)
    };
    let outcome = run(&mut acknowledged);
    (acknowledged, outcome.unwrap_or(from + events))
}

/// Reads everything and returns how many records there are; each must be the script's.
fn read<D: Disk>(disk: &D) -> u64 {
    let mut records = match Records::open(disk, Kind::Control) {
        Ok(records) => records,
        Err(JournalError::Empty { .. }) => return 0,
        Err(error) => panic!("{error}"),
    };
    let mut count = 0;
    while let Some(block) = records.next_block().unwrap_or_else(|e| panic!("{e}")) {
        for record in block {
            let head = record.head;
            assert_eq!((head.number, head.kind, head.time, head.tape), (count, (count % 9) as u16, count as i64 * 1_000, count / 2));
            assert_eq!(record.payload, payload(count));
            count += 1;
        }
    }
    assert!(records.notes.is_empty(), "{:?}", records.notes);
    count
}

/// After a crash: recovers, checks what is there, goes on, and reads a right journal to the end.
fn goes_on<D: Disk + Clone>(disk: &D, durability: Durability, acknowledged: u64, tried: u64, case: &str) {
    let (writer, recovered) = Writer::open(disk.clone(), Kind::Control, durability, SEGMENT).unwrap_or_else(|e| panic!("{case}: {e}"));
    drop(writer);
    assert!((acknowledged..=tried).contains(&recovered.records), "{case}: {} records, {acknowledged} acknowledged", recovered.records);
    let (further, _) = script(disk, durability, recovered.records, 40);
    assert_eq!((further, read(disk)), (recovered.records + 40, recovered.records + 40), "{case}");
}

#[test]
fn a_crash_at_every_write_of_two_thousand_events_loses_nothing_acknowledged() {
    let mut points = 0;
    for durability in [Durability::Fsync, Durability::PageCache] {
        let disk = Traced::default();
        let (mut writer, _) = Writer::open(disk.clone(), Kind::Control, durability, SEGMENT).expect("a new journal");
        let (mut trail, mut commit_at) = (vec![(0, 0)], 0);
        for n in 0..2_000 {
            writer.append((n % 9) as u16, 1, n as i64 * 1_000, n / 2, &payload(n)).expect("room");
            if n >= commit_at || n == 1_999 {
                let acknowledged = writer.commit().expect("no fault");
                trail.push((disk.operations(), acknowledged));
                commit_at = n + 1 + n % 7;
            }
        }
        assert!(disk.files().len() > 5, "the script fills several segments");
        let kinds: &[Left] = match durability {
            Durability::Fsync => &[Left::All, Left::Nothing, Left::Zeros(100)],
            Durability::PageCache => &[Left::All],
        };
        disk.crashes(
            0,
            &Files::new(),
            |_| kinds.to_vec(),
            |point, left, disk| {
                points += 1;
                let case = format!("{durability:?}, crash before operation {point}, {left:?}");
                let acknowledged = trail.iter().rev().find(|at| at.0 <= point).expect("the beginning").1;
                goes_on(&disk, durability, acknowledged, 2_000, &case);
            },
        );
    }
    assert!(points > 4_000, "{points} points");
}

#[test]
fn the_last_block_torn_at_every_byte_in_four_ways_is_cut() {
    // The write of the last block, then the write of its mark: both are torn.
    let whole = SimDisk::default();
    script(&whole, Durability::Fsync, 0, 60);
    let (mut torn, last) = (0, whole.operations());
    for point in last - 2..=last {
        let disk = SimDisk::with(Fault::Crash(point));
        let (acknowledged, tried) = script(&disk, Durability::Fsync, 0, 60);
        for byte in 0..=disk.last_write() {
            for survives in [Survives::Prefix(byte), Survives::Suffix(byte), Survives::Rubbish(byte), Survives::Sectors(byte)] {
                goes_on(&disk.after_crash(survives), Durability::Fsync, acknowledged, tried, &format!("operation {point}, {survives:?}"));
                torn += 1;
            }
        }
    }
    assert!(torn > 800, "{torn} tears");
}

#[test]
fn a_crash_while_recovering_is_recovered() {
    let disk = SimDisk::default();
    script(&disk, Durability::Fsync, 0, 60);
    let broken = SimDisk::with(Fault::Crash(disk.operations() - 2));
    let (acknowledged, tried) = script(&broken, Durability::Fsync, 0, 60);
    let left = broken.after_crash(Survives::Rubbish(10));
    for point in 0..12 {
        let again = SimDisk::with(Fault::Crash(point));
        left.names().iter().for_each(|name| again.put(name, left.file(name)));
        drop(Writer::open(again.clone(), Kind::Control, Durability::Fsync, SEGMENT));
        for survives in [Survives::All, Survives::Nothing] {
            goes_on(
                &again.after_crash(survives),
                Durability::Fsync,
                acknowledged,
                tried,
                &format!("second crash at {point}, {survives:?}"),
            );
        }
    }
}

#[test]
fn a_sync_that_fails_ends_the_writer_and_is_not_tried_again() {
    let disk = SimDisk::with(Fault::SyncFails(40));
    let (mut writer, _) = Writer::open(disk.clone(), Kind::Control, Durability::Fsync, SEGMENT).expect("a new journal");
    let mut acknowledged = 0;
    let error = loop {
        let n = writer.append(1, 1, 0, 0, b"order").expect("gathering needs no disk");
        match writer.commit() {
            Ok(next) => acknowledged = next,
            Err(error) => break (n, error),
        }
    };
    assert!(matches!(error.1, JournalError::Io { action: "sync", .. }), "{}", error.1);
    let syncs = disk.syncs();
    assert!(matches!(writer.append(1, 1, 0, 0, b"order"), Err(JournalError::Failed)));
    assert!(matches!(writer.commit(), Err(JournalError::Failed)) && matches!(writer.sync(), Err(JournalError::Failed)));
    assert_eq!(disk.syncs(), syncs, "no further sync was asked for");
    let (_, recovered) = Writer::open(disk.after_crash(Survives::Nothing), Kind::Control, Durability::Fsync, SEGMENT).expect("recovers");
    assert_eq!(recovered.records, acknowledged);
}

#[test]
fn a_full_or_read_only_disk_is_a_sentence_and_loses_nothing() {
    let disk = SimDisk::with(Fault::Full(SEGMENT * 2));
    let (acknowledged, _) = script(&disk, Durability::Fsync, 0, 2_000);
    assert!(acknowledged > 200);
    let (mut writer, recovered) = Writer::open(disk.clone(), Kind::Control, Durability::Fsync, SEGMENT).expect("reads what is there");
    assert_eq!(recovered.records, acknowledged);
    let mut said = None;
    while said.is_none() {
        said = writer.append(1, 1, 0, 0, &[0; 80]).and_then(|_| writer.commit()).err();
    }
    assert!(said.expect("full").to_string().starts_with("the disk is full"));

    let error = Writer::open(SimDisk::with(Fault::ReadOnly), Kind::Control, Durability::Fsync, SEGMENT).err().expect("refused");
    assert!(error.to_string().contains("could not make a segment"), "{error}");
}

//! Damage of any kind is found: flipped bits, records or blocks that are swapped, repeated, missing, files that are gone.

mod sim;

use bot4_io::journal::format::{BLOCK_HEAD, BlockHead, CHAIN, DATA_AT, Kind};
use bot4_io::journal::{Durability, JournalError, Writer, verify};
use sim::SimDisk;

const SEGMENT: u64 = 8_192;

fn journal(commits: u64, each: u64) -> SimDisk {
    let disk = SimDisk::default();
    let (mut writer, _) = Writer::open(disk.clone(), Kind::Control, Durability::Fsync, SEGMENT).expect("a new journal");
    for n in 0..commits {
        for m in 0..each {
            writer.append(1, 1, n as i64, 0, &[(n + m) as u8; 40]).expect("room");
        }
        writer.commit().expect("no fault");
    }
    disk
}

fn blocks(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut found) = (DATA_AT as usize, Vec::new());
    while let Ok(head) = BlockHead::decode(bytes[at..at + BLOCK_HEAD].try_into().expect("sized")) {
        let size = BLOCK_HEAD + head.bytes as usize + CHAIN;
        found.push((at, size));
        at += size;
        if at + BLOCK_HEAD > bytes.len() {
            break;
        }
    }
    found
}

/// A start on the journal either refuses, or says what it repaired and still has every record.
fn is_found(disk: &SimDisk, records: u64) -> bool {
    match verify(disk, Kind::Control) {
        Err(_) => true,
        Ok(report) => !report.notes.is_empty() && report.next == records,
    }
}

#[test]
fn every_byte_damaged_is_found() {
    let whole = journal(60, 3);
    assert!(verify(&whole, Kind::Control).expect("right").notes.is_empty());
    let (mut flips, mut seed) = (0_u64, 9_u64);
    for name in whole.names() {
        let bytes = whole.file(&name);
        for at in 0..bytes.len() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut wrong = bytes.clone();
            wrong[at] ^= 1 << (seed >> 61);
            let disk = whole.copy();
            disk.put(&name, wrong);
            assert!(is_found(&disk, 180), "{name}, byte {at}");
            flips += 1;
        }
    }
    assert!(flips > 20_000, "{flips}");
}

#[test]
fn corruption_is_refused_with_its_offset_and_nothing_is_changed() {
    let whole = journal(10, 3);
    let name = whole.names()[0].clone();
    let mut bytes = whole.file(&name);
    let (at, _) = blocks(&bytes)[4];
    bytes[at + BLOCK_HEAD + 50] ^= 4;
    whole.put(&name, bytes.clone());
    let error = Writer::open(whole.clone(), Kind::Control, Durability::Fsync, SEGMENT).err().expect("refused");
    let JournalError::Corrupt { place, what } = &error else { panic!("{error}") };
    assert_eq!((place.offset, *what), (at as u64, "has a record whose checksum is wrong"));
    assert_eq!(whole.file(&name), bytes);
}

#[test]
fn swapped_and_repeated_blocks_and_records_are_found() {
    let whole = journal(10, 3);
    let name = whole.names()[0].clone();
    let bytes = whole.file(&name);
    let found = blocks(&bytes);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let (disk, mut wrong) = (whole.copy(), bytes.clone());
        change(&mut wrong);
        disk.put(&name, wrong);
        verify(&disk, Kind::Control)
    };
    let record = 80;
    for pair in found.windows(2) {
        let ((a, size), (b, _)) = (pair[0], pair[1]);
        let swapped = changed(&|w| (0..size).for_each(|i| w.swap(a + i, b + i)));
        assert!(matches!(&swapped, Err(JournalError::Corrupt { place, .. }) if place.offset == a as u64), "{swapped:?}");
        let repeated = changed(&|w| w.copy_within(a..a + size, b));
        assert!(matches!(&repeated, Err(JournalError::Corrupt { place, .. }) if place.offset == b as u64), "{repeated:?}");
        let first = a + BLOCK_HEAD;
        let records = changed(&|w| (0..record).for_each(|i| w.swap(first + i, first + record + i)));
        assert!(matches!(&records, Err(JournalError::Corrupt { place, .. }) if place.offset == a as u64), "{records:?}");
        let twice = changed(&|w| w.copy_within(first..first + record, first + record));
        assert!(matches!(&twice, Err(JournalError::Corrupt { place, .. }) if place.offset == a as u64), "{twice:?}");
    }
}

#[test]
fn a_cut_file_and_a_missing_file_are_found() {
    let whole = journal(60, 3);
    let names = whole.names();
    assert!(names.len() > 3);
    for name in &names {
        let disk = whole.copy();
        disk.drop_file(name);
        let error = verify(&disk, Kind::Control).expect_err("a file is gone");
        assert!(matches!(&error, JournalError::Missing { file } if file == name), "{error}");
        let bytes = whole.file(name);
        let last = *blocks(&bytes).last().expect("a block");
        for length in [0, 100, DATA_AT as usize, last.0, last.0 + last.1 - 1] {
            let disk = whole.copy();
            disk.put(name, bytes[..length].to_vec());
            assert!(verify(&disk, Kind::Control).is_err(), "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn a_rebuilt_block_does_not_fit_the_chain() {
    // Someone writes other records with right checksums: the blocks after it do not follow from it.
    let (whole, other) = (journal(10, 3), journal(10, 3));
    let (mut writer, _) = Writer::open(SimDisk::default(), Kind::Control, Durability::Fsync, SEGMENT).expect("new");
    assert_eq!(writer.append(7, 1, 0, 0, &[0; 40]).expect("room"), 0);
    let name = other.names()[0].clone();
    let mut bytes = whole.file(&name);
    let forged = SimDisk::default();
    let (mut writer, _) = Writer::open(forged.clone(), Kind::Control, Durability::Fsync, SEGMENT).expect("new");
    for _ in 0..3 {
        writer.append(1, 1, 0, 0, &[99; 40]).expect("room");
    }
    writer.commit().expect("no fault");
    let foreign = forged.file(&name);
    let (at, size) = blocks(&bytes)[0];
    bytes[at..at + size].copy_from_slice(&foreign[at..at + size]);
    whole.put(&name, bytes);
    let error = verify(&whole, Kind::Control).expect_err("forged");
    assert!(matches!(&error, JournalError::Corrupt { what: "has a block whose chain is broken", .. }), "{error}");
}

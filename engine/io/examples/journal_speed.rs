//! Prints how fast the journal writes and is read back, on a folder given as argument: records of 64 bytes, a commit every 64.

use std::path::Path;
use std::time::Instant;

use bot4_io::disk::Folder;
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, Writer, verify};

const SEGMENT: u64 = 64 << 20;
const EACH: u64 = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::args().nth(1).ok_or("name an empty folder to write in")?;
    for (durability, records) in [(Durability::PageCache, 2_000_000), (Durability::Fsync, 20_000)] {
        let path = Path::new(&place).join(durability.word());
        let folder = Folder::make(&path)?;
        let (mut writer, _) = Writer::open(Folder::open(&path)?, Kind::Control, durability, SEGMENT)?;
        let begun = Instant::now();
        for n in 0..records {
            writer.append(1, 1, n as i64, n, &[n as u8; 64])?;
            if n % EACH == EACH - 1 {
                writer.commit()?;
            }
        }
        writer.commit()?;
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{:<10} {:>9.0} records/s, {:.1} us a commit of {EACH}",
            durability.word(),
            records as f64 / seconds,
            seconds * 1e6 / (records / EACH) as f64
        );
        let begun = Instant::now();
        let report = verify(&folder, Kind::Control)?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("  read and checked {} records in {:.3} s: {:.3} s per million", report.next, seconds, seconds * 1e6 / report.next as f64);
        drop(writer);
        let begun = Instant::now();
        let (_, recovered) = Writer::open(Folder::open(&path)?, Kind::Control, durability, SEGMENT)?;
        println!("  recovered in {:.3} s per million", begun.elapsed().as_secs_f64() * 1e6 / recovered.records as f64);
    }
    Ok(())
}

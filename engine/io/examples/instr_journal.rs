//! Instructions of a journal's records, gathered, summed, chained and handed to a disk that does nothing: 64 bytes each, a commit every 64. Counted
//! by `python -m scripts.instructions`.

use bot4_io::disk::{Disk, DiskFile};
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, Writer};
use std::io::{Error, ErrorKind, Result};

const RECORDS: u64 = 20_480;
const EACH: u64 = 64;

/// A disk that keeps the first page of its last segment, and forgets the rest.
struct Nothing;

#[derive(Default)]
struct Page(Vec<u8>);

impl Disk for Nothing {
    type File = Page;
    type Claim = ();
    fn names(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn open(&self, _: &str, _: bool) -> Result<Page> {
        Err(Error::from(ErrorKind::NotFound))
    }
    fn create(&self, _: &str, _: u64) -> Result<Page> {
        Ok(Page(vec![0; 4096]))
    }
    fn remove(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn sync_names(&self) -> Result<()> {
        Ok(())
    }
    fn claim(&self, _: &str) -> Result<()> {
        Ok(())
    }
}

impl DiskFile for Page {
    fn size(&self) -> Result<u64> {
        Ok(self.0.len() as u64)
    }
    fn read_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        out.copy_from_slice(&self.0[offset as usize..offset as usize + out.len()]);
        Ok(())
    }
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        if offset == 0 {
            self.0[..bytes.len()].copy_from_slice(bytes);
        }
        Ok(())
    }
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
    fn resize(&mut self, _: u64) -> Result<()> {
        Ok(())
    }
}

/// Writes so many records; only this is counted.
#[inline(never)]
fn instr_section(writer: &mut Writer<Nothing>) -> u64 {
    for n in 0..RECORDS {
        writer.append(1, 1, n as i64, n, &[n as u8; 64]).expect("room");
        if n % EACH == EACH - 1 {
            writer.commit().expect("nothing fails");
        }
    }
    writer.next()
}

fn main() {
    let (mut writer, _) = Writer::open(Nothing, Kind::Control, Durability::PageCache, 64 << 20).expect("a new journal");
    assert_eq!(instr_section(&mut writer), RECORDS);
}

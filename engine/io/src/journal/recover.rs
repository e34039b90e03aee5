//! Starting on what a crash left: everything acknowledged is kept, what was never acknowledged is cut, corruption is refused.

use super::error::JournalError;
use super::format::{DATA_AT, Kind, MARKS_AT, SegmentHead, file_name};
use super::scan::{Records, indices};
use super::segment::{End, Segment, open_segment};
use crate::disk::{Disk, DiskFile};

/// Bytes that were cut from the end: never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// File.
    pub file: String,
    /// From this byte on.
    pub offset: u64,
}

/// What a start found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records in the journal, those that have rotated away among them.
    pub records: u64,
    /// Number of the oldest record that is kept.
    pub first: u64,
    /// What was cut.
    pub cut: Option<Cut>,
    /// What was found and repaired, in words.
    pub notes: Vec<String>,
}

/// Cuts what the page cache lost when the machine went down: from the first byte of the newest segment that is not there on. Without a loss nothing
/// is changed.
///
/// # Errors
/// Returns what else is wrong with the segment, or why the disk refuses.
pub(super) fn cut_loss<D: Disk>(disk: &D, kind: Kind) -> Result<Option<Cut>, JournalError> {
    let last = *indices(disk, kind)?.last().expect("there is one, or an error");
    let mut segment = open_segment(disk, kind, last, false)?;
    loop {
        match segment.step() {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return Ok(None),
            Err(JournalError::Lost { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    let io = |e| JournalError::io("cut what was lost", e);
    let size = segment.file.size().map_err(io)?;
    segment.file.resize(segment.at).map_err(io)?;
    segment.file.resize(size).map_err(io)?;
    segment.file.sync().map_err(io)?;
    // Both marks promised more than there is, so both are written anew; a crash between them leaves one that is still to be cut.
    for _ in 0..MARKS_AT.len() {
        segment.mark_here().map_err(io)?;
    }
    Ok(Some(Cut { file: segment.name, offset: segment.at }))
}

/// Reads the whole journal, cuts its torn tail and returns its last segment, ready for writing.
///
/// # Errors
/// Returns [`JournalError::Corrupt`], `Lost`, `Missing` where a start would lose something, `Io` where the disk refuses.
pub(super) fn recover<D: Disk>(disk: &D, kind: Kind, segment_bytes: u64) -> Result<(Segment<D::File>, Recovered), JournalError> {
    let found = match indices(disk, kind) {
        Ok(found) => found,
        Err(JournalError::Empty { .. }) => return begin(disk, kind, segment_bytes, Vec::new()),
        Err(error) => return Err(error),
    };
    if let Some(notes) = unfinished_start(disk, kind, &found)? {
        disk.remove(&file_name(kind, 0)).map_err(|e| JournalError::io("remove an unfinished segment", e))?;
        return begin(disk, kind, segment_bytes, notes);
    }
    let mut records = Records::open(disk, kind)?;
    while records.next_block()?.is_some() {}
    let (notes, first) = (std::mem::take(&mut records.notes), records.first());
    let read = records.into_segment();
    let last = found[found.len() - 1];
    if read.head.index < last {
        disk.remove(&file_name(kind, last)).map_err(|e| JournalError::io("remove an unfinished segment", e))?;
        disk.sync_names().map_err(|e| JournalError::io("sync its folder", e))?;
    }
    let (segment, cut) = reopen(disk, kind, &read, segment_bytes)?;
    Ok((segment, Recovered { records: read.next, first, cut, notes }))
}

/// Makes the first segment.
fn begin<D: Disk>(disk: &D, kind: Kind, segment_bytes: u64, notes: Vec<String>) -> Result<(Segment<D::File>, Recovered), JournalError> {
    let head = SegmentHead { kind, index: 0, first: 0, chain: [0; 32] };
    Ok((make(disk, &head, segment_bytes)?, Recovered { notes, ..Recovered::default() }))
}

/// Makes a segment: allocated, with its head, durable.
pub(super) fn make<D: Disk>(disk: &D, head: &SegmentHead, segment_bytes: u64) -> Result<Segment<D::File>, JournalError> {
    let name = file_name(head.kind, head.index);
    let mut file = disk.create(&name, segment_bytes).map_err(|e| JournalError::io("make a segment", e))?;
    file.write_at(&head.encode(), 0).map_err(|e| JournalError::io("write a segment's head", e))?;
    file.sync().map_err(|e| JournalError::io("sync a segment's head", e))?;
    disk.sync_names().map_err(|e| JournalError::io("sync its folder", e))?;
    Segment::open(file, name, head.kind, head.index)
}

/// Tells whether the only segment is one that a crash left without a head: nothing was ever written behind it.
fn unfinished_start<D: Disk>(disk: &D, kind: Kind, found: &[u64]) -> Result<Option<Vec<String>>, JournalError> {
    if found != [0] {
        return Ok(None);
    }
    let name = file_name(kind, 0);
    let file = disk.open(&name, true).map_err(|e| JournalError::io("open a segment", e))?;
    match Segment::open(file, name.clone(), kind, 0) {
        Ok(_) => return Ok(None),
        Err(JournalError::Corrupt { .. }) => {}
        Err(error) => return Err(error),
    }
    let file = disk.open(&name, true).map_err(|e| JournalError::io("open a segment", e))?;
    let size = file.size().map_err(|e| JournalError::io("read", e))?;
    let (mut at, mut page) = (512, vec![0_u8; 1 << 16]);
    while at < size {
        let length = (size - at).min(page.len() as u64) as usize;
        file.read_at(&mut page[..length], at).map_err(|e| JournalError::io("read", e))?;
        if page[..length].iter().any(|&b| b != 0) {
            return Ok(None);
        }
        at += length as u64;
    }
    Ok(Some(vec![format!("{name} had no whole head and no record: it is made anew")]))
}

/// Opens the last segment for writing at the end of its whole blocks, zeros behind it, at its full size.
fn reopen<D: Disk>(
    disk: &D,
    kind: Kind,
    read: &Segment<D::File>,
    segment_bytes: u64,
) -> Result<(Segment<D::File>, Option<Cut>), JournalError> {
    let mut segment = open_segment(disk, kind, read.head.index, false)?;
    let end = loop {
        if let Err(end) = segment.step()? {
            break end;
        }
    };
    let cut = matches!(end, End::Torn(_)).then(|| Cut { file: segment.name.clone(), offset: segment.at });
    let io = |e| JournalError::io("cut the torn tail", e);
    let size = segment.file.size().map_err(io)?;
    if cut.is_some() {
        segment.file.resize(segment.at.max(DATA_AT)).map_err(io)?;
    }
    if cut.is_some() || size < segment_bytes {
        segment.file.resize(size.max(segment_bytes)).map_err(io)?;
        segment.file.sync().map_err(io)?;
    }
    Ok((segment, cut))
}

//! A snapshot of a run: where both journals stood, and the whole state there, as bytes that are refused unless every one is right.
//!
//! Fields in one fixed order, little-endian ([`crate::memory::snapshot`]), closed by BLAKE3 of all before. The state's own fields carry their
//! versions (desk, signals, orders); what another version wrote is refused, never guessed.
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const MAGIC: u64 = u64::from_le_bytes(*b"BOT4SNAP");
const VERSION: u64 = 1;
const HASH: usize = 32;

/// How far a journal had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Number of the next record.
    pub next: u64,
    /// Chain over all before.
    pub chain: [u8; HASH],
}

/// Funding rates of one instrument that the tape held so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// How many have been settled for certain: they need only keep their places.
    pub settled: u64,
    /// Time (ms) and bits of those after them.
    pub waiting: Vec<(i64, u64)>,
}

/// A run's state between two rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// BLAKE3 of the journal's first record: whose run it is.
    pub setup: [u8; HASH],
    /// Grid rows taken.
    pub rows: u64,
    /// Decision time of the last one, ms.
    pub ts: i64,
    /// Equity there, 1e-8 of the account currency.
    pub equity: i64,
    /// The control journal.
    pub control: Mark,
    /// The tape.
    pub tape: Mark,
    /// Funding rates on the tape so far, by instrument.
    pub rates: Vec<Rates>,
    /// Hash of the state: what a `check` record there says.
    pub hash: [u8; HASH],
    /// The state: signals, book, risk, ledger ([`crate::replay::Replay::save`]).
    pub state: Vec<u8>,
    /// The orders that the journal follows.
    pub orders: Vec<u8>,
}

impl Snapshot {
    /// Returns the bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.u64(MAGIC);
        to.u64(VERSION);
        put_hash(&mut to, &self.setup);
        to.u64(self.rows);
        to.i64(self.ts);
        to.i64(self.equity);
        for mark in [&self.control, &self.tape] {
            to.u64(mark.next);
            put_hash(&mut to, &mark.chain);
        }
        to.u64(self.rates.len() as u64);
        for rates in &self.rates {
            to.u64(rates.settled);
            to.u64(rates.waiting.len() as u64);
            for &(ts, bits) in &rates.waiting {
                to.i64(ts);
                to.u64(bits);
            }
        }
        put_hash(&mut to, &self.hash);
        to.u64(self.state.len() as u64);
        to.u64(self.orders.len() as u64);
        let mut bytes = to.finish();
        bytes.extend_from_slice(&self.state);
        bytes.extend_from_slice(&self.orders);
        let seal = blake3::hash(&bytes);
        bytes.extend_from_slice(seal.as_bytes());
        bytes
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// Returns one clause about what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (body, seal) = bytes.split_last_chunk::<HASH>().ok_or("it is cut short")?;
        if blake3::hash(body).as_bytes() != seal {
            return Err("its bytes are not what was written".to_owned());
        }
        let mut from = Reader::new(body);
        let head = Self::read(&mut from).map_err(|error| error.to_string())?;
        let (mut found, states, orders) = head;
        let rest = &body[body.len() - from.left()..];
        if states.checked_add(orders) != Some(rest.len()) {
            return Err("its lengths do not fit".to_owned());
        }
        (found.state, found.orders) = (rest[..states].to_vec(), rest[states..].to_vec());
        if *blake3::hash(&found.state).as_bytes() != found.hash {
            return Err("its state has another hash than it says".to_owned());
        }
        Ok(found)
    }

    fn read(from: &mut Reader<'_>) -> Result<(Self, usize, usize), SnapshotError> {
        from.expect("first eight bytes", MAGIC)?;
        from.expect("version", VERSION)?;
        let setup = get_hash(from)?;
        let (rows, ts, equity) = (from.u64()?, from.i64()?, from.i64()?);
        let mut mark = || Ok(Mark { next: from.u64()?, chain: get_hash(from)? });
        let (control, tape) = (mark()?, mark()?);
        let count = from.u64()?;
        let rates = (0..count).map(|_| Rates::read(from)).collect::<Result<_, _>>()?;
        let hash = get_hash(from)?;
        let (state, orders) = (from.u64()? as usize, from.u64()? as usize);
        let found = Self { setup, rows, ts, equity, control, tape, rates, hash, state: Vec::new(), orders: Vec::new() };
        Ok((found, state, orders))
    }
}

impl Rates {
    fn read(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (settled, count) = (from.u64()?, from.u64()?);
        let waiting = (0..count).map(|_| Ok((from.i64()?, from.u64()?))).collect::<Result<_, _>>()?;
        Ok(Self { settled, waiting })
    }
}

fn put_hash(to: &mut Writer, hash: &[u8; HASH]) {
    hash.chunks_exact(8).for_each(|word| to.u64(u64::from_le_bytes(word.try_into().expect("eight bytes"))));
}

fn get_hash(from: &mut Reader<'_>) -> Result<[u8; HASH], SnapshotError> {
    let mut hash = [0; HASH];
    for word in hash.chunks_exact_mut(8) {
        word.copy_from_slice(&from.u64()?.to_le_bytes());
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let state = vec![7, 8, 9];
        Snapshot {
            setup: [1; 32],
            rows: 65_536,
            ts: -5,
            equity: 1 << 40,
            control: Mark { next: 3, chain: [2; 32] },
            tape: Mark { next: 4, chain: [3; 32] },
            rates: vec![Rates::default(), Rates { settled: 9, waiting: vec![(-1, 5)] }],
            hash: *blake3::hash(&state).as_bytes(),
            state,
            orders: vec![],
        }
    }

    #[test]
    fn a_snapshot_comes_back_and_no_flipped_bit_and_no_cut_passes() {
        let whole = snapshot().encode();
        assert_eq!(Snapshot::decode(&whole), Ok(snapshot()));
        for bit in 0..whole.len() * 8 {
            let mut wrong = whole.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(Snapshot::decode(&wrong).is_err(), "bit {bit}");
        }
        (0..whole.len()).for_each(|length| assert!(Snapshot::decode(&whole[..length]).is_err()));
    }

    #[test]
    fn another_version_and_a_state_that_is_not_its_hash_are_refused_by_name() {
        let sealed = |mut body: Vec<u8>| {
            body.truncate(body.len() - HASH);
            let seal = blake3::hash(&body);
            [body, seal.as_bytes().to_vec()].concat()
        };
        let mut later = snapshot().encode();
        later[8] = 2;
        assert!(Snapshot::decode(&sealed(later)).unwrap_err().contains("version is 2, this program has 1"));
        let forged = Snapshot { state: vec![7, 8, 10], ..snapshot() }.encode();
        assert_eq!(Snapshot::decode(&forged), Err("its state has another hash than it says".to_owned()));
    }
}

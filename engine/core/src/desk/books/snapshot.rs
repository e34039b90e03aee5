//! Books as bytes.
use super::{Average, BookKey, Books, Fifo};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const VERSION: u64 = 1;

impl Books {
    /// Writes the state.
    pub fn save(&self, to: &mut Writer) {
        to.u64(VERSION);
        to.u64(self.holdings.len() as u64);
        to.u64(self.purses.len() as u64);
        [self.key.strategy, self.key.account, self.key.venue].into_iter().for_each(|x| to.u64(u64::from(x)));
        for holding in &self.holdings {
            let plain = [holding.lots, holding.fees, holding.carried, holding.value, holding.paid];
            plain.into_iter().for_each(|x| to.i64(x));
            to.u64(holding.fills);
            to.i128(holding.turnover);
            holding.average.save(to);
            holding.fifo.save(to);
        }
        for purse in &self.purses {
            [purse.start, purse.flow, purse.interest, purse.transfers].into_iter().for_each(|x| to.i64(x));
        }
    }

    /// Reads a state into books of the same contracts and wallets.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("books version", VERSION)?;
        from.expect("number of assets", self.holdings.len() as u64)?;
        from.expect("number of wallets", self.purses.len() as u64)?;
        let mut number = || from.u64().map(|x| x as u32);
        self.key = BookKey { strategy: number()?, account: number()?, venue: number()? };
        for holding in &mut self.holdings {
            (holding.lots, holding.fees) = (from.i64()?, from.i64()?);
            (holding.carried, holding.value, holding.paid) = (from.i64()?, from.i64()?, from.i64()?);
            holding.fills = from.u64()?;
            holding.turnover = from.i128()?;
            holding.average = Average::load(from)?;
            holding.fifo = Fifo::load(from)?;
        }
        for purse in &mut self.purses {
            (purse.start, purse.flow) = (from.i64()?, from.i64()?);
            (purse.interest, purse.transfers) = (from.i64()?, from.i64()?);
        }
        Ok(())
    }
}

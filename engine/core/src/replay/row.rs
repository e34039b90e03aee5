//! One row at a time: where some signals read the book, and the desk and they take turns; where a step has finer bars; and where sleeves share bars.
use super::Replay;
use super::block::Block;
use crate::desk::Halt;
use crate::money::Overflow;

impl Replay<'_> {
    /// Steps every time of the block, row by row.
    pub(super) fn steps_by_row(&mut self) -> Result<(), Halt> {
        for step in 0..self.grid.grid().len() {
            self.market_row(step)?;
            self.decide_row(step)?;
            if self.desk.outbox.is_full() {
                self.records.drain(&mut self.desk.outbox);
            }
        }
        Ok(())
    }

    /// Takes the market half of a row.
    #[inline(always)]
    pub(super) fn market_row(&mut self, step: usize) -> Result<(), Halt> {
        let grid = self.grid.grid();
        let (ts, present) = (grid.ts()[step], grid.present(step));
        // The market half reads no target.
        let block = Block::of_bars(&self.rows, &self.first_rows, &self.wires, &self.funding, &self.signals, &self.news);
        match &mut self.detail {
            None => self.desk.market(ts, present, &block),
            Some(detail) => detail.market(&mut self.desk, ts, present, &block, |outbox| self.records.drain(outbox)),
        }
    }

    /// Takes the decision half of a row: signals that read the book, then the desk, then the mark of equity.
    #[inline(always)]
    pub(super) fn decide_row(&mut self, step: usize) -> Result<(), Halt> {
        let grid = self.grid.grid();
        let (ts, present) = (grid.ts()[step], grid.present(step));
        if self.feedback {
            for entry in present {
                self.views[entry.asset as usize] = self.desk.position_view(entry.asset as usize);
            }
            let account = self.desk.account_view().map_err(|Overflow| Halt { asset: 0, ts })?;
            self.signals.feedback(step, &self.views, &account);
            self.news.row(&self.signals, present);
        }
        let t = ts + self.interval_ms;
        let due = self.rebalance.is_none_or(|schedule| schedule.due(self.previous_t, t));
        self.previous_t = Some(t);
        let block = Block::new(&self.rows, &self.first_rows, &self.wires, &self.funding, &self.signals, &self.news);
        self.desk.decide(t, due, present, &block)?;
        if t >= self.trade_from_ms {
            self.equity_ts.push(t);
            self.equity.push(self.desk.equity());
        }
        Ok(())
    }
}

//! What all symbols share: accounts, orders, lists, numbers.

use super::accounts::Accounts;
use super::lists::Lists;
use super::past::Past;
use super::rules::Counts;
use super::store::{NONE, Record, Store};
use super::told::{As, Told};
use crate::profile::Tier;
use crate::profile::refusal::Codes;
use crate::report::{Act, Fill};
use crate::{Account, Amount, Asset};

/// What all symbols share.
#[derive(Debug)]
pub struct Core {
    /// Accounts.
    pub accounts: Accounts,
    /// Orders.
    pub store: Store,
    /// Order lists.
    pub lists: Lists,
    /// Next order id.
    pub next_order: u64,
    /// Executions so far.
    pub execution: u64,
    /// Codes of refusals.
    pub codes: Codes,
    /// The exchange's own counts.
    pub counts: Counts,
    /// Orders that have been set off and wait for their turn, with their ids.
    pub fired: Vec<(u32, u64)>,
    /// Lists whose orders have changed.
    pub touched: Vec<u32>,
    /// Asset the volume is counted in.
    pub volume_asset: Asset,
    /// Fees by volume.
    pub tiers: Vec<Tier>,
    /// MAX_ASSET by asset; 0 is no bound.
    pub most_of: Vec<Amount>,
    /// What accounts may ask about later.
    pub past: Past,
}

impl Core {
    /// Tells an order as it is.
    #[inline]
    pub fn report(&mut self, slot: u32, act: Act, fill: Option<&Fill>, name: As<'_>, tell: &mut impl FnMut(Told<'_>)) {
        self.execution += 1;
        tell(Told::Execution { act, order: self.store.seen(slot), fill, name, why: None, execution: self.execution });
    }

    /// Notes that an order of a list has changed.
    #[inline]
    pub fn touch(&mut self, list: u32) {
        if list != NONE && self.touched.last() != Some(&list) {
            self.touched.push(list);
        }
    }

    /// Puts an order behind its account's open ones.
    #[inline]
    pub fn link(&mut self, slot: u32) {
        let account = self.store.get(slot).account;
        let (_, last) = self.accounts.state(account).open;
        let record = self.store.get_mut(slot);
        (record.before, record.after) = (last, NONE);
        if last != NONE {
            self.store.get_mut(last).after = slot;
        }
        let open = &mut self.accounts.state_mut(account).open;
        open.1 = slot;
        if open.0 == NONE {
            open.0 = slot;
        }
    }

    /// Takes an order from its account's open ones.
    #[inline]
    pub fn unlink(&mut self, slot: u32) {
        let &Record { before, after, account, .. } = self.store.get(slot);
        if before != NONE {
            self.store.get_mut(before).after = after;
        }
        if after != NONE {
            self.store.get_mut(after).before = before;
        }
        let open = &mut self.accounts.state_mut(account).open;
        if open.0 == slot {
            open.0 = after;
        }
        if open.1 == slot {
            open.1 = before;
        }
    }

    /// Puts an order behind its account's that are over; the oldest goes where there are too many.
    #[inline]
    pub fn bury(&mut self, slot: u32) {
        let account = self.store.get(slot).account;
        if let Some(oldest) = self.accounts.state_mut(account).done.push(slot) {
            self.store.remove(oldest);
        }
    }

    /// Returns the fees of a 30-day volume: maker, taker.
    #[must_use]
    pub fn fees_of(tiers: &[Tier], volume: Amount) -> (i64, i64) {
        let tier = tiers.iter().rev().find(|tier| tier.volume.0 <= volume).or(tiers.first());
        tier.map_or((0, 0), |tier| (tier.maker.0, tier.taker.0))
    }

    /// Tells whether an account is there.
    #[inline]
    pub fn has(&self, account: Account) -> bool {
        (account as usize) < self.accounts.count()
    }
}

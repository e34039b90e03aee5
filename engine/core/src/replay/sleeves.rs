//! Several programs on one account: each has a desk, books and signals of its own; bars, order numbers and the records are common.
//!
//! Of one row: the market half of every member in turn, then the decision half of every member in turn, then orders that could meet an order of
//! another member are held back. Nothing is lent and nothing netted. A run of one program never comes here. Rules: docs/semantics.md, section 8.
use super::Replay;
use super::block::Block;
use crate::config::Config;
use crate::desk::cross::Offer;
use crate::desk::order::{KeyedRecord, NO_KEY, OrderRecord};
use crate::desk::reason::Status;
use crate::desk::records::Records;
use crate::desk::{Desk, Halt};
use crate::event::Entry;
use crate::money::{E9, Overflow};

/// A program that asks for nothing: one column, of which nobody reads.
const IDLE: &str =
    r#"{"version":1,"kind":"expression","interval_ms":INTERVAL,"clocks":[INTERVAL],"nodes":[{"op":"col","in":[],"s":"close"}]}"#;

/// Returns the program of the book that holds the cash which no member has.
pub fn idle_program(interval_ms: i64) -> String {
    IDLE.replace("INTERVAL", &interval_ms.to_string())
}

/// Which member each record belongs to, row by row beside [`Records`].
#[derive(Default)]
pub struct Owners {
    /// Of orders.
    pub orders: Vec<u32>,
    /// Of fills.
    pub fills: Vec<u32>,
    /// The member's own position after each fill, lots.
    pub positions: Vec<i64>,
    /// The member's own flow after each fill, 1e-8 of what the instrument settles in.
    pub flows: Vec<i64>,
    /// Of trades.
    pub trades: Vec<u32>,
    /// Of funding.
    pub funding: Vec<u32>,
    /// Of what guards did.
    pub guard: Vec<u32>,
}

/// One run of several programs over one market.
pub struct Sleeves<'m> {
    members: Vec<Replay<'m>>,
    /// Number of each member's first key among all keys.
    first_keys: Vec<u32>,
    /// Lots that members took of the bar at hand, by asset.
    taken: Vec<i64>,
    /// The account's positions, lots by asset.
    positions: Vec<i64>,
    offers: Vec<Offer>,
    next_order: u32,
    /// Orders that were sent a bar later, by member.
    pub own_crosses: Vec<u64>,
    /// Records of all members; a fill's position and flow are those of the account.
    pub records: Records,
    /// Whose they are.
    pub owners: Owners,
}

/// Returns the configuration of each member, its share of every wallet, and after them one of the cash that none has, if there is any.
///
/// # Errors
/// Returns one sentence where shares do not lie between 0 and 1, add up to more, or leave a member without cash.
pub fn split(config: &Config, shares_e9: &[i64]) -> Result<Vec<Config>, String> {
    let total: i64 = shares_e9.iter().map(|&share| share.clamp(0, 2 * E9)).sum();
    if shares_e9.is_empty() || shares_e9.iter().any(|share| !(1..=E9).contains(share)) || total > E9 {
        return Err("shares of sleeves must lie above 0 and add up to 1 at most".to_string());
    }
    if !config.commands.is_empty()
        || !config.conditions.is_empty()
        || config.policy.as_ref().is_some_and(|policy| policy.breakers.is_some())
    {
        return Err("sleeves take no commands, breakers or conditions of the venue; run each strategy by itself with them".to_string());
    }
    let part = |amount: i64, share: i64| (i128::from(amount) * i128::from(share) / i128::from(E9)) as i64;
    // Nobody decides for the cash that no member has.
    let mut rest = Config { policy: None, ..config.clone() };
    let mut made = Vec::with_capacity(shares_e9.len() + 1);
    for (number, &share) in shares_e9.iter().enumerate() {
        let mut own = config.clone();
        own.cash = part(config.cash, share);
        rest.cash -= own.cash;
        for (at, wallet) in own.wallets.iter_mut().enumerate() {
            wallet.cash = part(config.wallets[at].cash, share);
            rest.wallets[at].cash -= wallet.cash;
        }
        if own.cash == 0 && own.wallets.is_empty() {
            return Err(format!("the share of sleeve {} is less than one unit of cash; give more cash or a larger share", number + 1));
        }
        made.push(own);
    }
    let has_rest = if config.wallets.is_empty() { rest.cash > 0 } else { rest.wallets.iter().any(|wallet| wallet.cash > 0) };
    rest.cash = rest.cash.max(1); // With wallets it is not read.
    made.extend(has_rest.then_some(rest));
    Ok(made)
}

impl<'m> Sleeves<'m> {
    /// Joins runs over the same market that have not begun. Orders, fills and what shares a bar's volume stand in the order of members.
    pub fn new(members: Vec<Replay<'m>>) -> Self {
        let mut first_keys = Vec::with_capacity(members.len());
        let (mut keys, mut room) = (0, 0);
        for member in &members {
            first_keys.push(keys);
            keys += member.desk.lanes().keys.len() as u32;
            room += 2 * member.desk.lanes().lanes().len() + member.times.len();
        }
        let assets = members.first().map_or(0, |member| member.times.len());
        Self {
            first_keys,
            taken: vec![0; assets],
            positions: vec![0; assets],
            offers: Vec::with_capacity(room),
            next_order: 0,
            own_crosses: vec![0; members.len()],
            records: Records::default(),
            owners: Owners::default(),
            members,
        }
    }

    /// Returns the members, in their order.
    pub fn members(&self) -> &[Replay<'m>] {
        &self.members
    }

    /// Returns the members, whose equity the host may take.
    pub fn members_mut(&mut self) -> &mut [Replay<'m>] {
        &mut self.members
    }

    /// Takes up to `limit` grid rows in one block; returns how many, 0 at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn advance(&mut self, limit: usize) -> Result<usize, Halt> {
        let mut steps = 0;
        for member in &mut self.members {
            steps = member.take_block(limit);
        }
        for step in 0..steps {
            self.row(step)?;
        }
        Ok(steps)
    }

    fn row(&mut self, step: usize) -> Result<(), Halt> {
        self.market(step)?;
        self.decide(step)
    }

    /// Takes the market half of a row through every member in turn.
    pub(super) fn market(&mut self, step: usize) -> Result<(), Halt> {
        match self.members[0].detail.as_ref().map(|detail| detail.per_bar()) {
            None => self.bar(step),
            Some(per_bar) => self.finer_bars(step, per_bar),
        }
    }

    /// Takes the decision half of a row through every member in turn, then holds back what could meet.
    pub(super) fn decide(&mut self, step: usize) -> Result<(), Halt> {
        let first = self.next_order;
        for who in 0..self.members.len() {
            self.members[who].desk.number_from(self.next_order);
            self.members[who].decide_row(step)?;
            self.collect(who);
        }
        if self.next_order > first { self.hold_crossing(first, step) } else { Ok(()) }
    }

    /// Takes the bar of a row through every member in turn.
    fn bar(&mut self, step: usize) -> Result<(), Halt> {
        self.taken.fill(0);
        for who in 0..self.members.len() {
            let member = &mut self.members[who];
            member.desk.number_from(self.next_order);
            let grid = member.grid.grid();
            let (ts, present) = (grid.ts()[step], grid.present(step));
            share_bars(&mut member.desk, &self.taken, ts, present);
            let block = Block::new(&member.rows, &member.first_rows, &member.wires, &member.funding, &member.signals, &member.news);
            member.desk.market(ts, present, &block)?;
            self.collect(who);
        }
        Ok(())
    }

    /// Takes each finer bar of a row through every member in turn.
    fn finer_bars(&mut self, step: usize, per_bar: usize) -> Result<(), Halt> {
        for at in 0..per_bar {
            self.taken.fill(0);
            for who in 0..self.members.len() {
                let member = &mut self.members[who];
                let Some(detail) = &mut member.detail else { continue };
                member.desk.number_from(self.next_order);
                let grid = member.grid.grid();
                let (ts, present) = (grid.ts()[step], grid.present(step));
                if at == 0 {
                    detail.begin(&mut member.desk, ts, present);
                }
                share_bars(&mut member.desk, &self.taken, ts + at as i64 * detail.interval_ms(), present);
                let block = Block::new(&member.rows, &member.first_rows, &member.wires, &member.funding, &member.signals, &member.news);
                detail.step(&mut member.desk, ts, present, at, &block)?;
                if at + 1 == per_bar {
                    detail.end(&mut member.desk, ts, present);
                }
                self.collect(who);
            }
        }
        Ok(())
    }

    /// Holds back orders of this row, numbered from `first` on, that could meet an order of another member.
    fn hold_crossing(&mut self, first: u32, step: usize) -> Result<(), Halt> {
        for who in 0..self.members.len() {
            self.offers.clear();
            for (other, member) in self.members.iter().enumerate() {
                if other != who {
                    member.desk.offers(&mut self.offers);
                }
            }
            if !self.offers.is_empty() {
                let member = &mut self.members[who];
                let ts = member.grid.grid().ts()[step];
                self.own_crosses[who] += member.desk.hold_crossing(first, &self.offers).map_err(|Overflow| Halt { asset: 0, ts })?;
            }
        }
        Ok(())
    }

    /// Moves what a member has recorded to the records of all, and notes what it took of the bar.
    fn collect(&mut self, who: usize) {
        let (owner, first_key) = (who as u32, self.first_keys[who]);
        let member = &mut self.members[who];
        self.next_order = member.desk.next_number();
        let outbox = &mut member.desk.outbox;
        self.owners.orders.extend(outbox.orders.iter().map(|_| owner));
        self.owners.trades.extend(outbox.trades.iter().map(|_| owner));
        self.owners.funding.extend(outbox.funding.iter().map(|_| owner));
        self.records.orders.append(&mut outbox.orders);
        self.records.trades.append(&mut outbox.trades);
        self.records.funding.append(&mut outbox.funding);
        self.owners.guard.extend(outbox.guard.iter().map(|_| owner));
        self.records.guard.append(&mut outbox.guard);
        self.records.keyed.extend(outbox.keyed.drain(..).map(|record| of_all(record, first_key)));
        if self.members[who].desk.outbox.fills.is_empty() {
            return;
        }
        let mut fills = std::mem::take(&mut self.members[who].desk.outbox.fills);
        for mut fill in fills.drain(..) {
            let asset = fill.asset as usize;
            self.taken[asset] = self.taken[asset].saturating_add(fill.lots.abs());
            self.positions[asset] += fill.lots;
            self.owners.fills.push(owner);
            self.owners.positions.push(fill.position);
            self.owners.flows.push(fill.flow);
            let others = self.members.iter().enumerate().filter(|(other, _)| *other != who);
            fill.flow += others.map(|(_, member)| member.desk.ledger().flow_of(asset)).sum::<i64>();
            fill.position = self.positions[asset];
            self.records.fills.push(fill);
        }
        self.members[who].desk.outbox.fills = fills;
    }

    /// Drops the records so far.
    pub(super) fn forget(&mut self) {
        self.records.clear();
        self.owners = Owners::default();
    }

    /// Ends the records: what still works or is open is added as such, and orders are put by number.
    pub fn close(&mut self) {
        for (who, member) in self.members.iter().enumerate() {
            let (desk, owner): (&Desk, u32) = (&member.desk, who as u32);
            for &order in desk.working() {
                self.records.orders.push(OrderRecord { order, status: Status::Working, done_ts: -1 });
                self.owners.orders.push(owner);
            }
            self.records.keyed.extend(desk.working_keyed().map(|record| of_all(record, self.first_keys[who])));
            for trade in desk.open_trades() {
                self.records.trades.push(trade);
                self.owners.trades.push(owner);
            }
        }
        let mut rows: Vec<usize> = (0..self.records.orders.len()).collect();
        rows.sort_by_key(|&row| self.records.orders[row].order.id);
        self.owners.orders = rows.iter().map(|&row| self.owners.orders[row]).collect();
        self.records.sort();
    }

    /// Returns the hash of the state of all members.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        self.members.iter().for_each(|member| {
            hasher.update(&member.hash());
        });
        hasher.update(&self.next_order.to_le_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Tells a desk what others took of the bars it is about to take.
fn share_bars(desk: &mut Desk, taken: &[i64], ts: i64, present: &[Entry]) {
    for entry in present {
        let asset = entry.asset as usize;
        if taken[asset] > 0 {
            desk.share_bar(asset, ts, taken[asset]);
        }
    }
}

/// Numbers a record's key among the keys of all members.
fn of_all(record: KeyedRecord, first_key: u32) -> KeyedRecord {
    KeyedRecord { key: if record.key == NO_KEY { NO_KEY } else { record.key + first_key }, ..record }
}

//! Entries: from signals to positions in units. Rules: docs/semantics.md, section 8.
//!
//! Of one decision: holds end → time stop → out, turn or one more unit → new positions by priority, while there is room. What comes out are the
//! same intents that targets make; checks, sends, fills, stops and takes are theirs.

use super::decide::Intent;
use super::entry_rule::{Book, EntryRule, Signals, Wish};
use super::reason::{Cause, Reason};
use super::rule::{Age, MISSING};
use super::size::SizeUnit;
use super::stops::{Hold, Rearm};
use super::{Desk, Source};
use crate::event;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::Overflow;

/// What is kept of one asset's entries between decisions.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Bits of the signals last looked at.
    seen: [u64; 3],
    /// Row and decision time of the bar of the last exit.
    exit: Option<(u64, i64)>,
}

/// A new position that waits for room.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    priority: f64,
    /// Its place among the intents.
    intent: usize,
    local: usize,
}

/// Rules and state of all entries.
pub(super) struct Entries {
    rules: Vec<Option<EntryRule>>,
    states: Vec<State>,
    candidates: Vec<Candidate>,
}

impl Entries {
    pub fn new(rules: Vec<Option<EntryRule>>) -> Self {
        let assets = rules.len();
        Self { rules, states: vec![State { seen: [0; 3], exit: None }; assets], candidates: Vec::with_capacity(assets) }
    }

    /// Returns whether the program has none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the asset's rule.
    #[inline(always)]
    pub fn rule(&self, asset: usize) -> Option<&EntryRule> {
        self.rules.get(asset).and_then(Option::as_ref)
    }

    /// Returns the bits of the signals last looked at.
    #[inline(always)]
    pub fn seen(&self, asset: usize) -> [u64; 3] {
        self.states[asset].seen
    }

    /// Returns row and decision time of the bar of an asset's last exit.
    pub fn exit_of(&self, asset: usize) -> Option<(u64, i64)> {
        self.states.get(asset).and_then(|state| state.exit)
    }

    /// Starts the cool-down: the bar of this row closed a position; `t` is its decision time.
    pub fn note_exit(&mut self, asset: usize, row: u64, t: i64) {
        self.states[asset].exit = Some((row, t));
    }

    fn is_cooling(&self, asset: usize, cooldown: Option<Age>, row: u64, t: i64) -> bool {
        let since = cooldown.zip(self.states[asset].exit);
        since.is_some_and(|(cooldown, (exit_row, exit_t))| !cooldown.is_reached((row - exit_row) as i64, t - exit_t))
    }

    pub fn save(&self, to: &mut Writer) {
        for state in &self.states {
            state.seen.iter().for_each(|&bits| to.u64(bits));
            to.bool(state.exit.is_some());
            if let Some((row, t)) = state.exit {
                to.u64(row);
                to.i64(t);
            }
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        for state in &mut self.states {
            state.seen = [from.u64()?, from.u64()?, from.u64()?];
            state.exit = if from.bool()? { Some((from.u64()?, from.i64()?)) } else { None };
        }
        Ok(())
    }
}

impl Desk {
    /// Returns whether an asset with entries must be looked at.
    #[inline(always)]
    pub(super) fn entries_changed<S: Source>(&self, present: &[event::Entry], src: &S) -> bool {
        if self.entries.is_empty() {
            return false;
        }
        present.iter().any(|entry| {
            let asset = entry.asset as usize;
            self.entries.rule(asset).is_some()
                && (self.slots[asset].dirty || src.signals(asset, entry.row as usize).map(f64::to_bits) != self.entries.seen(asset))
        })
    }

    /// Looks at the asset's signals; returns what they ask for. A new position becomes a candidate and does not act yet.
    pub(super) fn read_entry<S: Source>(&mut self, t: i64, asset: usize, local: usize, src: &S) -> Result<Option<Intent>, Overflow> {
        let row = src.row(asset, local);
        let Some(&rule) = self.entries.rule(asset).filter(|rule| row >= rule.settled) else {
            return Ok(None);
        };
        let raw = src.signals(asset, local);
        let bits = raw.map(f64::to_bits);
        // An asset at rest is left alone, so that what others do changes nothing here.
        if !self.slots[asset].dirty && bits == self.entries.states[asset].seen {
            return Ok(None);
        }
        self.entries.states[asset].seen = bits;
        let signals = Signals::read(raw);
        let is_cooling = self.entries.is_cooling(asset, rule.cooldown, row, t);
        let position = &self.ledger.positions[asset];
        let slot = &mut self.slots[asset];
        if slot.hold.is_some_and(|hold| hold.is_over(rule.rearm, Some(signals.side), row, t)) {
            slot.hold = None;
        }
        let ages = position.lots != 0 && rule.age.is_some();
        let is_stopping = slot.working.as_ref().is_some_and(|order| order.reason.is_stop());
        if ages && !is_stopping && rule.age.is_some_and(|age| age.is_reached(position.bars, t - position.first_fill)) {
            slot.hold = Some(Hold { side: position.lots.signum(), row, ts: t });
            slot.dirty = true;
            return self.intent_of_entry(asset, local, &rule, 0, Reason::StopTime, src).map(Some);
        }
        let book = Book { position: position.lots, in_flight: slot.in_flight(), is_working: slot.working.is_some(), units: position.units };
        let wish = rule.wish(signals, book, slot.hold.is_some() || is_cooling);
        // What was wished for is looked at again; a hold that waits for a new signal is not, before there is one.
        let waits_for_signal = slot.hold.is_some() && rule.rearm == Rearm::NewSignal;
        slot.dirty = ages || (wish != Wish::Nothing && !(wish == Wish::Wait && waits_for_signal));
        let (desired, reason) = match wish {
            Wish::Nothing | Wish::Wait => return Ok(None),
            Wish::Open(side) => {
                let priority = src.priority(asset, local);
                // Zero has one sign here, and what is missing comes last.
                let priority = if priority.is_nan() { f64::NEG_INFINITY } else { priority + 0.0 };
                self.entries.candidates.push(Candidate { priority, intent: self.intents.len(), local });
                (side, Reason::Entry)
            }
            Wish::Leave => (0, Reason::ExitSignal),
            Wish::Turn(side) | Wish::Add(side) => match (self.unit(asset, local, &rule, side, src)?, wish) {
                (0, Wish::Turn(_)) if book.position + book.in_flight != 0 => (0, Reason::ExitSignal),
                (0, _) => return Ok(None),
                (unit, Wish::Add(_)) => (book.position.checked_add(side * unit).ok_or(Overflow)?, Reason::Entry),
                (unit, _) => (side * unit, Reason::Entry),
            },
        };
        let mut intent = self.intent_of_entry(asset, local, &rule, desired, reason, src)?;
        intent.acts = !matches!(wish, Wish::Open(_));
        Ok(Some(intent))
    }

    fn intent_of_entry<S: Source>(
        &mut self,
        asset: usize,
        local: usize,
        rule: &EntryRule,
        desired: i64,
        reason: Reason,
        src: &S,
    ) -> Result<Intent, Overflow> {
        let ticks = self.contracts[asset].scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
        self.slots[asset].mark = ticks;
        let distance = |has: bool, distance: f64| if has && desired != 0 { self.distance(asset, distance) } else { 0 };
        Ok(Intent {
            asset: asset as u32,
            target: MISSING,
            ticks,
            desired,
            wanted: 0,
            cause: Cause::None,
            acts: true,
            reason,
            fixed_ticks: distance(rule.fixed, src.fixed(asset, local)),
            trailing_ticks: distance(rule.trailing, src.trailing(asset, local)),
            take_ticks: distance(rule.take, src.take(asset, local)),
        })
    }

    /// Returns the lots of one unit; 0, and counted, where there is none: no size, less than a lot, or short where that cannot be.
    fn unit<S: Source>(&mut self, asset: usize, local: usize, rule: &EntryRule, side: i64, src: &S) -> Result<i64, Overflow> {
        let contract = &self.contracts[asset];
        let size = rule.unit.quantise(&contract.scale, src.size(asset, local));
        let per_unit = if rule.unit == SizeUnit::Risk { self.distance(asset, src.per_unit(asset, local)) } else { 1 };
        let lots = if size == MISSING || per_unit < 1 || (side < 0 && contract.is_long_only()) {
            0
        } else {
            let ticks = contract.scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
            rule.unit.lots(&contract.scale, size, self.to_settlement(asset, self.equity())?, rule.share, ticks, per_unit)?
        };
        self.slots[asset].counters.rejected_units += u64::from(lots == 0);
        Ok(lots)
    }

    /// Lets new positions act while there is room: by priority, largest first, then by id. A unit that is no lot takes no room.
    pub(super) fn admit_entries<S: Source>(&mut self, src: &S) -> Result<(), Overflow> {
        if self.entries.candidates.is_empty() {
            return Ok(());
        }
        let mut open = self.positions_after_exits();
        let mut candidates = std::mem::take(&mut self.entries.candidates);
        // Intents stand by id.
        candidates.sort_unstable_by(|a, b| b.priority.total_cmp(&a.priority).then(a.intent.cmp(&b.intent)));
        for &Candidate { intent, local, .. } in &candidates {
            let (asset, side) = (self.intents[intent].asset as usize, self.intents[intent].desired);
            let Some(&rule) = self.entries.rule(asset) else { continue };
            if rule.max_positions.is_some_and(|most| open >= most) {
                self.slots[asset].counters.ignored_signals += 1;
                continue;
            }
            let unit = self.unit(asset, local, &rule, side, src)?;
            let intent = &mut self.intents[intent];
            (intent.desired, intent.acts) = (side * unit, unit > 0);
            open += i64::from(intent.acts);
        }
        candidates.clear();
        self.entries.candidates = candidates;
        Ok(())
    }

    /// Counts the assets with entries that will have a position once everything in flight and decided is filled.
    fn positions_after_exits(&self) -> i64 {
        let mut listed = self.intents.iter().peekable();
        let mut open = 0;
        for (asset, rule) in self.entries.rules.iter().enumerate() {
            let intent = listed.next_if(|intent| intent.asset as usize == asset).filter(|intent| intent.acts);
            let after = intent.map_or_else(|| self.ledger.positions[asset].lots + self.slots[asset].in_flight(), |intent| intent.desired);
            open += i64::from(rule.is_some() && after != 0);
        }
        open
    }

    /// Cancels what the intent replaces and says how many lots it moves.
    pub(super) fn choose_entry(&mut self, intent: &mut Intent, t: i64) -> Result<(), Overflow> {
        if !intent.acts {
            return Ok(());
        }
        let asset = intent.asset as usize;
        let position = self.ledger.positions[asset].lots;
        intent.wanted = intent.desired.checked_sub(position).ok_or(Overflow)?.abs();
        self.cancel(asset, t, self.slots[asset].ended_by(intent.reason));
        Ok(())
    }
}

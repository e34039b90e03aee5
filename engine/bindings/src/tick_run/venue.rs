//! The replay of ticks as the desk's venue: acts become requests, what it tells becomes reports, and every fill keeps its evidence.
use super::evidence::{Evidence, Mids};
use bot4_engine::desk::reason::{Cause, FillRule, Tif};
use bot4_engine::desk::remote::{Act, Outgoing, Report, What};
use bot4_engine::replay::ticks::Venue;
use bot4_ticks::book::Side;
use bot4_ticks::columns::Columns;
use bot4_ticks::latency::Latency;
use bot4_ticks::queue::Queue;
use bot4_ticks::replay::{Ask, Config, Force, Realism, Replay, Report as Told, Told as Word, Why};
use std::collections::HashMap;

/// Orders at the venue and on their way at once.
const ORDERS: usize = 4_096;

/// What a run assumes of the venue, as Python words it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Queue model.
    queue: String,
    realism: String,
    /// Time of an order, a cancel or a report on its way: the median where `sigma` is above 0.
    order_ns: i64,
    sigma: f64,
    seed: u64,
    /// How long what was taken takes to come back.
    recovery_ns: i64,
}

impl Terms {
    fn config(&self) -> Result<Config, String> {
        let latency = || match self.sigma {
            0.0 => Latency::Constant(self.order_ns),
            sigma => Latency::LogNormal { median_ns: self.order_ns, sigma },
        };
        let realism = match self.realism.as_str() {
            "strict" => Realism::Strict,
            "neutral" => Realism::Neutral,
            "naive" => Realism::Naive,
            other => return Err(format!("there is no realism {other}")),
        };
        Ok(Config {
            queue: Queue::named(&self.queue, 3.0).ok_or_else(|| format!("there is no queue model {}", self.queue))?,
            realism,
            entry: latency(),
            cancel: latency(),
            response: latency(),
            recovery_ns: self.recovery_ns,
            max_orders: ORDERS,
            seed: self.seed,
        })
    }
}

/// Our replay of ticks.
pub struct TickVenue<'a> {
    replay: Replay<'a>,
    mids: Mids,
    /// The desk's order by the replay's number, which counts from 1.
    sent: Vec<Outgoing>,
    heard: Vec<Told>,
    ids: HashMap<u32, u64>,
    joined: HashMap<u32, i64>,
    refused: Vec<Report>,
    /// Evidence of fills, in the order of reports.
    pub evidence: Vec<Evidence>,
}

impl<'a> TickVenue<'a> {
    /// Opens the venue before the first row.
    ///
    /// # Errors
    /// Returns one sentence where columns or terms cannot be right.
    pub fn new(columns: Columns<'a>, terms: &Terms) -> Result<Self, String> {
        let replay = Replay::new(columns, &terms.config()?).map_err(|refused| refused.to_string())?;
        Ok(Self {
            replay,
            mids: Mids::of(&columns),
            sent: Vec::new(),
            heard: Vec::new(),
            ids: HashMap::new(),
            joined: HashMap::new(),
            refused: Vec::new(),
            evidence: Vec::new(),
        })
    }

    fn send(&mut self, local_ns: i64, out: &Outgoing) {
        let force = match (out.tif, out.post_only, out.price) {
            (Tif::Ioc, ..) | (_, _, None) => Force::Now,
            (Tif::Fok, ..) => Force::All,
            (_, true, _) => Force::Post,
            _ => Force::Rest,
        };
        let side = if out.side > 0 { Side::Bid } else { Side::Ask };
        match self.replay.submit(Ask { side, ticks: out.price, lots: out.lots, force }) {
            Ok(id) => {
                self.sent.push(*out);
                debug_assert_eq!(id as usize, self.sent.len(), "the replay counts from 1");
                self.ids.insert(out.order, id);
            }
            Err(_) => {
                let what = What::Ended(Cause::Refused);
                self.refused.push(Report { order: out.order, venue_ns: local_ns, local_ns, what });
            }
        }
    }

    /// Returns what the desk is told, if anything.
    fn told(&mut self, told: &Told) -> Option<Report> {
        let Outgoing { order, tif, .. } = self.sent[told.id as usize - 1];
        let what = match told.told {
            Word::Accepted => {
                self.joined.insert(order, told.exch_ns);
                return None;
            }
            Word::Amended | Word::NotThere => return None,
            Word::Cancelled => What::Ended(Cause::None),
            Word::Expired => What::Ended(if tif == Tif::Fok { Cause::Fok } else { Cause::Ioc }),
            Word::WouldTake => What::Ended(Cause::WouldTake),
            Word::Filled => self.filled(told),
        };
        if matches!(what, What::Ended(_)) || told.left == 0 {
            self.ids.remove(&order);
            self.joined.remove(&order);
        }
        Some(Report { order, venue_ns: told.exch_ns, local_ns: told.local_ns, what })
    }

    fn filled(&mut self, told: &Told) -> What {
        let Outgoing { order, side, .. } = self.sent[told.id as usize - 1];
        let rule = match told.why {
            Why::Took | Why::None => FillRule::Took,
            Why::Queue => FillRule::Queue,
            Why::Through | Why::Crossed => FillRule::Crossed,
        };
        let mid2 = self.mids.before(told.exch_ns, told.is_maker).unwrap_or(2 * told.ticks);
        let joined_ns = if told.is_maker { self.joined.get(&order).copied().unwrap_or(-1) } else { -1 };
        let (venue_ns, local_ns, ticks, row) = (told.exch_ns, told.local_ns, told.ticks, told.row);
        self.evidence.push(Evidence { venue_ns, local_ns, mid2, row, joined_ns, side, ticks });
        // Half a tick of the mid is rounded to the price of the fill: no cost is made of it.
        let mid = if told.ticks * 2 > mid2 { (mid2 + 1).div_euclid(2) } else { mid2.div_euclid(2) };
        What::Filled { lots: told.lots, ticks: told.ticks, base: if told.is_maker { told.ticks } else { mid }, rule }
    }
}

impl Venue for TickVenue<'_> {
    fn reports(&mut self, local_ns: i64, to: &mut Vec<Report>) {
        to.append(&mut self.refused);
        let mut heard = std::mem::take(&mut self.heard);
        heard.clear();
        heard.extend_from_slice(self.replay.advance_to(local_ns));
        for told in &heard {
            to.extend(self.told(told));
        }
        self.heard = heard;
    }

    fn act(&mut self, local_ns: i64, act: &Act) {
        match act {
            Act::Send(out) => self.send(local_ns, out),
            Act::Cancel(order) => {
                if let Some(&id) = self.ids.get(order) {
                    self.replay.cancel(id);
                }
            }
        }
    }
}

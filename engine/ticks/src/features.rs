//! What a strategy sees of ticks, sampled: best prices, mid, microprice, spread, imbalance, order flow, trades.
//!
//! A row stands at a time of the grid and knows every event that had arrived by then, at that very nanosecond included. The order flow is
//! that of R. Cont, A. Kukanov, S. Stoikov, "The price impact of order book events" (J. Financial Econometrics 12, 2014, equation 4): between
//! one best quote and the next, with q the quantity and P the price at the best bid (b) and ask (a),
//! e = 1(Pb' ≥ Pb) qb' − 1(Pb' ≤ Pb) qb − 1(Pa' ≤ Pa) qa' + 1(Pa' ≥ Pa) qa, summed since the row before. A side that is empty before or after adds
//! nothing. The book is looked at after whole messages only: within one it may be crossed.

use crate::book::{Fast, Level, Levels, Side};
use crate::columns::{BadColumns, Best, Columns, FIRST, LAST, SNAPSHOT};

/// What is sampled, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Distance of the rows, ns, aligned to 1970; 0: a row for every local time at which something arrived.
    pub every_ns: i64,
    /// Levels of each side that the depth imbalance counts.
    pub levels: usize,
}

/// The samples, a column each. Prices are in ticks, quantities in lots; what cannot be computed is NaN, an empty side 0.
#[derive(Default)]
pub struct Samples {
    /// Local time of the row, ns.
    pub local_ns: Vec<i64>,
    /// Best bid.
    pub bid_ticks: Vec<i64>,
    /// Its lots.
    pub bid_lots: Vec<i64>,
    /// Best ask.
    pub ask_ticks: Vec<i64>,
    /// Its lots.
    pub ask_lots: Vec<i64>,
    /// (bid + ask) / 2.
    pub mid: Vec<f64>,
    /// (bid × ask lots + ask × bid lots) / (bid lots + ask lots).
    pub microprice: Vec<f64>,
    /// ask − bid.
    pub spread: Vec<f64>,
    /// (bid lots − ask lots) / (bid lots + ask lots) at the best.
    pub imbalance: Vec<f64>,
    /// The same over the stated number of levels of the book.
    pub depth_imbalance: Vec<f64>,
    /// Order flow since the row before, lots.
    pub ofi: Vec<i64>,
    /// Lots that aggressors bought since the row before.
    pub bought: Vec<i64>,
    /// Lots that aggressors sold since the row before.
    pub sold: Vec<i64>,
    /// (bought − sold) / (bought + sold) since the row before.
    pub trade_imbalance: Vec<f64>,
    /// Price of the last trade so far, ticks; 0 before the first.
    pub last: Vec<i64>,
    /// Trades since the row before.
    pub trades: Vec<i64>,
    /// Quotes (messages of depth, or best quotes) since the row before.
    pub quotes: Vec<i64>,
}

/// Best bid and ask; nothing for an empty side.
type Top = (Option<Level>, Option<Level>);

/// What has happened since the last row.
#[derive(Default)]
struct Flow {
    top: Top,
    ofi: i64,
    bought: i64,
    sold: i64,
    last: i64,
    trades: i64,
    quotes: i64,
}

impl Flow {
    fn quote(&mut self, top: Top) {
        self.quotes += 1;
        if let (Some(before), Some(now)) = (self.top.0, top.0) {
            self.ofi += i64::from(now.ticks >= before.ticks) * now.lots - i64::from(now.ticks <= before.ticks) * before.lots;
        }
        if let (Some(before), Some(now)) = (self.top.1, top.1) {
            self.ofi += i64::from(now.ticks >= before.ticks) * before.lots - i64::from(now.ticks <= before.ticks) * now.lots;
        }
        self.top = top;
    }
}

/// Returns the part of a sum by which the first outweighs the second; NaN of nothing.
fn balance(first: i64, second: i64) -> f64 {
    (first - second) as f64 / (first + second) as f64
}

impl Samples {
    fn push(&mut self, at: i64, flow: &mut Flow, book: &Fast, levels: usize) {
        let (bid, ask) = flow.top;
        let level = |side: Option<Level>| side.map_or((0, 0), |level| (level.ticks, level.lots));
        let ((bid_ticks, bid_lots), (ask_ticks, ask_lots)) = (level(bid), level(ask));
        let is_whole = bid.is_some() && ask.is_some();
        let when = |value: f64| if is_whole { value } else { f64::NAN };
        self.local_ns.push(at);
        self.bid_ticks.push(bid_ticks);
        self.bid_lots.push(bid_lots);
        self.ask_ticks.push(ask_ticks);
        self.ask_lots.push(ask_lots);
        self.mid.push(when((bid_ticks + ask_ticks) as f64 / 2.0));
        let weighed = bid_ticks as f64 * ask_lots as f64 + ask_ticks as f64 * bid_lots as f64;
        self.microprice.push(when(weighed / (bid_lots + ask_lots) as f64));
        self.spread.push(when((ask_ticks - bid_ticks) as f64));
        self.imbalance.push(when(balance(bid_lots, ask_lots)));
        self.depth_imbalance.push(balance(sum(book, Side::Bid, levels), sum(book, Side::Ask, levels)));
        self.trade_imbalance.push(balance(flow.bought, flow.sold));
        self.last.push(flow.last);
        for (column, value) in [
            (&mut self.ofi, &mut flow.ofi),
            (&mut self.bought, &mut flow.bought),
            (&mut self.sold, &mut flow.sold),
            (&mut self.trades, &mut flow.trades),
            (&mut self.quotes, &mut flow.quotes),
        ] {
            column.push(std::mem::take(value));
        }
    }
}

fn sum(book: &Fast, side: Side, levels: usize) -> i64 {
    std::iter::successors(book.best(side), |level| book.next(side, level.ticks)).take(levels).map(|level| level.lots).sum()
}

/// Samples ticks. With `best` the best prices and the order flow are those the venue publishes, else those of the book.
///
/// # Errors
/// Columns that cannot be read.
pub fn sample(columns: &Columns<'_>, best: Option<&Best<'_>>, sampling: Sampling) -> Result<Samples, BadColumns> {
    let span = columns.check()?;
    if let Some(best) = best {
        best.check()?;
    }
    let quotes = best.map_or(&[][..], |best| best.local_ns);
    let (depth, trades) = (&columns.depth, &columns.trades);
    let mut book = Fast::new(span.0, span.1);
    let (mut to, mut flow) = (Samples::default(), Flow::default());
    let (mut depth_at, mut trade_at, mut quote_at) = (0, 0, 0);
    let mut grid = None;
    loop {
        let next = [depth.local_ns.get(depth_at), trades.local_ns.get(trade_at), quotes.get(quote_at)];
        let Some(now) = next.into_iter().flatten().min().copied() else { break };
        let every = sampling.every_ns;
        if every > 0 {
            let mut row = grid.unwrap_or_else(|| now.div_euclid(every) * every + if now.rem_euclid(every) == 0 { 0 } else { every });
            while row < now {
                to.push(row, &mut flow, &book, sampling.levels);
                row += every;
            }
            grid = Some(row);
        }
        while depth.local_ns.get(depth_at) == Some(&now) {
            level(depth, depth_at, &mut book);
            if best.is_none() && depth.flags[depth_at] & LAST != 0 {
                flow.quote((book.best(Side::Bid), book.best(Side::Ask)));
            }
            depth_at += 1;
        }
        while let Some(best) = best.filter(|_| quotes.get(quote_at) == Some(&now)) {
            let of = |ticks, lots| (lots > 0).then_some(Level { ticks, lots });
            flow.quote((of(best.bid_ticks[quote_at], best.bid_lots[quote_at]), of(best.ask_ticks[quote_at], best.ask_lots[quote_at])));
            quote_at += 1;
        }
        while trades.local_ns.get(trade_at) == Some(&now) {
            flow.last = trades.ticks[trade_at];
            flow.trades += 1;
            *(if trades.buyer_is_maker[trade_at] != 0 { &mut flow.sold } else { &mut flow.bought }) += trades.lots[trade_at];
            trade_at += 1;
        }
        if every == 0 {
            to.push(now, &mut flow, &book, sampling.levels);
        } else if grid == Some(now) {
            to.push(now, &mut flow, &book, sampling.levels);
            grid = Some(now + every);
        }
    }
    Ok(to)
}

fn level(depth: &crate::columns::Depth<'_>, row: usize, book: &mut Fast) {
    if depth.flags[row] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
        book.clear();
    }
    book.set(Side::of(depth.side[row]), depth.ticks[row], depth.lots[row]);
}

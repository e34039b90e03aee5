//! What a symbol has traded: last price, weighted average, reference price, the last trades.

use super::accounts::Ring;
use crate::profile::PriceRange;
use crate::{Amount, Micros};

/// Width of a bucket of the average price.
const BUCKET: Micros = 10_000_000;
/// Buckets of an hour and the one that is filled.
const BUCKETS: usize = 361;
const MINUTE: Micros = 60_000_000;

/// A public trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traded {
    /// Trade id of the symbol.
    pub trade: u64,
    /// Price.
    pub price: Amount,
    /// Base quantity.
    pub quantity: Amount,
    /// Quote quantity.
    pub quote: Amount,
    /// When.
    pub time: Micros,
    /// Whether the buyer rested.
    pub buyer_is_maker: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    number: i64,
    base: i128,
    value: i128,
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    number: i64,
    count: i64,
    sum: i128,
}

/// A symbol's trades.
#[derive(Debug, Clone)]
pub struct Tape {
    /// Next trade id.
    pub next_trade: u64,
    /// Price of the last trade; 0 before the first.
    pub last: Amount,
    trades: Ring<Traded>,
    /// A ring by number of the bucket.
    buckets: Vec<Bucket>,
    /// Sums over the buckets of the window, and the newest bucket's number.
    base: i128,
    value: i128,
    newest: i64,
    /// Place of the newest bucket, and when it is over.
    at: usize,
    over: Micros,
    /// Buckets of the window.
    window: i64,
    /// The average; 0 where it must be made again.
    average: Amount,
    range: Option<PriceRange>,
    means: Vec<Mean>,
}

impl Tape {
    /// Returns an empty tape that keeps `most` trades and averages over minutes.
    pub fn new(most: usize, minutes: u32, range: Option<PriceRange>) -> Self {
        Self {
            next_trade: 1,
            last: 0,
            trades: Ring::new(most),
            buckets: vec![Bucket::default(); BUCKETS],
            base: 0,
            value: 0,
            newest: 0,
            at: 0,
            over: BUCKET,
            window: i64::from(minutes.min(60)) * MINUTE / BUCKET,
            average: 0,
            range,
            means: vec![Mean { number: i64::MIN, count: 0, sum: 0 }; range.map_or(0, |range| range.bucket_count as usize + 1)],
        }
    }

    /// Sets the minutes of the average; what it knows of older trades is kept.
    pub fn set_minutes(&mut self, minutes: u32) {
        self.window = i64::from(minutes.min(60)) * MINUTE / BUCKET;
        let newest = self.newest;
        let kept = |bucket: &&Bucket| bucket.number > newest - self.window && bucket.number <= newest;
        (self.base, self.value) = self.buckets.iter().filter(kept).fold((0, 0), |sum, bucket| (sum.0 + bucket.base, sum.1 + bucket.value));
        self.average = 0;
    }

    /// Notes a trade.
    #[inline]
    pub fn push(&mut self, traded: Traded) {
        self.last = traded.price;
        self.next_trade = traded.trade + 1;
        self.trades.push(traded);
        self.advance(traded.time);
        let bucket = &mut self.buckets[self.at];
        let value = i128::from(traded.price) * i128::from(traded.quantity);
        bucket.base += i128::from(traded.quantity);
        bucket.value += value;
        self.base += i128::from(traded.quantity);
        self.value += value;
        self.average = 0;
        if self.range.is_some() {
            self.mean(traded.price, traded.time);
        }
    }

    /// Lets what is older than the window go.
    #[inline]
    fn advance(&mut self, now: Micros) {
        if now >= self.over {
            self.roll(now.div_euclid(BUCKET));
        }
    }

    #[cold]
    fn roll(&mut self, number: i64) {
        let first = self.newest - self.window + 1;
        for gone in first..(number - self.window + 1).min(self.newest + 1) {
            let bucket = &self.buckets[gone.rem_euclid(BUCKETS as i64) as usize];
            if bucket.number == gone {
                self.base -= bucket.base;
                self.value -= bucket.value;
            }
        }
        self.newest = number;
        self.over = (number + 1).saturating_mul(BUCKET);
        self.at = number.rem_euclid(BUCKETS as i64) as usize;
        self.buckets[self.at] = Bucket { number, base: 0, value: 0 };
        self.average = 0;
    }

    /// Returns the weighted average price over the window (buckets of 10 s, rounded down); the last price where the window is 0 or
    /// nothing traded in it; 0 where nothing ever traded.
    #[inline]
    pub fn average(&mut self, now: Micros) -> Amount {
        self.advance(now);
        if self.average == 0 {
            self.average = if self.window == 0 || self.base == 0 { self.last } else { (self.value / self.base) as Amount };
        }
        self.average
    }

    /// Tells whether a price is within an eighth of the average of a window in which something traded, which needs no division. False says
    /// nothing.
    #[inline]
    pub fn is_near(&mut self, now: Micros, price: Amount) -> bool {
        self.advance(now);
        let away = i128::from(price) * i128::from(self.base as i64) - self.value;
        self.window != 0 && self.base > 0 && self.base <= i128::from(i64::MAX) && away.abs() <= self.value >> 3
    }

    /// Adds a trade price to the bucket of its time (Binance Spot, "How does the Matching Engine calculate the reference price?").
    fn mean(&mut self, price: Amount, now: Micros) {
        let Some(range) = self.range else { return };
        let number = now.div_euclid(range.bucket_width_ms * 1_000);
        let at = number.rem_euclid(self.means.len() as i64) as usize;
        if self.means[at].number != number {
            self.means[at] = Mean { number, count: 0, sum: 0 };
        }
        self.means[at].count += 1;
        self.means[at].sum += i128::from(price);
    }

    /// Returns the reference price; none where nothing traded in the window. Counts and sums carry four decimals more, the oldest bucket
    /// counts for the part of it that lies in the window, and the division truncates, as the venue's document says.
    #[must_use]
    pub fn reference(&self, now: Micros) -> Option<Amount> {
        let range = self.range?;
        let width = range.bucket_width_ms * 1_000;
        let cutoff = now - width * i64::from(range.bucket_count);
        let (mut count, mut sum) = (0_i128, 0_i128);
        for mean in &self.means {
            let opened = mean.number.saturating_mul(width);
            if mean.count == 0 || opened > now || opened.saturating_add(width) <= cutoff {
                continue;
            }
            let (mut part_count, mut part_sum) = (i128::from(mean.count) * 10_000, mean.sum * 10_000);
            if opened < cutoff {
                let expired = i128::from(cutoff - opened);
                part_count -= part_count * expired / i128::from(width);
                part_sum -= part_sum * expired / i128::from(width);
            }
            count += part_count;
            sum += part_sum;
        }
        (count > 0).then(|| (sum / count) as Amount)
    }

    /// Visits the last trades, oldest first.
    pub fn trades(&self) -> impl DoubleEndedIterator<Item = &Traded> {
        self.trades.iter()
    }
}
